"""Prove the books: every counter and roll-up against the rows it stands for."""

from django.core.management.base import BaseCommand, CommandError

from mallops import ledger_check
from merchants.models import Mall


class Command(BaseCommand):
    help = "Check counters, coupon states and roll-ups against the ledger. Ends with an error if anything disagrees."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mall", help="short name of one mall; all of them if not given")
        parser.add_argument("--show", type=int, default=20, help="how many disagreements to print of each mall")

    def handle(self, *, mall: str | None, show: int, **options) -> None:
        malls = Mall.objects.filter(slug=mall) if mall else Mall.objects.all()
        if mall and not malls:
            raise CommandError(f"There is no mall {mall!r}.")
        wrong = 0
        for each in malls:
            found = list(ledger_check.problems(each))
            wrong += len(found)
            self.stdout.write(f"{each.slug}: {len(found) or 'no'} disagreements")
            for line in found[:show]:
                self.stdout.write(f"  {line}")
        if wrong:
            raise CommandError(f"{wrong} disagreements")
