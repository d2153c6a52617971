"""Start, carry out and cancel backtests."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from coupons import claiming, funding
from coupons.engine.terms import RuleTerms
from coupons.models import Backtest, Rule, Stock
from coupons.models.work import OPEN, WorkState
from coupons.services.checks import foreign
from mallops.lib.ahead import ahead
from mallops.lib.dates import day_start, today
from mallops.lib.garbage import without_gc
from mallops.lib.tasks.models import TaskRun
from merchants.models import Mall, User
from payments.models import Payment

from .plan import Plan, make_plan
from .result import Result, Sharing, result_of, untried
from .run import Replay
from .source import blocks, ledger_days

USUAL_DAYS, MOST_DAYS = 90, 1_100  # MOST_DAYS: three years
SCANNED = ("qr", "nearby")  # nobody scanned before there was a code: the ledger cannot tell who would have


class BacktestError(ValueError):
    """Why a backtest cannot be made: a code of CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(CODES[code])
        self.code = code


CODES = {
    "reversed": "the last day lies before the first",
    "future": "the last day lies in the future",
    "too_long": f"the span is longer than {MOST_DAYS} days",
    "empty": "the mall has no payments yet",
    "foreign": "the rule or something it names is not of this mall",
}


class Context(Protocol):
    def progress(self, done: int, total: int | None = None, note: str = "") -> None: ...


def usual_span(mall: Mall) -> tuple[date, date] | None:
    """The last 90 local days up to the last one with payments; None for an empty ledger."""
    known = ledger_days(mall.pk)
    return known and (max(known[0], known[1] - timedelta(days=USUAL_DAYS - 1)), known[1])


def start(
    mall: Mall, rule: Rule | None, terms: RuleTerms, first_day: date | None = None, last_day: date | None = None,
    label: str = "", by: User | None = None,
) -> Backtest:  # fmt: skip
    """Enqueue a trial of terms, of a saved rule or none, on the payments of local days, both included; without days, on
    the usual span. A rule that waits for scans is answered at once: it cannot be tried. Raises BacktestError."""
    from coupons.tasks import run_backtest

    with transaction.atomic():
        backtest = ask(mall, rule, terms, first_day, last_day, label, by)
        if backtest.state == WorkState.QUEUED:
            backtest.task_id = run_backtest.enqueue(backtest.pk).id
            backtest.save(update_fields=["task_id"])
    return backtest


def ask(
    mall: Mall, rule: Rule | None, terms: RuleTerms, first_day: date | None = None, last_day: date | None = None,
    label: str = "", by: User | None = None,
) -> Backtest:  # fmt: skip
    """As `start`, for a caller that carries it out itself."""
    now = timezone.now()
    first, last = _span(mall, first_day, last_day, now)
    if (rule and rule.mall_id != mall.pk) or foreign(mall, terms):
        raise BacktestError("foreign")
    backtest = Backtest(
        mall=mall, rule=rule, label=label[:120], terms=terms.to_json(), first_day=first, last_day=last, asked_by=by,
        asked_at=now,
    )  # fmt: skip
    if terms.trigger in SCANNED:
        backtest.state, backtest.finished_at, backtest.result = WorkState.DONE, now, untried("no_scans")
    backtest.save()
    return backtest


def _span(mall: Mall, first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """The days asked for, or the usual ones. Raises BacktestError."""
    usual = usual_span(mall)
    if usual is None:
        raise BacktestError("empty")
    first, last = first or usual[0], last or usual[1]
    if last < first:
        raise BacktestError("reversed")
    if last > today(mall.time_zone, now):
        raise BacktestError("future")
    if (last - first).days >= MOST_DAYS:
        raise BacktestError("too_long")
    return first, last


@transaction.atomic
def cancel(*, backtest: Backtest) -> bool:
    """Cancel a backtest that waits, and ask one that runs to stop. False if it has ended."""
    return TaskRun.objects.stop(backtest.task_id) or _end(backtest.pk, WorkState.CANCELLED)


def carry_out(backtest: Backtest, progress: Callable[[int, int], None], *, now: datetime) -> Result:
    """Try the terms on the payments; writes nothing. `progress` is told the days read and all days to read.

    Raises what `progress` raises to stop the work, BadTerms and BacktestError for what has gone since it was asked.
    """
    terms = RuleTerms.from_json(backtest.terms)
    if foreign(backtest.mall, terms):
        raise BacktestError("foreign")
    plan = make_plan(backtest.mall, backtest.rule, terms, backtest.first_day, backtest.last_day, now=now)
    replay = Replay(plan.trial)
    if terms.trigger == "hand_out":
        _read(plan, replay, plan.read_from, plan.trial.first - timedelta(days=1), progress)
        hand_out(plan, replay)
        _read(plan, replay, plan.trial.first, plan.read_to, progress)
    else:
        _read(plan, replay, plan.read_from, plan.read_to, progress)
    return result_of(replay, plan.known_until, sharing(plan, terms)) | told(plan)


def _read(plan: Plan, replay: Replay, first: date, last: date, progress: Callable[[int, int], None]) -> None:
    total = (plan.read_to - plan.read_from).days + 1
    with without_gc():
        for until, block in ahead(blocks(plan.directory, first, last)):
            replay.take(block)
            progress((until - plan.read_from).days, total)


def hand_out(plan: Plan, replay: Replay) -> None:
    """As if handed out at the beginning of the first day, to all shoppers who had paid before, in the order of ids."""
    directory, rule = plan.directory, plan.trial.rule
    start = day_start(plan.trial.first, directory.time_zone)
    shoppers = Payment.objects.for_mall(directory.mall_id).filter(paid_at__lt=start, shopper__isnull=False)
    ids = shoppers.order_by("shopper").values_list("shopper", flat=True).distinct()
    store = claiming.first_store(directory, rule, start)
    replay.hand_out(ids, store, int(start.timestamp()))


def sharing(plan: Plan, terms: RuleTerms) -> Sharing:
    stocks = Stock.objects.in_bulk([stock.id for stock, _count in plan.trial.rule.award])
    merchant_of = {entry.id: entry.merchant_id for entry in plan.directory.by_id.values()}
    return Sharing(funding.award_fen(terms, stocks), merchant_of)


def told(plan: Plan) -> Result:
    """What the figures rest on."""
    first, last = max(plan.read_from, plan.trial.first), min(plan.read_to, plan.trial.last)
    return {
        "alongside": list(plan.alongside),
        "set_aside": plan.set_aside,
        "days_known": max(0, (last - first).days + 1),
    }


def mark_running(backtest: Backtest) -> bool:
    return bool(Backtest.objects.filter(pk=backtest.pk, state__in=OPEN).update(state=WorkState.RUNNING))


def finish(backtest: Backtest, result: Result) -> None:
    """Keep a result, in place of an earlier one."""
    _end(backtest.pk, WorkState.DONE, result=result, message="")


def fail(backtest: Backtest, message: str = "") -> None:
    _end(backtest.pk, WorkState.FAILED, message=message[:500])


def mark_cancelled(backtest: Backtest) -> None:
    _end(backtest.pk, WorkState.CANCELLED)


def _end(pk: int, state: str, **values) -> bool:
    ending = Backtest.objects.filter(pk=pk, state__in=OPEN)
    return bool(ending.update(state=state, finished_at=timezone.now(), **values))
