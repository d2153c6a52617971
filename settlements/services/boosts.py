"""Traffic credits spent: a provider lets a rule rank higher for some days."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coupons import rulebooks
from coupons.models import Boost, Rule
from mallops.lib.dates import today
from mallops.lib.format import count
from merchants import access
from merchants.models import ServiceProvider, User
from merchants.queries import directory as directories
from merchants.services import audit
from merchants.services.refusal import Refused
from settlements import credits, deals

MAX_WEIGHT, MAX_DAYS = 1_000, 92


def boost(
    *, provider: ServiceProvider, rule: Rule, weight: int, from_day: date, until_day: date, now: datetime,
    by: User | None,
) -> Boost:  # fmt: skip
    """Raise a rule's priority by `weight` on local days from `from_day`, tomorrow or later, until before `until_day`.

    It costs weight times days in traffic credits, at once, and never more than there are: two at the same time wait for
    each other. Raises Refused.
    """
    day = today(provider.mall.time_zone, now)
    _check(weight, from_day, until_day, day)
    price = weight * (until_day - from_day).days
    with transaction.atomic():
        held = deals.hold(provider)
        if not access.is_active(held):
            raise Refused(_("The service provider is not approved, or suspended."))
        if rule.pk not in boostable(held, from_day):
            raise Refused(_("The rule gives no coupon that is used at a store you serve on that day."), "rule")
        if price > (left := credits.balance(held)):
            said = {"price": count(price), "left": count(left)}
            raise Refused(_("That costs %(price)s traffic credits; you have %(left)s.") % said, "weight")
        made = Boost.objects.create(
            mall=held.mall, provider=held, rule=rule, weight=weight, from_day=from_day, until_day=until_day,
            credits=price, made_by=by, made_at=now,
        )  # fmt: skip
        credits.spend(held, made.pk, price, day, now=now)
        changes = {"rule": [None, rule.pk], "weight": [None, weight], "from_day": [None, from_day],
                   "until_day": [None, until_day], "credits": [None, price]}  # fmt: skip
        audit.record(actor=by, mall=held.mall, action="boost_bought", obj=made, changes=changes)
    return made


def _check(weight: int, from_day: date, until_day: date, today: date) -> None:
    if not 1 <= weight <= MAX_WEIGHT:
        raise Refused(_("A weight lies between 1 and %(most)s.") % {"most": count(MAX_WEIGHT)}, "weight")
    if from_day <= today:
        raise Refused(_("A boost begins tomorrow at the earliest."), "from_day")
    if until_day <= from_day:
        raise Refused(_("The last day is before the first."), "last_day")
    if (until_day - from_day).days > MAX_DAYS:
        raise Refused(_("A boost lasts %(days)s days at most.") % {"days": MAX_DAYS}, "last_day")


def boostable(provider: ServiceProvider, day: date) -> frozenset[int]:
    """Ids of the live rules, started by payments, that give a coupon used at a store the provider serves on a day."""
    directory = directories.current(provider.mall_id)
    served = directory.served_by(provider.pk, day)
    return frozenset(
        rule.rule_id
        for rule in rulebooks.current(directory).rulebook.rules
        if rule.terms.trigger == "payment" and any(stock.usable & served for stock, _count in rule.award)
    )
