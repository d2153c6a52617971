"""Makes the stocks and rules of one mall from `offer_plans`."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Rule, RuleVersion, Stock
from coupons.models.rule import RuleState
from coupons.models.stock import Funder, Kind, Validity
from merchants.models import Category, Mall, Store, User

from . import plan


def make_stocks(mall: Mall, mall_plan: plan.MallPlan) -> dict[str, Stock]:
    """The stocks by code."""
    return {terms.code: _make_stock(mall, mall_plan, terms) for terms in STOCKS}


def _make_stock(mall: Mall, mall_plan: plan.MallPlan, terms: StockPlan) -> Stock:
    def fen(yuan: float | None) -> int | None:
        return None if yuan is None else max(1, round(yuan * mall_plan.price_level)) * 100

    running = sorted(
        (store for store in plan.stores(mall.slug) if store.trade == terms.trade), key=lambda store: -store.pull
    )
    place = running[min(terms.rank, len(running) - 1)]
    store = Store.objects.select_related("merchant").get(mall=mall, code=place.code)
    value, least, sign = fen(terms.value), fen(terms.least) if terms.least else 0, mall.currency
    zh, en = _words(terms, value // 100, least // 100, sign)
    kind = {
        Kind.AMOUNT_OFF: {"value_fen": value},
        Kind.PERCENT_OFF: {"percent_bp": terms.percent_bp, "ceiling_fen": value},
        Kind.EXCHANGE: {"value_fen": value, "exchange_price_fen": value * 4 // 10 // 100 * 100},
    }[terms.kind]
    validity = {"validity": Validity.HOURS if terms.hours else Validity.DAYS, "valid_for": terms.hours or terms.days}
    return Stock.objects.create(
        mall=mall, merchant=store.merchant, code=terms.code, name_zh=f"{store.name_zh} {zh}",
        name_en=f"{store.name_en}: {en}", kind=terms.kind, min_spend_fen=least, quantity=terms.quantity,
        budget_fen=fen(terms.budget), funder=terms.funder, **kind, **validity,
    )  # fmt: skip


def _words(terms: StockPlan, value: int, least: int, sign: str) -> tuple[str, str]:
    if terms.kind == Kind.PERCENT_OFF:
        percent = terms.percent_bp // 100
        return f"{(100 - percent) / 10:g}折券", f"{percent} % off"
    if terms.kind == Kind.EXCHANGE:
        return f"{sign}{value * 4 // 10}换购", f"any cup for {sign}{value * 4 // 10}"
    return f"满{least}减{value}", f"{sign}{value} off {sign}{least}"


def make_rules(
    mall: Mall, mall_plan: plan.MallPlan, stocks: dict[str, Stock], *, start: datetime, last_day: date, by: User
) -> list[tuple[date, Rule, str]]:
    """The rules, live from `start`. Returns the changes of state that lie ahead: (day, rule, state)."""
    categories = dict(Category.objects.filter(mall=mall).values_list("code", "pk"))
    ahead = []
    for order, terms_plan in enumerate(RULES):
        terms = _terms(mall_plan, terms_plan, stocks, categories, last_day)
        rule = Rule.objects.create(
            mall=mall, name_zh=terms_plan.name_zh, name_en=terms_plan.name_en, draft=terms.to_json(), created_by=by
        )
        Rule.objects.filter(pk=rule.pk).update(created_at=start - timedelta(days=3, minutes=order))
        state, days = terms_plan.state_after or (RuleState.LIVE, 0)
        if state != RuleState.DRAFT:
            _publish(rule, terms, at=start, by=by)
        if state in {RuleState.PAUSED, RuleState.ENDED}:
            ahead.append((last_day - timedelta(days=days), rule, state))
    return ahead


def _terms(
    mall_plan: plan.MallPlan, terms: RulePlan, stocks: dict[str, Stock], categories: dict[str, int], last_day: date
) -> RuleTerms:
    return RuleTerms(
        award=tuple((stocks[code].pk, 1) for code in terms.award),
        categories=tuple(categories[code] for code in terms.at if code in categories),
        min_fen=round(terms.least * mall_plan.price_level) * 100,
        ends_on=last_day - timedelta(days=terms.ends_before) if terms.ends_before else None,
        weekdays=terms.weekdays,
        hours=tuple((start * 60, end * 60) for start, end in terms.hours),
        limits=terms.limits,
        group=terms.group,
        priority=terms.priority,
        holdout_bp=terms.holdout_bp,
        on_trigger_refund=terms.on_trigger_refund,
    )


def _publish(rule: Rule, terms: RuleTerms, *, at: datetime, by: User) -> None:
    version = RuleVersion.objects.create(rule=rule, number=1, terms=terms.to_json(), published_at=at, published_by=by)
    version.stocks.set([stock for stock, _count in terms.award])
    rule.version, rule.state = version, RuleState.LIVE
    rule.save(update_fields=["version", "state"])


def change_state(rule: Rule, state: str) -> None:
    rule.state = state
    rule.save(update_fields=["state"])
