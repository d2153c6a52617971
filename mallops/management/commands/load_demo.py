"""Fill an installation with two invented malls to look at and try things in."""

from datetime import date, datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mallops.demo import marks, people
from mallops.demo.load import Request, load
from mallops.demo.reset import reset
from mallops.lib.dates import day_end


class Command(BaseCommand):
    help = "Load the demonstration malls. Does nothing if they are there already."
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        parser.add_argument("--days", type=int, default=400, help="days of history (default %(default)s)")
        parser.add_argument("--seed", type=int, default=7, help="another number, other shoppers (default %(default)s)")
        parser.add_argument("--until", type=date.fromisoformat, help="last day, such as 2026-10-31 (default: now)")
        parser.add_argument("--scale", type=float, default=1.0, help="how busy, against the usual 750 payments a day")
        parser.add_argument("--password", default=people.PASSWORD, help="for all demo accounts (default %(default)s)")
        parser.add_argument(
            "--reset", dest="anew", action="store_true", help="delete the demo malls first, with all in them"
        )
        parser.add_argument("--print-logins", action="store_true", help="print who may sign in and where they begin")

    def handle(self, *, days, seed, until, scale, password, anew: bool, print_logins: bool, **options) -> None:
        if not 1 <= days <= 1000 or scale <= 0:
            raise CommandError("--days takes 1 to 1000, --scale a number above 0.")
        if not settings.DEBUG and password == people.PASSWORD:
            raise CommandError("MALLOPS_DEBUG is off: choose the password of the demo accounts with --password.")
        if marks.foreign_malls().exists():
            raise CommandError("There is a mall with the short name of a demo mall; the demonstration stays away.")
        if anew or (marks.demo_malls().exists() and not marks.is_loaded()):
            self.stdout.write(f"{reset()} demo malls deleted.")
        keys = {}
        if marks.is_loaded():
            self.stdout.write("The demonstration is loaded already; --reset loads it anew.")
        else:
            request = Request(_until(until), days, seed, scale, password)
            self.stdout.write(f"Loading {days} days of two malls, up to {request.until:%Y-%m-%d %H:%M} UTC:")
            keys = load(request, say=self.stdout.write)
        if print_logins:
            self._print_logins(password, keys)

    def _print_logins(self, password: str, keys: dict[str, str]) -> None:
        self.stdout.write(f"\nSign in at {settings.SITE_URL} with the password {password} as:\n")
        for login in people.logins():
            self.stdout.write(f"  {login.username:<18} {login.role:<18} {login.body:<30} {login.path}")
        if keys:
            self.stdout.write("\nAPI keys, shown this once:\n")
        for label, key in keys.items():
            self.stdout.write(f"  {label:<18} {key}")


def _until(day: date | None) -> datetime:
    """The end of a day in Shanghai, or now."""
    now = timezone.now()
    return min(day_end(day, "Asia/Shanghai"), now) if day else now
