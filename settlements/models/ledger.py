"""The settlement ledger: double entry, only ever added to.

An entry moves an amount from one account to another: it is the debit and the credit at once, so that a posting cannot
fail to balance. Entries are booked in a month of the mall; closed months take no more.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.models import Coupon, Rule
from mallops.lib.facts import Fact, FactForeignKey
from mallops.lib.money import MAX_FEN
from merchants.models import Mall, Merchant, ServiceProvider, Store, User
from merchants.models.directory import ScopedQuerySet


class AccountKind(models.TextChoices):
    """What an account counts. The balance is credits less debits.

    - outstanding (mall): what coupons not used yet can cost at most, all payers together.
    - commitment (payer): its part of that, below zero.
    - cost (payer): its part of the discounts of redeemed coupons, below zero.
    - reimbursement (merchant): the discounts it gave on redeemed coupons.
    - rebate_expense (mall): rebates promised to providers, below zero.
    - rebate_pending (provider): rebates earned that can still be taken back.
    - rebate (provider): rebates that are due.
    - adjustment (mall, merchant or provider): what people posted by hand, with a reason.
    - paid (merchant or provider), bank (mall): statements paid.
    """

    OUTSTANDING = "outstanding", pgettext_lazy("account", "Coupons outstanding")
    COMMITMENT = "commitment", pgettext_lazy("account", "Commitment for coupons")
    COST = "cost", pgettext_lazy("account", "Cost of coupons")
    REIMBURSEMENT = "reimbursement", pgettext_lazy("account", "Coupons honoured")
    REBATE_EXPENSE = "rebate_expense", pgettext_lazy("account", "Rebates")
    REBATE_PENDING = "rebate_pending", pgettext_lazy("account", "Rebates not matured")
    REBATE = "rebate", pgettext_lazy("account", "Rebates due")
    ADJUSTMENT = "adjustment", pgettext_lazy("account", "Adjustments")
    PAID = "paid", pgettext_lazy("account", "Paid")
    BANK = "bank", pgettext_lazy("account", "Bank")


OF_MALL = ("outstanding", "commitment", "cost", "rebate_expense", "adjustment", "bank")
OF_MERCHANT = ("commitment", "cost", "reimbursement", "adjustment", "paid")
OF_PROVIDER = ("commitment", "cost", "rebate_pending", "rebate", "adjustment", "paid")
DUE = ("cost", "reimbursement", "rebate", "adjustment")  # what a statement sums
MEMO = ("outstanding", "commitment", "rebate_pending")  # not due to or from anyone yet


class Account(models.Model):
    """Of a party: a merchant, a provider or, with neither, the mall."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="accounts", verbose_name=_("mall"))
    kind = models.CharField(_("kind"), max_length=16, choices=AccountKind.choices)
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name=_("merchant")
    )
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, null=True, blank=True, related_name="accounts",
        verbose_name=_("service provider"),
    )  # fmt: skip

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "kind", "merchant", "provider"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["mall", "kind"], condition=Q(merchant=None, provider=None), name="account_mall_once"
            ),
            models.UniqueConstraint(
                fields=["mall", "kind", "merchant"], condition=Q(merchant__isnull=False), name="account_merchant_once"
            ),
            models.UniqueConstraint(
                fields=["mall", "kind", "provider"], condition=Q(provider__isnull=False), name="account_provider_once"
            ),
            models.CheckConstraint(
                name="account_of_party",
                condition=Q(merchant=None, provider=None, kind__in=OF_MALL)
                | Q(merchant__isnull=False, provider=None, kind__in=OF_MERCHANT)
                | Q(merchant=None, provider__isnull=False, kind__in=OF_PROVIDER),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant or self.provider or self.mall}: {self.get_kind_display()}"


