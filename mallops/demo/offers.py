"""Makes the stocks and rules of one mall from `offer_plans`."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from coupons.backtest import services as backtests
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Rule, Stock
from coupons.models.rule import RuleState
from coupons.models.stock import Kind, Validity
from coupons.payers import MALL, payer
from coupons.services import rules
from coupons.services import stocks as stock_services
from mallops.lib.money import split_fen
from merchants.models import Category, Mall, Store, User

from . import plan
from .answers import Change, launch
from .days import Days
from .offer_plans import AWARD_DAYS, CHANGING, RULES, SEASON, STOCKS, WITHDRAWN, RulePlan, StockPlan

RUNS_FIRST = {RuleState.LIVE, RuleState.PAUSED, RuleState.ENDED, WITHDRAWN, CHANGING}


def make_stocks(mall: Mall, mall_plan: plan.MallPlan, *, start: datetime, by: User) -> dict[str, Stock]:
    """The stocks by code, made at `start`."""
    stocks = {terms.code: _make_stock(mall, mall_plan, terms, by) for terms in STOCKS}
    Stock.objects.filter(mall=mall).update(created_at=start)
    return stocks


def _make_stock(mall: Mall, mall_plan: plan.MallPlan, terms: StockPlan, by: User) -> Stock:
    store, value = _store_of(mall, terms), _fen(mall_plan, terms.value)
    least, budget = (_fen(mall_plan, yuan) if yuan else None for yuan in (terms.least, terms.budget))
    zh, en = _words(terms, value // 100, (least or 0) // 100, mall.currency)
    values = dict.fromkeys((*stock_services.TERMS, "budget_fen")) | {
        "merchant": store.merchant,
        "code": terms.code,
        "name_zh": f"{store.name_zh} {zh}",
        "name_en": f"{store.name_en}: {en}",
        "kind": terms.kind,
        "min_spend_fen": least or 0,
        "validity": Validity.HOURS if terms.hours else Validity.DAYS,
        "valid_for": terms.hours or terms.days,
        "quantity": terms.quantity,
        "budget_fen": budget,
        "funder": terms.funder,
        "remind_hours": list(terms.remind),
    }
    return stock_services.create(mall=mall, values=values | _worth(terms, value), by=by)


def _store_of(mall: Mall, terms: StockPlan) -> Store:
    """The one that honours the coupons: some place among those of its trade, the busiest first."""
    running = [store for store in plan.stores(mall.slug) if store.trade == terms.trade]
    running.sort(key=lambda store: -store.pull)
    place = running[min(terms.rank, len(running) - 1)]
    return Store.objects.select_related("merchant").get(mall=mall, code=place.code)


def _fen(mall_plan: plan.MallPlan, yuan: int) -> int:
    """Whole yuan, by how dear the mall is."""
    return max(1, round(yuan * mall_plan.price_level)) * 100


def _worth(terms: StockPlan, value_fen: int) -> dict[str, int]:
    """What a coupon takes off, in the columns of its kind."""
    if terms.kind == Kind.PERCENT_OFF:
        return {"percent_bp": terms.percent_bp, "ceiling_fen": value_fen}
    if terms.kind == Kind.EXCHANGE:
        return {"value_fen": value_fen, "exchange_price_fen": _exchange_price(value_fen // 100) * 100}
    return {"value_fen": value_fen}


def _exchange_price(yuan: int) -> int:
    return yuan * 4 // 10


def _words(terms: StockPlan, value: int, least: int, sign: str) -> tuple[str, str]:
    if terms.kind == Kind.PERCENT_OFF:
        percent = terms.percent_bp // 100
        return f"{(100 - percent) / 10:g}折券", f"{percent} % off"
    if terms.kind == Kind.EXCHANGE:
        return f"{sign}{_exchange_price(value)}换购", f"any cup for {sign}{_exchange_price(value)}"
    return f"满{least}减{value}", f"{sign}{value} off {sign}{least}"


def open_season(days: Days, mall_plan: plan.MallPlan, stocks: dict[str, Stock], by: User, now: datetime) -> None:
    """The rules of the season before."""
    for terms_plan in SEASON:
        launch(_draft(days.mall, mall_plan, terms_plan, stocks, by), now=now, by=by)
    Rule.objects.filter(mall=days.mall).update(created_at=now)


def make_rules(days: Days, mall_plan: plan.MallPlan, stocks: dict[str, Stock], by: User, now: datetime) -> list[Change]:
    """The rules; most of them live from now on, when those of the season before end. Returns what happens to them
    later."""
    for rule in days.mall.rules.filter(state=RuleState.LIVE):
        rules.end(rule=rule, by=by)
    span, ahead, made = (days.last - days.rules).days, [], []

    def ago(count: int) -> date:
        return days.last - timedelta(days=min(count, count * span // (AWARD_DAYS - 1)))

    for terms_plan in RULES:
        state, count = terms_plan.state_after or (RuleState.LIVE, 0)
        starts_on = days.last + timedelta(days=terms_plan.starts_after) if terms_plan.starts_after else None
        ends_on = ago(terms_plan.ends_before) if terms_plan.ends_before else None
        rule = _draft(days.mall, mall_plan, terms_plan, stocks, by, starts_on=starts_on, ends_on=ends_on)
        made.append(rule.pk)
        if state in RUNS_FIRST:
            launch(rule, now=now, by=by)
        if state not in (RuleState.LIVE, RuleState.DRAFT):
            ahead.append(Change(ago(count), rule, state, terms_plan.reason))
    Rule.objects.filter(pk__in=made).update(created_at=now)
    return ahead


def _draft(
    mall: Mall, mall_plan: plan.MallPlan, terms_plan: RulePlan, stocks: dict[str, Stock], by: User, **days: date | None
) -> Rule:
    terms = replace(_terms(mall, mall_plan, terms_plan, stocks), **days)
    return rules.save_draft(
        mall=mall, rule=None, name_zh=terms_plan.name_zh, name_en=terms_plan.name_en, terms=terms, by=by
    )


def try_proposed(mall: Mall, *, now: datetime, by: User) -> None:
    """Backtest what waits for consent, so that merchants see what they are asked for."""
    for rule in Rule.objects.filter(mall=mall).exclude(proposed=None).select_related("proposed"):
        backtest = backtests.ask(mall, rule, RuleTerms.from_json(rule.proposed.terms), by=by)
        if backtest.state in backtests.OPEN:
            backtests.finish(backtest, backtests.carry_out(backtest, lambda done, total: None, now=now))


def _terms(mall: Mall, mall_plan: plan.MallPlan, terms: RulePlan, stocks: dict[str, Stock]) -> RuleTerms:
    categories = Category.objects.filter(mall=mall, code__in=terms.at).order_by("pk")
    return RuleTerms(
        award=tuple((stocks[code].pk, 1) for code in terms.award),
        categories=tuple(categories.values_list("pk", flat=True)),
        min_fen=round(terms.least * mall_plan.price_level) * 100,
        weekdays=terms.weekdays,
        hours=tuple((start * 60, end * 60) for start, end in terms.hours),
        limits=_limits(terms, stocks),
        shares=_shares(mall, terms, stocks),
        group=terms.group,
        priority=terms.priority,
        holdout_bp=terms.holdout_bp,
        on_trigger_refund=terms.on_trigger_refund,
    )


def _limits(terms: RulePlan, stocks: dict[str, Stock]) -> Limits:
    """With a limit in all: merchants agree to nothing without."""
    if terms.limits.quantity is None:
        return replace(terms.limits, quantity=min(stocks[code].quantity for code in terms.award))
    return terms.limits


def _shares(mall: Mall, terms: RulePlan, stocks: dict[str, Stock]) -> tuple[tuple[int, int], ...]:
    """A provider's share and the mall's; or the mall's, and the rest in equal parts on the merchants that give."""
    code, share_bp = terms.provider or ("", 0)
    if provider := mall.providers.filter(code=code).first():
        return ((MALL, 10_000 - share_bp), (payer(None, provider.pk), share_bp))
    if not terms.mall_share:
        return ()
    merchants = sorted({stocks[code].merchant_id for code in terms.award})
    parts = split_fen(10_000 - terms.mall_share, [1] * len(merchants))
    return ((MALL, terms.mall_share), *zip(merchants, parts, strict=True))
