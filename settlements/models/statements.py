"""Monthly statements (对账单) of merchants and providers, frozen when their month was closed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.models import Rule
from mallops.lib.facts import Fact, FactForeignKey
from merchants.models import Merchant, ServiceProvider, Store, User

from .ledger import Account, EntryKind


class StatementState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("statement", "Draft")
    ISSUED = "issued", pgettext_lazy("statement", "Issued")
    DISPUTED = "disputed", pgettext_lazy("statement", "Disputed")
    CLOSED = "closed", pgettext_lazy("statement", "Agreed")
    PAID = "paid", pgettext_lazy("statement", "Paid")


class Statement(Fact):
    """What a month comes to for a merchant or a provider. `total_fen` above zero is owed by the mall to the party,
    below zero by the party to the mall; it is the sum of the lines, and they are sums of the entries of the month."""

    merchant = models.ForeignKey(
        Merchant, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("merchant")
    )
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("service provider"),
    )  # fmt: skip
    month = models.DateField(_("month"))
    state = models.CharField(_("state"), max_length=8, choices=StatementState.choices, default=StatementState.DRAFT)
    total_fen = models.BigIntegerField(_("total (fen)"))
    made_at = models.DateTimeField(_("made at"))
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    paid_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    payment_reference = models.CharField(_("reference of the payment"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            models.UniqueConstraint(
                fields=["mall", "month", "merchant"],
                condition=Q(merchant__isnull=False),
                name="statement_merchant_once",
            ),
            models.UniqueConstraint(
                fields=["mall", "month", "provider"],
                condition=Q(provider__isnull=False),
                name="statement_provider_once",
            ),
            models.CheckConstraint(
                name="statement_of_one_party",
                condition=Q(merchant__isnull=False, provider=None) | Q(merchant=None, provider__isnull=False),
            ),
            models.CheckConstraint(
                name="statement_paid",
                condition=Q(state="paid", paid_at__isnull=False) | (~Q(state="paid") & Q(paid_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["mall", "merchant", "month"], name="statement_by_merchant"),
            models.Index(fields=["mall", "provider", "month"], name="statement_by_provider"),
            models.Index(fields=["mall", "state"], name="statement_by_state"),
        ]

    @property
    def party(self) -> Merchant | ServiceProvider:
        return self.merchant or self.provider

    @property
    def side(self) -> str:
        return "merchant" if self.merchant_id else "provider"


class StatementLine(Fact):
    """The entries of one kind on one account of the party, by store and rule: their number and what they come to,
    above zero in favour of the party."""

    statement = FactForeignKey(
        Statement, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("statement")
    )
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind.choices)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("account"))
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("store")
    )
    rule = models.ForeignKey(
        Rule, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("rule")
    )
    count = models.PositiveIntegerField(_("number"))
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    disputed_at = models.DateTimeField(_("disputed at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        constraints = [
            models.UniqueConstraint(fields=["mall", "statement", "position"], name="statement_line_once"),
            models.CheckConstraint(
                name="statement_line_settled_after_dispute",
                condition=Q(settled_at=None) | Q(disputed_at__isnull=False),
            ),
        ]


class LineMessage(Fact):
    """What the party and the mall wrote to each other about a line."""

    line = FactForeignKey(
        StatementLine, models.PROTECT, related_name="messages", db_index=False, verbose_name=_("line")
    )
    text = models.TextField(_("text"), max_length=2_000)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by"))
    of_mall = models.BooleanField(_("written by the mall"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("message about a line")
        verbose_name_plural = _("messages about lines")
        indexes = [models.Index(fields=["mall", "line", "at"], name="message_by_line")]
