"""What a claim page shows: the offer in words, the shopper's coupons of it, whether there is one to get now."""

from datetime import datetime
from typing import Any

from coupons import claiming
from coupons.claiming import Asked, ClaimError
from coupons.codes import shown
from coupons.engine.decide import REFUSED
from coupons.engine.terms import RuleTerms
from coupons.limits import StoredState
from coupons.links import coupon_path
from coupons.models import ClaimCode, Coupon
from coupons.models.coupon import CouponState
from coupons.models.rule import RuleState
from coupons.queries.claims import gifts_of
from coupons.sentences import stock_sentence
from coupons.sentences.offers import offer_sentence
from merchants.queries import directory as directories

from . import phones, sentences
from .coupons import last_moment

NOBODY = 0  # stands for a shopper of whom nothing is known yet


def terms_of(code: ClaimCode) -> RuleTerms:
    return RuleTerms.from_json(code.rule.version.terms)


def context(code: ClaimCode, phone: str, *, now: datetime) -> dict[str, Any]:
    """The claim page of a code, for the phone of a shopper (digest). Days are the mall's."""
    mall, terms = code.mall, terms_of(code)
    shopper_id = phones.shopper_id(mall, phone)
    held = held_coupons(code, shopper_id, now)
    reason = obstacle(code, terms, shopper_id, now)
    return {
        "title": code.rule.name,
        "mall": mall,
        "store": code.store,
        "kind": terms.trigger,
        "gifts": gifts_of(mall, terms),
        "sentence": offer_sentence(terms),
        "held": held,
        "again": not reason,
        "said": "" if held and reason in sentences.HAD else reason and refusal(code, reason, now),
    }


def held_coupons(code: ClaimCode, shopper_id: int | None, now: datetime) -> list[dict[str, Any]]:
    """The coupons of the offer that the shopper can still use, with the way to each."""
    if shopper_id is None:
        return []
    mall = code.mall
    rows = Coupon.objects.for_mall(mall).filter(
        shopper=shopper_id, rule=code.rule_id, state=CouponState.ISSUED, expires_at__gt=now
    )
    return [
        {
            "url": coupon_path(coupon),
            "code": shown(coupon.code),
            "worth": stock_sentence(coupon.stock, mall.currency),
            "until": last_moment(coupon),
        }
        for coupon in rows.select_related("stock").order_by("-pk")[:20]
    ]


def obstacle(code: ClaimCode, terms: RuleTerms, shopper_id: int | None, now: datetime) -> str:
    """Why this shopper could get nothing at this moment, wherever he stands; empty if there is something to get.

    The engine answers, as it would to a claim; the control group is not told apart.
    """
    if code.closed_at is not None:
        return "closed_code"
    directory = directories.current(code.mall_id)
    try:
        rule = claiming.rule_of(directory, code.rule_id, terms.trigger)
        store = code.store_id or claiming.first_store(directory, rule, now)
    except ClaimError as error:
        return error.code
    event = claiming.event_of(directory, Asked(rule.rule_id, terms.trigger, shopper_id or NOBODY, store, ""), now)
    (decision,) = claiming.outlook(directory, [event], now=now, state=StoredState(directory.mall_id), traced=True)
    return decision.reason if decision.outcome == REFUSED else ""


def refusal(code: ClaimCode, reason: str, now: datetime) -> str:
    if reason == "not_live" and code.rule.state == RuleState.ENDED:
        reason = "ended"
    day = directories.current(code.mall_id).clock.day_hour(now)[0].isoformat()
    return sentences.refusal(reason, terms_of(code), day)


def radius_m(code: ClaimCode) -> int:
    return terms_of(code).radius_m or code.mall.radius_m