class Books(models.Model):
    """The row that postings hold (for key share) and a close takes (for update): `open_from` is the first day of the
    first month that is not closed, empty before any was."""

    mall = models.OneToOneField(Mall, models.PROTECT, primary_key=True, related_name="books", verbose_name=_("mall"))
    open_from = models.DateField(_("open from"), null=True, blank=True)

    class Meta:
        verbose_name = _("books")
        verbose_name_plural = _("books")


class ClosedMonth(models.Model):
    """A month whose entries are frozen; `entries` and `amount_fen` (sum of all of them) prove that none was added."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="closed_months", verbose_name=_("mall"))
    month = models.DateField(_("month"), help_text=_("Its first day."))
    entries = models.PositiveIntegerField(_("entries"))
    amount_fen = models.BigIntegerField(_("sum of all entries (fen)"))
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-month"]
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        constraints = [models.UniqueConstraint(fields=["mall", "month"], name="month_closed_once")]


class MonthBalance(Fact):
    """What was booked on an account in a closed month, in fen: the sums of its entries, which never change again."""

    month = models.DateField(_("month"), help_text=_("Its first day."))
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("account"))
    debits_fen = models.BigIntegerField(_("debits (fen)"))
    credits_fen = models.BigIntegerField(_("credits (fen)"))

    class Meta:
        verbose_name = _("balance of a month")
        verbose_name_plural = _("balances of months")
        constraints = [models.UniqueConstraint(fields=["mall", "month", "account"], name="month_balance_once")]


class EntryKind(models.TextChoices):
    """Why an entry was posted, and what its `source_id` is the id of."""

    ISSUE = "issue", pgettext_lazy("entry", "Coupon issued")  # Coupon
    RELEASE = "release", pgettext_lazy("entry", "Commitment released on redemption")  # Redemption
    REDEMPTION = "redemption", pgettext_lazy("entry", "Coupon redeemed")  # Redemption
    REVERSAL = "reversal", pgettext_lazy("entry", "Redemption undone")  # Reversal
    RENEWAL = "renewal", pgettext_lazy("entry", "Commitment renewed")  # Reversal
    EXPIRY = "expiry", pgettext_lazy("entry", "Coupon expired or revoked")  # CouponClosure
    ACCRUAL = "accrual", pgettext_lazy("entry", "Rebate earned")  # Accrual
    MATURITY = "maturity", pgettext_lazy("entry", "Rebate matured")  # Accrual
    CLAWBACK = "clawback", pgettext_lazy("entry", "Rebate taken back")  # Accrual
    ADJUSTMENT = "adjustment", pgettext_lazy("entry", "Adjustment")  # LineMessage, or the id of its audit entry
    PAYOUT = "payout", pgettext_lazy("entry", "Statement paid")  # Statement


class Entry(Fact):
    """`amount_fen` goes from `debit` to `credit`. `day` is the local day on which it happened, `month` the first day of
    the month it is booked in: that of the day, or a later one if that was closed. One `source_id` of a `kind` is
    posted once, as lines 0, 1, ..., whatever is repeated."""

    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind.choices)
    source_id = models.BigIntegerField(_("source"))
    line = models.PositiveSmallIntegerField(_("line"), default=0)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("debit"))
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("credit"))
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    day = models.DateField(_("day"))
    month = models.DateField(_("booked in"))
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("store")
    )
    rule = models.ForeignKey(
        Rule, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("rule")
    )
    coupon = FactForeignKey(
        Coupon, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False, verbose_name=_("coupon")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["mall", "kind", "source_id", "line"], name="entry_once"),
            models.CheckConstraint(name="entry_amount", condition=Q(amount_fen__gt=0, amount_fen__lte=MAX_FEN)),
            models.CheckConstraint(name="entry_moves", condition=~Q(debit=F("credit"))),
        ]
        indexes = [
            models.Index(fields=["mall", "month", "debit"], name="entry_by_debit"),
            models.Index(fields=["mall", "month", "credit"], name="entry_by_credit"),
            models.Index(fields=["mall", "coupon"], condition=Q(coupon__isnull=False), name="entry_by_coupon"),
        ]
