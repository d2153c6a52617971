"""Offers without a payment: a code to scan, one for shoppers nearby, a hand-out to those who stayed away; with their
past claims. Stores get places around the middle of their mall."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import cos, pi, radians, sin
from zoneinfo import ZoneInfo

import numpy as np

from coupons import handing
from coupons.engine.conditions import Group, Leaf
from coupons.engine.terms import Limits, RuleTerms
from coupons.geo import EARTH_M, Position
from coupons.issuing import Issued
from coupons.models import ClaimCode, Rule, Stock
from coupons.models.stock import Funder, Kind, Validity
from coupons.services import claim_codes, rules
from coupons.services import stocks as stock_services
from mallops import pipeline
from merchants.models import Mall, Store, User
from merchants.models.base import touch_mall
from payments.events import PaymentEvent
from payments.shoppers import digest

from . import plan
from .answers import launch

DAYS = 12  # the offers began so many days ago
SCANS, VISITS = 140, 60  # claims by code, and nearby
USED = 0.35  # of the coupons are redeemed
RINGS_M = (25, 45, 65)


def load(
    mall: Mall, mall_plan: plan.MallPlan, *, until: datetime, days: int, rng: np.random.Generator, by: User
) -> None:
    """Make the offers and tell their past, up to `until`; the mall's history has so many days."""
    start = began(until, days)
    place_stores(mall)
    scanned = _scan_rule(mall, mall_plan, start, by)
    codes = _hang_up(scanned, start, by)
    near = _nearby_rule(mall, mall_plan, start, by)
    back = _hand_out_rule(mall, mall_plan, start, by, away=min(30, days // 3))
    for at in _moments(mall.time_zone, rng, SCANS, start, until):
        _claim(scanned, at, until, rng, code=codes[int(rng.integers(len(codes)))])
    spot = Position(float(mall.latitude), float(mall.longitude))
    code = claim_codes.make(rule=near, store=None, by=by)
    for at in _moments(mall.time_zone, rng, VISITS, start, until):
        _claim(near, at, until, rng, code=code, here=moved(spot, *rng.normal(0, 250, 2)))
    _hand_out(back, until - timedelta(days=2), by)


def began(until: datetime, days: int) -> datetime:
    return until - timedelta(days=min(DAYS, days))


# --- Places ---


def place_stores(mall: Mall) -> None:
    """On rings around the middle, in the order of their codes."""
    middle = Position(float(mall.latitude), float(mall.longitude))
    stores = list(Store.objects.filter(mall=mall).order_by("code"))
    for number, store in enumerate(stores):
        angle, away = 2 * pi * number / len(stores), RINGS_M[number % len(RINGS_M)]
        spot = moved(middle, away * cos(angle), away * sin(angle))
        store.latitude, store.longitude = (Decimal(f"{degrees:.6f}") for degrees in spot)
    Store.objects.bulk_update(stores, ["latitude", "longitude"])
    touch_mall(mall.pk)


def moved(spot: Position, north_m: float, east_m: float) -> Position:
    """A position so many metres away; good enough for short ways."""
    metres = EARTH_M * pi / 180  # of a degree
    return Position(spot.latitude + north_m / metres, spot.longitude + east_m / metres / cos(radians(spot.latitude)))


# --- Offers ---


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


# --- Their past ---


def _moments(zone: str, rng: np.random.Generator, count: int, start: datetime, until: datetime) -> list[datetime]:
    """While the mall is open: in each case between 10:30 and 21:30 of its days, in order."""
    days, open_for = (until - start).days, 11 * 3600
    first = start.astimezone(ZoneInfo(zone)).replace(hour=10, minute=30, second=0, microsecond=0)
    drawn = zip(rng.integers(0, days + 1, count), rng.integers(0, open_for, count), strict=True)
    found = (first + timedelta(days=int(day), seconds=int(after)) for day, after in drawn)
    return sorted(at for at in found if start <= at < until)


def _claim(rule: Rule, now: datetime, until: datetime, rng: np.random.Generator, **where) -> None:
    """One claim, and sometimes the use of its coupon."""
    number = int(rng.integers(10**9))
    shopper = digest(rule.mall_id, f"web:demo-{number}")
    receipt = pipeline.claim(
        mall_id=rule.mall_id, rule_id=rule.pk, kind=rule.version.terms["trigger"], now=now,
        shopper=shopper, request_id=f"demo-{rule.pk}-{number}", **where,
    )  # fmt: skip
    for coupon in receipt.coupons:
        at = now + timedelta(minutes=int(rng.integers(10, 300)))
        if rng.random() < USED and at <= until:
            _use(rule.mall_id, coupon, shopper, at)


def _use(mall_id: int, coupon: Issued, shopper: str, at: datetime) -> None:
    """The coupon used on an order twice as large as it asks for."""
    stock = Stock.objects.get(pk=coupon.stock_id)
    store_id, order_fen = stock.merchant.stores.order_by("code").first().pk, stock.min_spend_fen * 2
    paid = PaymentEvent(store_id, "wechat", f"DEMO-{coupon.code}", order_fen - stock.value_fen, at, shopper)
    (receipt,) = pipeline.record_payments(mall_id, [paid], source="demo", now=at, award=False)
    pipeline.redeem(
        mall_id=mall_id, code=coupon.code, store_id=store_id, order_fen=order_fen, source="demo", now=at,
        request_id=f"demo-{coupon.code}", payment_id=receipt.id,
    )  # fmt: skip


def _hand_out(rule: Rule, now: datetime, by: User) -> None:
    run = handing.begin(rule=rule, now=now, by=by)
    while run.state in handing.OPEN:
        run = pipeline.hand_out(run.pk, now=now)
