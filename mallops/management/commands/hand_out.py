"""Hand a rule's coupons out from the shell; goes on with a hand-out of the rule that was stopped half-way."""

from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from coupons import handing
from coupons.claiming import ClaimError
from coupons.models import HandOut, Rule
from coupons.models.work import OPEN
from mallops.claim import running
from merchants.queries import directory as directories


class Shell:
    """Stands in for a task's context."""

    def __init__(self, say) -> None:
        self.say = say

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.say(f"  {done:,} of {total:,} shoppers")

    @contextmanager
    def fenced(self):
        with transaction.atomic():
            yield


class Command(BaseCommand):
    help = "Hand the coupons of a live rule with the trigger “hand-out” to all shoppers that meet its conditions."
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        parser.add_argument("rule", type=int, help="number of the rule")
        parser.add_argument("--preview", action="store_true", help="only say how many shoppers would get coupons")

    def handle(self, *, rule: int, preview: bool, **options) -> None:
        found = Rule.objects.select_related("mall").filter(pk=rule).first()
        if found is None:
            raise CommandError(f"There is no rule {rule}.")
        try:
            self._preview(found) if preview else self._run(found)
        except ClaimError as error:
            raise CommandError(f"Rule {rule} cannot be handed out: {error.code}.") from error

    def _preview(self, rule: Rule) -> None:
        ahead = handing.preview(directories.current(rule.mall_id), rule.pk, now=timezone.now())
        self.stdout.write(f"{ahead.shoppers:,} shoppers; coupons for {ahead.awarded:,}, held out {ahead.held_out:,}.")

    def _run(self, rule: Rule) -> None:
        waiting = HandOut.objects.filter(rule=rule, state__in=OPEN, task_id="").first()
        run = waiting or handing.begin(rule=rule, now=timezone.now(), by=None)
        done = running.run(run.pk, Shell(self.stdout.write))
        said = f"{done.state}: {done.seen:,} seen, {done.awarded:,} awarded, {done.held_out:,} held out"
        self.stdout.write(f"{said}{', ' + done.message if done.message else ''}.")
