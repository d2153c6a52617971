"""The mall and what is in it: floors, categories, merchants, stores."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mallops.lib import dates

from .base import Bilingual, MallConfiguration, named_check

PLAN_WIDTH, PLAN_HEIGHT = 120, 60  # squares of a floor's plan


def validate_zone(value: str) -> None:
    if value not in dict(dates.zone_choices()):
        raise ValidationError(_("%(value)s is not a time zone such as Asia/Shanghai."), params={"value": value})


def validate_country(value: str) -> None:
    import holidays

    if value not in holidays.list_supported_countries():
        raise ValidationError(_("%(value)s is not a country such as CN."), params={"value": value})


class ScopedQuerySet(models.QuerySet):
    """Rows a person may see; the one place where every page and API read begins (see `merchants.access`)."""

    def visible_to(self, user) -> Self:
        from merchants import access

        return self.filter(access.visible(self.model, user))


class Mall(Bilingual):
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="Asia/Shanghai", validators=[validate_zone],
        help_text=_("Days of this mall begin and end here. Cannot be changed once there are payments."),
    )  # fmt: skip
    currency = models.CharField(_("currency sign"), max_length=4, default="¥")
    country = models.CharField(
        _("country"), max_length=2, default="CN", validators=[validate_country],
        help_text=_("Whose public holidays charts show, as two letters such as CN; empty for none."), blank=True,
    )  # fmt: skip
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    radius_m = models.PositiveIntegerField(
        _("radius (m)"), default=300, help_text=_("Who is so near to the mall's position counts as being there.")
    )
    holdout_bp = models.PositiveSmallIntegerField(
        _("mall-wide control group (basis points)"), default=0,
        help_text=_("This share of shoppers gets no coupon of any rule, to measure what coupons bring altogether."),
    )  # fmt: skip
    revision = models.BigIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name = _("mall")
        verbose_name_plural = _("malls")
        constraints = [
            named_check("mall_has_name"),
            models.CheckConstraint(name="mall_holdout", condition=models.Q(holdout_bp__lte=5_000)),
        ]

    def today(self) -> date:
        """The day that it is there now."""
        return dates.today(self.time_zone, timezone.now())


class Floor(Bilingual, MallConfiguration):
    mall = models.ForeignKey(Mall, models.PROTECT, related_name="floors", verbose_name=_("mall"))
    code = models.CharField(_("code"), max_length=12)
    level = models.SmallIntegerField(_("level"), help_text=_("-1 is the first basement; floors sort by it."))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "level"]
        verbose_name = _("floor")
        verbose_name_plural = _("floors")
        constraints = [models.UniqueConstraint(fields=["mall", "code"], name="floor_once")]

    def __str__(self) -> str:
        return self.code


class Category(Bilingual, MallConfiguration):
    """A node of the mall's tree of business categories (业态)."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="categories", verbose_name=_("mall"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "position", "code"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="category_once"),
            models.CheckConstraint(name="category_not_own_parent", condition=~models.Q(parent=models.F("id"))),
        ]

    def clean(self) -> None:
        ancestor = self.parent
        while ancestor is not None:
            if ancestor.pk == self.pk or ancestor.mall_id != self.mall_id:
                raise ValidationError({"parent": _("Choose a category of this mall that is not below this one.")})
            ancestor = ancestor.parent


class Merchant(Bilingual, MallConfiguration):
    """A legal entity that runs one or several stores of a mall."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="merchants", verbose_name=_("mall"))
    code = models.CharField(_("code"), max_length=40)
    registration_number = models.CharField(
        _("registration number"),
        max_length=40,
        blank=True,
        help_text=_("Unified social credit code (统一社会信用代码)."),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "code"]
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="merchant_once"),
            named_check("merchant_has_name"),
        ]


class Store(Bilingual, MallConfiguration):
    mall = models.ForeignKey(Mall, models.PROTECT, related_name="stores", verbose_name=_("mall"))
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="stores", verbose_name=_("merchant"))
    category = models.ForeignKey(Category, models.PROTECT, related_name="stores", verbose_name=_("category"))
    floor = models.ForeignKey(
        Floor, models.SET_NULL, null=True, blank=True, related_name="stores", verbose_name=_("floor")
    )
    code = models.CharField(_("store code"), max_length=40)
    unit = models.CharField(_("unit"), max_length=20, blank=True, help_text=_("Such as L2-05."))
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    # Where the unit lies on the plan of its floor, in a grid of PLAN_WIDTH x PLAN_HEIGHT; without, it is laid out.
    plan_x = models.PositiveSmallIntegerField(_("left on the plan"), null=True, blank=True)
    plan_y = models.PositiveSmallIntegerField(_("top on the plan"), null=True, blank=True)
    plan_width = models.PositiveSmallIntegerField(_("width on the plan"), null=True, blank=True)
    plan_height = models.PositiveSmallIntegerField(_("height on the plan"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "code"]
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="store_once"),
            named_check("store_has_name"),
            models.CheckConstraint(
                name="store_on_plan",
                condition=models.Q(plan_x=None, plan_y=None, plan_width=None, plan_height=None)
                | models.Q(
                    plan_width__gte=1,
                    plan_height__gte=1,
                    plan_x__lte=PLAN_WIDTH - models.F("plan_width"),
                    plan_y__lte=PLAN_HEIGHT - models.F("plan_height"),
                ),
            ),
            models.CheckConstraint(
                name="store_closes_later",
                condition=models.Q(opened_on=None)
                | models.Q(closed_on=None)
                | models.Q(closed_on__gte=models.F("opened_on")),
            ),
        ]

    def clean(self) -> None:
        for field in ("merchant", "category", "floor"):
            other = getattr(self, field, None)
            if other is not None and other.mall_id != self.mall_id:
                raise ValidationError({field: _("Choose one of the same mall.")})
