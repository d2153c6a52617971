"""Offers without a payment: a code to scan, one for shoppers nearby, a hand-out to those who stayed away."""

from datetime import datetime
from typing import NamedTuple

from coupons.engine.conditions import Group, Leaf
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import ClaimCode, Rule, Stock
from coupons.models.stock import Funder, Kind, Validity
from coupons.services import claim_codes, rules
from coupons.services import stocks as stock_services
from merchants.models import Mall, Store, User

from . import plan
from .answers import launch


class Offers(NamedTuple):
    """`scan` hang in the mall and at two busy stores; `near` is for those nearby."""

    scan: list[ClaimCode]
    near: ClaimCode
    back: Rule


def make(mall: Mall, mall_plan: plan.MallPlan, *, now: datetime, away: int, by: User) -> Offers:
    """The offers, running since a moment; handed out to those who stayed away for so many days."""
    scan, near = _scan_rule(mall, mall_plan, now, by), _nearby_rule(mall, mall_plan, now, by)
    code = claim_codes.make(rule=near, store=None, by=by)
    return Offers(_hang_up(scan, now, by), code, _hand_out_rule(mall, mall_plan, now, by, away=away))


def _scan_rule(mall: Mall, mall_plan: plan.MallPlan, now: datetime, by: User) -> Rule:
    stock = _stock(mall, mall_plan, "scan-tea", "tea", value=5, least=15, valid_for=3, by=by)
    terms = RuleTerms(award=((stock.pk, 1),), trigger="qr", limits=Limits(quantity_per_day=60, per_shopper=1))
    return _live(mall, "扫码领茶饮券", "Scan for a tea", terms, now, by)


def _nearby_rule(mall: Mall, mall_plan: plan.MallPlan, now: datetime, by: User) -> Rule:
    stock = _stock(mall, mall_plan, "nearby-sweet", "dessert", value=6, least=20, valid_for=1, by=by)
    terms = RuleTerms(
        award=((stock.pk, 1),), trigger="nearby", radius_m=400, limits=Limits(per_shopper_in_days=1, window_days=7),
    )  # fmt: skip
    return _live(mall, "到店附近领甜品券", "A sweet when you are near", terms, now, by)


def _hand_out_rule(mall: Mall, mall_plan: plan.MallPlan, now: datetime, by: User, *, away: int) -> Rule:
    stock = _stock(mall, mall_plan, "come-back", "coffee", value=10, least=20, valid_for=14, by=by, quantity=1_500)
    stayed_away = Group("all", (Leaf("days_since_visit", "at_least", away), Leaf("visits", "at_least", 2)))
    terms = RuleTerms(
        award=((stock.pk, 1),), trigger="hand_out", conditions=stayed_away, limits=Limits(per_shopper=1),
        holdout_bp=2_000,
    )  # fmt: skip
    return _live(mall, "好久不见咖啡券", "We have missed you", terms, now, by)


def _stock(
    mall: Mall, mall_plan: plan.MallPlan, code: str, trade: str, *, value: int, least: int, valid_for: int, by: User,
    quantity: int = 2_000,
) -> Stock:  # fmt: skip
    """Some yuan off at the busiest store of a trade, paid by the mall."""
    busiest = max((store for store in plan.stores(mall.slug) if store.trade == trade), key=lambda store: store.pull)
    store = Store.objects.select_related("merchant").get(mall=mall, code=busiest.code)
    value, least = (max(1, round(yuan * mall_plan.price_level)) for yuan in (value, least))
    values = dict.fromkeys((*stock_services.TERMS, "budget_fen")) | {
        "merchant": store.merchant, "code": code, "kind": Kind.AMOUNT_OFF, "quantity": quantity,
        "name_zh": f"{store.name_zh} 满{least}减{value}",
        "name_en": f"{store.name_en}: {mall.currency}{value} off {mall.currency}{least}",
        "value_fen": value * 100, "min_spend_fen": least * 100, "validity": Validity.DAYS, "valid_for": valid_for,
        "funder": Funder.MALL,
    }  # fmt: skip
    return stock_services.create(mall=mall, values=values, by=by)


def _live(mall: Mall, name_zh: str, name_en: str, terms: RuleTerms, now: datetime, by: User) -> Rule:
    """A rule that runs since a moment."""
    rule = rules.save_draft(mall=mall, rule=None, name_zh=name_zh, name_en=name_en, terms=terms, by=by)
    launch(rule, now=now, by=by)
    Rule.objects.filter(pk=rule.pk).update(created_at=now)
    Stock.objects.filter(pk__in=[stock for stock, _count in terms.award]).update(created_at=now)
    rule.refresh_from_db()
    return rule


def _hang_up(rule: Rule, now: datetime, by: User) -> list[ClaimCode]:
    """One code for the mall and one at each of two busy stores."""
    busy = sorted(plan.stores(rule.mall.slug), key=lambda store: -store.pull)[:2]
    stores = [None, *Store.objects.filter(mall=rule.mall, code__in=[store.code for store in busy])]
    codes = [claim_codes.make(rule=rule, store=store, by=by) for store in stores]
    ClaimCode.objects.filter(rule=rule).update(created_at=now)
    return codes
