"""What a finding rests on: one table for each kind of fact, each line with its way to the explanation."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from coupons.models import Decision, GuardFlag
from coupons.queries import guards as queries
from mallops.lib.format import money
from mallops.lib.ui.tables import Column, Table
from merchants.models import Mall

from .coupons import shopper_tag
from .states import at, tail


def facts_table(mall: Mall, flag: GuardFlag) -> Table:
    columns = _COLUMNS[flag.evidence["what"]](mall)
    return Table(columns, queries.facts_of(flag), label=_("Evidence"), page_size=None)


def shopper_link(mall: Mall) -> Callable[[Any], str]:
    """The page of a row's shopper."""
    return lambda row: reverse("coupons:explain_shopper", args=[mall.slug, row.shopper_id])


def _payments(mall: Mall) -> list[Column]:
    return [
        Column("paid_at", _("Paid at"), kind="moment", format=at(mall), url=_link(mall, "explain_payment")),
        Column("store.name", _("Store")),
        Column("amount_fen", _("Amount"), align="end", format=lambda fen: money(fen, mall.currency)),
        Column("refunded_fen", _("Refunded"), align="end", format=lambda fen: money(fen, mall.currency)),
    ]


def _shoppers(mall: Mall) -> list[Column]:
    return [
        Column("pk", _("Shopper"), format=shopper_tag, url=_link(mall, "explain_shopper")),
        Column("created_at", _("First known at"), kind="moment", format=at(mall)),
    ]


def _redemptions(mall: Mall) -> list[Column]:
    def coupon(row) -> str:
        return reverse("coupons:coupon_detail", args=[mall.slug, row.coupon_id])

    return [
        Column("redeemed_at", _("Redeemed at"), kind="moment", format=at(mall), url=coupon),
        Column("coupon.issued_at", _("Issued at"), kind="moment", format=at(mall), hide_on_phone=True),
        Column("coupon.stock.name", _("Coupon"), sub=lambda row: tail(row.coupon.code)),
        Column("store.name", _("Store")),
    ]


def _decisions(mall: Mall) -> list[Column]:
    def cause(row: Decision) -> str:
        name, pk = ("explain_payment", row.payment_id) if row.payment_id else ("explain_claim", row.claim_id)
        return reverse(f"coupons:{name}", args=[mall.slug, pk])

    return [
        Column("decided_at", _("Awarded at"), kind="moment", format=at(mall), url=cause),
        Column("rule.name", _("Rule")),
        Column("store", _("Store"), value=lambda row: (row.payment or row.claim).store.name),
    ]


def _link(mall: Mall, name: str) -> Callable[[Any], str]:
    return lambda row: reverse(f"coupons:{name}", args=[mall.slug, row.pk])


_COLUMNS = {"payments": _payments, "shoppers": _shoppers, "redemptions": _redemptions, "decisions": _decisions}
