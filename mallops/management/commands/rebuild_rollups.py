"""Make the roll-ups anew from the ledger. Safe at any time and as often as one likes."""

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from analytics import recount
from merchants.models import Mall


class Command(BaseCommand):
    help = "Make the roll-ups of one mall, or of all, anew from the ledger."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mall", help="short name of one mall; all of them if not given")
        parser.add_argument(
            "--first-days",
            action="store_true",
            help="also make the earliest payment on record the one on which a shopper was new; payments wait meanwhile",
        )

        parser.add_argument(
            "--missing", action="store_true", help="only where an older version made them, without who paid and how"
        )

    def handle(self, *, mall: str | None, first_days: bool, missing: bool, **options) -> None:
        malls = Mall.objects.filter(slug=mall) if mall else Mall.objects.all()
        if mall and not malls:
            raise CommandError(f"There is no mall {mall!r}.")
        for each in malls:
            if missing and not recount.is_missing(each.pk):
                continue
            self.stdout.write(f"{each.slug}: {rebuild(each, first_days=first_days)} cells")


def rebuild(mall: Mall, *, first_days: bool = False, attempts: int = 30) -> int:
    """Rebuild one mall; again if payments that came in meanwhile made the snapshot stale."""
    for attempt in range(1, attempts + 1):
        try:
            return recount.rebuild(mall.pk, first_days=first_days)
        except OperationalError:
            if attempt == attempts:
                raise
    raise AssertionError("unreachable")
