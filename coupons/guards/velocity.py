"""Too many in a short time: no person shops, or claims, this fast.

Looks for shoppers with GUARD_AWARDS_PER_HOUR (20) awards of the last hour, by payments or claims, or
GUARD_PAYMENTS_PER_10_MINUTES (10) payments made in the last ten minutes. Only what arrives live is seen: a file of old
payments is past its minutes when it is imported.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from coupons.models import Decision
from coupons.models.coupon import Outcome
from coupons.models.guard import Guard
from merchants.models import Mall
from payments.models import Payment

from .findings import Finding, with_enough

GUARD = Guard.VELOCITY


def find(mall: Mall, now: datetime) -> list[Finding]:
    awards = Decision.objects.for_mall(mall).filter(
        rule__in=mall.rules.values("pk"), decided_at__gt=now - timedelta(hours=1), outcome=Outcome.AWARDED
    )
    payments = Payment.objects.for_mall(mall).filter(
        store__in=mall.stores.values("pk"), paid_at__gt=now - timedelta(minutes=10), paid_at__lte=now,
        shopper__isnull=False,
    )  # fmt: skip
    return [
        *_found(awards, "decisions", settings.GUARD_AWARDS_PER_HOUR),
        *_found(payments, "payments", settings.GUARD_PAYMENTS_PER_10_MINUTES),
    ]


def _found(rows: QuerySet, what: str, enough: int) -> list[Finding]:
    fast = rows.order_by().values("shopper").annotate(number=Count("pk")).filter(number__gte=enough)
    facts = rows.filter(shopper__in=list(fast.values_list("shopper", flat=True))).values_list("shopper", "pk")
    return [
        Finding(GUARD, shopper, {"what": what, "ids": ids}, enough)
        for shopper, ids in with_enough(facts, enough).items()
    ]


def sentence(evidence: dict[str, Any]) -> str:
    number = len(evidence["ids"])
    if evidence["what"] == "payments":
        said = ngettext(
            "%(number)s payment within ten minutes.", "%(number)s payments within ten minutes.", number
        )  # fmt: skip
    else:
        said = ngettext("%(number)s award within one hour.", "%(number)s awards within one hour.", number)
    return said % {"number": number}
