"""Who sits before the pages of statements: the mall, or the merchant or provider that they are about."""

from typing import NamedTuple

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from merchants import access
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall, open_party
from settlements.models import Entry, EntryKind, Statement, StatementLine
from settlements.queries import statements as queries


class Seat(NamedTuple):
    """`side` (mall, merchant or provider) begins the names of the pages, `key` is the first part of their addresses."""

    side: str
    body: access.Body
    key: str | int
    rights: frozenset[str]

    @property
    def mall(self) -> Mall:
        return self.body if self.is_mall else self.body.mall

    @property
    def is_mall(self) -> bool:
        return self.side == "mall"

    @property
    def may_answer(self) -> bool:
        """Settle as the mall, or dispute and agree as the party."""
        return (Action.SETTLE if self.is_mall else Action.CONSENT) in self.rights

    def url(self, page: str, *args: str | int) -> str:
        return reverse(f"settlements:{self.side}_{page}", args=[self.key, *args])

    def statement_url(self, statement: Statement) -> str:
        return self.url("statement", statement.pk)

    def statement(self, pk: int) -> Statement:
        """Raises Http404 for what the seat may not see: of a party, others' statements and drafts."""
        rows = queries.statement_rows(self.mall) if self.is_mall else queries.own_statements(self.body)
        return get_object_or_404(rows, pk=pk)

    def line(self, pk: int, position: int) -> StatementLine:
        statement = self.statement(pk)
        line = get_object_or_404(queries.line_rows(statement), position=position)
        line.statement = statement
        return line

    def evidence_url(self, entry: Entry) -> str | None:
        """The page of what an entry came of, where the reader may see it."""
        if self.is_mall and entry.coupon_id:
            return reverse("coupons:coupon_detail", args=[self.key, entry.coupon_id])
        if self.side == "merchant" and Action.REDEEM in self.rights and entry.kind in REDEEMED and self._mine(entry):
            return reverse("redeem:redemption_detail", args=[self.key, entry.redemption_id])
        return None

    def _mine(self, entry: Entry) -> bool:
        return entry.store is not None and entry.store.merchant_id == self.body.pk


REDEEMED = (EntryKind.REDEMPTION, EntryKind.REVERSAL)


def mall_seat(request: HttpRequest, mall: str, action: str) -> Seat:
    return Seat("mall", open_mall(request, mall, action), mall, request.rights)


def party_seat(request: HttpRequest, side: str, pk: int, *, answers: bool = False) -> Seat:
    """To look; or to answer, which a merchant's owner and a provider's managers may."""
    body = open_party(request, side, pk, Action.CONSENT if answers else Action.VIEW)
    return Seat(side, body, pk, request.rights)
