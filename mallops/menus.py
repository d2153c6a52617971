"""Which pages each kind of body has, in the groups of the side navigation."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchants.choices import Action


class Page(NamedTuple):
    """`name` is that of its URL; `right` is needed to be offered it."""

    label: str
    icon: str
    name: str
    right: str = Action.VIEW


Menu = list[tuple[str, list[Page]]]

MALL: Menu = [
    (_("Analysis"), [
        Page(_("Overview"), "dashboard", "analytics:mall_overview"),
        Page(pgettext_lazy("dashboard", "Live"), "refresh", "analytics:live"),
        Page(_("Stores"), "store", "analytics:store_list"),
        Page(_("Categories"), "category", "analytics:category_list"),
        Page(_("Floor plan"), "floor", "analytics:floor_plan"),
        Page(_("Hours"), "clock", "analytics:hours"),
        Page(_("Flow between stores"), "transfer", "analytics:flow"),
        Page(_("Shoppers"), "users", "analytics:shoppers"),
        Page(_("Refunds"), "undo", "analytics:refunds"),
        Page(_("Coupon results"), "chart", "analytics:coupon_funnel"),
    ]),
    (_("Coupons"), [
        Page(_("Rules"), "rules", "coupons:rule_list"),
        Page(_("Budgets of rules"), "coins", "analytics:rule_budgets"),
        Page(_("Suggestions"), "transfer", "coupons:suggestions"),
        Page(_("Backtests"), "flask", "coupons:backtest_list"),
        Page(_("What coupons brought"), "chart", "coupons:mall_uplift"),
        Page(_("Coupon stocks"), "ticket", "coupons:stock_list"),
        Page(_("Find a coupon"), "search", "coupons:coupon_list"),
        Page(_("Explain"), "help", "coupons:explain"),
        Page(_("Abuse guards"), "shield", "coupons:guard_list", Action.EDIT_RULES),
        Page(_("Notices"), "bell", "coupons:notice_list"),
        Page(_("Disputes"), "alert", "coupons:dispute_list"),
    ]),
    (_("Partners"), [
        Page(_("Service providers"), "building", "merchants:provider_list"),
        Page(_("Agreements"), "partner", "merchants:agreement_list"),
        Page(_("Proposed stores"), "store", "merchants:mall_onboarding"),
        Page(_("API credentials"), "key", "merchants:mall_credentials", Action.MANAGE),
    ]),
    (_("Settlement"), [
        Page(_("Statements"), "receipt", "settlements:mall_statements"),
        Page(_("Rebate plans"), "gift", "settlements:plan_list"),
        Page(_("Months"), "calendar", "settlements:month_list"),
        Page(_("Trial balance"), "calculator", "settlements:trial_balance"),
        Page(_("Entries"), "list", "settlements:entry_list"),
    ]),
    (_("Set-up"), [
        Page(_("Mail reports"), "mail", "analytics:mail_reports"),
        Page(_("Ledger as file"), "download", "analytics:ledger_export"),
        Page(_("Imports"), "upload", "imports:import_list", Action.IMPORT),
        Page(_("People"), "users", "merchants:mall_people", Action.MANAGE),
        Page(_("Mall settings"), "settings", "coupons:mall_settings", Action.MANAGE),
    ]),
]  # fmt: skip
MERCHANT: Menu = [
    (_("Analysis"), [
        Page(_("My stores"), "dashboard", "analytics:merchant_overview"),
        Page(_("Hours"), "clock", "analytics:merchant_hours"),
        Page(_("Shoppers"), "users", "analytics:merchant_shoppers"),
        Page(_("Refunds"), "undo", "analytics:merchant_refunds"),
        Page(_("Coupon results"), "chart", "analytics:merchant_coupons"),
        Page(_("Rank in the category"), "star", "analytics:merchant_benchmark"),
    ]),
    (_("Coupons"), [
        Page(_("Consents"), "check", "coupons:merchant_consents"),
        Page(_("My coupon stocks"), "ticket", "coupons:merchant_stocks"),
        Page(_("Redeem"), "qrcode", "redeem:store_choose", Action.REDEEM),
        Page(_("Redemptions"), "receipt", "redeem:redemption_list", Action.REDEEM),
        Page(_("Disputes"), "alert", "redeem:dispute_list", Action.REDEEM),
    ]),
    (_("Partners"), [
        Page(_("Agreements"), "partner", "merchants:merchant_agreements"),
    ]),
    (_("Settlement"), [
        Page(_("Statements"), "receipt", "settlements:merchant_statements"),
    ]),
    (_("Set-up"), [
        Page(_("Mail reports"), "mail", "analytics:merchant_mail_reports"),
        Page(_("Ledger as file"), "download", "analytics:merchant_ledger_export"),
        Page(_("People"), "users", "merchants:merchant_people", Action.MANAGE),
    ]),
]  # fmt: skip
PROVIDER: Menu = [
    (_("Analysis"), [
        Page(_("Served stores"), "dashboard", "analytics:provider_overview"),
        Page(_("Coupon results"), "chart", "analytics:provider_coupons"),
    ]),
    (_("Coupons"), [
        Page(_("Consents"), "check", "coupons:provider_consents"),
    ]),
    (_("Partners"), [
        Page(_("Agreements"), "partner", "merchants:provider_agreements"),
        Page(_("Stores to bring in"), "store", "merchants:provider_onboarding"),
    ]),
    (_("Settlement"), [
        Page(_("Statements"), "receipt", "settlements:provider_statements"),
        Page(_("Rebate plans"), "gift", "settlements:plan_offers"),
        Page(_("Rebates"), "coins", "settlements:own_rebates"),
        Page(_("Traffic credits"), "star", "settlements:credit_list"),
    ]),
    (_("Set-up"), [
        Page(_("Mail reports"), "mail", "analytics:provider_mail_reports"),
        Page(_("Profile"), "building", "merchants:provider_profile"),
        Page(_("API credentials"), "key", "merchants:provider_credentials", Action.MANAGE),
        Page(_("People"), "users", "merchants:provider_people", Action.MANAGE),
    ]),
]  # fmt: skip

# Where a URL, or all URLs whose names begin so, belong to another entry than their first word says.
STEMS = {
    "coupons:block": "coupons:guard",
    "coupons:channel": "coupons:notice",
    "coupons:decision": "coupons:rule",
    "coupons:claim": "coupons:rule",
    "claim:hand": "coupons:rule",
    "merchants:application": "merchants:provider",
    "merchants:credential": "merchants:mall_credentials",
    "merchants:standing": "merchants:provider",
    "merchants:capability": "merchants:provider",
    "merchants:negative": "merchants:provider",
    "settlements:plan_offer": "settlements:plan_offers",
    "settlements:boost": "settlements:credit",
    "settlements:provider_rebates": "merchants:provider",
    "merchants:merchant_agreement": "merchants:merchant_agreements",
    "merchants:merchant_agreement_end": "merchants:merchant_agreements",
    **{
        f"settlements:{side}_statement{page}": f"settlements:{side}_statements"
        for side in ("mall", "merchant", "provider")
        for page in ("", "_line", "_so_far")
    },
    "coupons:merchant_consent": "coupons:merchant_consents",
    "coupons:provider_consent": "coupons:provider_consents",
    "merchants:provider_agreement": "merchants:provider_agreements",
    "merchants:provider_agreement_end": "merchants:provider_agreements",
    "merchants:agreement_propose": "merchants:provider_agreements",
    "merchants:mall_onboarding_detail": "merchants:mall_onboarding",
    "merchants:onboarding": "merchants:provider_onboarding",
    "merchants:provider_onboarding_detail": "merchants:provider_onboarding",
}


def is_under(here: str, page: Page) -> bool:
    """Whether the URL of this name belongs to a page of the menu."""
    stem = here.split("_")[0]
    return here == page.name or STEMS.get(here, STEMS.get(stem, stem)) == page.name.removesuffix("_list")
