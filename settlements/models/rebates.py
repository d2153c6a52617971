"""What providers earn: versioned plans, offers of them, accruals with their evidence, traffic credits."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.models import Redemption
from mallops.lib.facts import Fact, FactForeignKey
from merchants.models import Agreement, Bilingual, Mall, ServiceProvider, Store, User
from merchants.models.base import named_check
from merchants.models.directory import ScopedQuerySet
from payments.models import Payment


class RebatePlan(Bilingual):
    """A plan of rebates (返佣方案) as the mall offers it to providers; what it says is in its versions."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="rebate_plans", verbose_name=_("mall"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("created by"))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-created_at"]
        verbose_name = _("rebate plan")
        verbose_name_plural = _("rebate plans")
        constraints = [named_check("plan_has_name")]


class PlanVersion(models.Model):
    """Terms (the JSON of `settlements.plans.PlanTerms`). Never changed: another wording is another version."""

    plan = models.ForeignKey(RebatePlan, models.PROTECT, related_name="versions", verbose_name=_("rebate plan"))
    number = models.PositiveIntegerField(_("number"))
    terms = models.JSONField(_("terms"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        ordering = ["plan", "-number"]
        verbose_name = _("version of a rebate plan")
        verbose_name_plural = _("versions of rebate plans")
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}"


class PlanOffer(models.Model):
    """A plan's version offered to a provider for whole local days from `from_day` until before `until_day`. Accepted
    offers of one provider never overlap."""

    class State(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("plan offer", "Offered")
        ACCEPTED = "accepted", pgettext_lazy("plan offer", "Accepted")
        DECLINED = "declined", pgettext_lazy("plan offer", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("plan offer", "Withdrawn")

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="plan_offers", verbose_name=_("mall"))
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="offers", verbose_name=_("rebate plan"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="plan_offers", verbose_name=_("service provider")
    )
    from_day = models.DateField(_("from"))
    until_day = models.DateField(_("until (excluded)"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OFFERED)
    offered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("offered by"))
    offered_at = models.DateTimeField(_("offered at"))
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "-from_day"]
        verbose_name = _("offer of a rebate plan")
        verbose_name_plural = _("offers of rebate plans")
        constraints = [
            models.CheckConstraint(
                name="offer_ends_after_start", condition=Q(until_day=None) | Q(until_day__gt=F("from_day"))
            ),
        ]


class Accrual(Fact):
    """A rebate earned, with its evidence: the redemption, or for an opening the agreement (and the payment that showed
    the store at work). Due from `matures_on` on, unless the redemption is undone first or later. `base_fen` is what it
    is a share of, `run_fen` the base of the provider in the calendar month under this offer, this one included. What is
    undone later keeps its place there: nothing that was earned after it is reckoned anew."""

    class Kind(models.TextChoices):
        OPENING = "opening", pgettext_lazy("rebate", "Opening reward")
        REDEMPTION = "redemption", pgettext_lazy("rebate", "Redemption reward")

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("rebate", "Not matured")
        MATURED = "matured", pgettext_lazy("rebate", "Matured")
        CLAWED_BACK = "clawed", pgettext_lazy("rebate", "Taken back")

    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="+", db_index=False, verbose_name=_("service provider")
    )
    offer = models.ForeignKey(
        PlanOffer, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rebate plan")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("store"))
    redemption = FactForeignKey(
        Redemption, models.PROTECT, null=True, blank=True, related_name="accruals", db_index=False,
        verbose_name=_("redemption"),
    )  # fmt: skip
    payment = FactForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("payment")
    )
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="+", db_index=False, verbose_name=_("agreement")
    )
    base_fen = models.BigIntegerField(_("base (fen)"))
    run_fen = models.BigIntegerField(_("base of the month so far (fen)"))
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    credits = models.BigIntegerField(_("traffic credits"), default=0)
    day = models.DateField(_("day"))
    month = models.DateField(_("month"), help_text=_("The first day of the calendar month of the day."))
    matures_on = models.DateField(_("matures on"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("accrual")
        verbose_name_plural = _("accruals")
        constraints = [
            models.UniqueConstraint(
                fields=["mall", "redemption"], condition=Q(kind="redemption"), name="accrual_of_redemption_once"
            ),
            models.UniqueConstraint(
                fields=["mall", "store"], condition=Q(kind="opening"), name="accrual_of_opening_once"
            ),
            models.CheckConstraint(
                name="accrual_has_evidence",
                condition=Q(kind="redemption", redemption__isnull=False)
                | Q(kind="opening", redemption=None, payment__isnull=False),
            ),
            models.CheckConstraint(
                name="accrual_amounts", condition=Q(base_fen__gte=0, amount_fen__gte=0, credits__gte=0)
            ),
            models.CheckConstraint(name="accrual_matures_later", condition=Q(matures_on__gte=F("day"))),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["mall", "provider", "month", "offer", "run_fen"], name="accrual_by_provider"),
            models.Index(fields=["mall", "matures_on"], condition=Q(state="pending"), name="accrual_to_mature"),
        ]


class CreditLine(Fact):
    """Traffic credits earned (above zero) or spent and taken back (below zero). Rows are added, never changed."""

    class Kind(models.TextChoices):
        EARNED = "earned", pgettext_lazy("traffic credits", "Earned")
        CLAWED_BACK = "clawed", pgettext_lazy("traffic credits", "Taken back")
        SPENT = "spent", pgettext_lazy("traffic credits", "Spent")

    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="+", db_index=False, verbose_name=_("service provider")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    source_id = models.BigIntegerField(_("source"), help_text=_("The accrual, or the boost."))
    credits = models.BigIntegerField(_("traffic credits"))
    day = models.DateField(_("day"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("line of traffic credits")
        verbose_name_plural = _("lines of traffic credits")
        constraints = [
            models.UniqueConstraint(fields=["mall", "kind", "source_id"], name="credit_line_once"),
            models.CheckConstraint(
                name="credit_line_sign",
                condition=Q(kind="earned", credits__gt=0) | (~Q(kind="earned") & Q(credits__lt=0)),
            ),
        ]
        indexes = [models.Index(fields=["mall", "provider", "day"], name="credit_line_by_provider")]
