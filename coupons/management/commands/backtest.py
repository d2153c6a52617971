"""Try a rule on past payments from the command line."""

import sys
from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from coupons.backtest import services
from coupons.backtest.services import BacktestError
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Rule
from coupons.queries.names import names_of
from coupons.sentences.backtests import backtest_sentence
from merchants.models import Mall


class Command(BaseCommand):
    help = "Try a rule's draft, or the version it runs, on past payments. Gives nothing; keeps the result."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mall", help="short name of the mall")
        parser.add_argument("rule", type=int, help="number of the rule")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day (default: of 90 days)")
        parser.add_argument("--until", dest="last", type=date.fromisoformat, help="last day (default: with payments)")
        parser.add_argument("--running", action="store_true", help="try the running version instead of the draft")
        parser.add_argument("--label", default="", help="to tell it from others")

    def handle(self, *, mall: str, rule: int, first, last, running: bool, label: str, **options) -> None:
        opened = Mall.objects.filter(slug=mall).first()
        if opened is None:
            raise CommandError(f"There is no mall {mall!r}.")
        found = Rule.objects.filter(mall=opened, pk=rule).select_related("version").first()
        if found is None or (running and found.version is None):
            raise CommandError(f"The mall has no rule {rule}{' that runs' if found else ''}.")
        try:
            terms = RuleTerms.from_json(found.version.terms if running else found.draft)
            backtest = services.ask(opened, found, terms, first, last, label)
        except BadTerms as error:
            raise CommandError(f"The draft cannot be run: {', '.join(sorted(error.errors))}.") from error
        except BacktestError as error:
            raise CommandError(f"It cannot be tried: {error}.") from error
        self.carry_out(backtest)
        self.stdout.write(f"Backtest {backtest.pk}: {backtest_sentence(backtest.result, names_of(opened))}")

    def carry_out(self, backtest) -> None:
        if backtest.result is not None:  # it cannot be tried, and says so
            return
        with tqdm(unit=" days", file=sys.stderr, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            services.finish(backtest, services.carry_out(backtest, show, now=timezone.now()))
        backtest.refresh_from_db()
