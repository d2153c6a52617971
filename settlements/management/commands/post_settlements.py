"""Posts what coupons should have posted to the settlement ledger and have not."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchants.models import Mall
from settlements import backfill


class Command(BaseCommand):
    help = "Post coupons from before the settlement ledger. To be run once after an upgrade; again, it does no harm."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mall", help="short name of one mall; all of them if not given")

    def handle(self, *, mall: str | None, **options) -> None:
        malls = Mall.objects.filter(slug=mall) if mall else Mall.objects.all()
        if mall and not malls:
            raise CommandError(f"There is no mall {mall!r}.")
        for each in malls:
            posted = backfill.post_missing(each.pk, now=timezone.now())
            self.stdout.write(f"{each.slug}: {posted:,} entries posted")
