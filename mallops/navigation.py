"""The side navigation and the switcher: which pages a reader is offered, by the rights held at the opened body."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from coupons.queries import consents
from mallops.lib.counting import counted
from merchants import access
from merchants.choices import Action
from merchants.models import Mall, Merchant, ServiceProvider
from merchants.queries import agreements
from settlements.queries import plans, statements, waiting

# group, label, icon, URL name, right needed. Labels are marked where they are read (`labels`).
MALL_PAGES = [
    ("analysis", "overview", "dashboard", "analytics:mall_overview", Action.VIEW),
    ("analysis", "live", "refresh", "analytics:live", Action.VIEW),
    ("analysis", "stores", "store", "analytics:store_list", Action.VIEW),
    ("analysis", "categories", "category", "analytics:category_list", Action.VIEW),
    ("analysis", "floor_plan", "floor", "analytics:floor_plan", Action.VIEW),
    ("analysis", "hours", "clock", "analytics:hours", Action.VIEW),
    ("analysis", "flow", "transfer", "analytics:flow", Action.VIEW),
    ("analysis", "shoppers", "users", "analytics:shoppers", Action.VIEW),
    ("analysis", "refunds", "undo", "analytics:refunds", Action.VIEW),
    ("analysis", "coupon_results", "chart", "analytics:coupon_funnel", Action.VIEW),
    ("coupons", "rules", "rules", "coupons:rule_list", Action.VIEW),
    ("coupons", "budgets", "coins", "analytics:rule_budgets", Action.VIEW),
    ("coupons", "suggestions", "transfer", "coupons:suggestions", Action.VIEW),
    ("coupons", "backtests", "flask", "coupons:backtest_list", Action.VIEW),
    ("coupons", "uplift", "chart", "coupons:mall_uplift", Action.VIEW),
    ("coupons", "stocks", "ticket", "coupons:stock_list", Action.VIEW),
    ("coupons", "coupon_search", "search", "coupons:coupon_list", Action.VIEW),
    ("coupons", "explain", "help", "coupons:explain", Action.VIEW),
    ("coupons", "guards", "shield", "coupons:guard_list", Action.EDIT_RULES),
    ("coupons", "notices", "bell", "coupons:notice_list", Action.VIEW),
    ("coupons", "disputes", "alert", "coupons:dispute_list", Action.VIEW),
    ("partners", "providers", "building", "merchants:provider_list", Action.VIEW),
    ("partners", "agreements", "partner", "merchants:agreement_list", Action.VIEW),
    ("partners", "onboarding", "store", "merchants:mall_onboarding", Action.VIEW),
    ("partners", "credentials", "key", "merchants:mall_credentials", Action.MANAGE),
    ("money", "statements", "receipt", "settlements:mall_statements", Action.VIEW),
    ("money", "plans", "gift", "settlements:plan_list", Action.VIEW),
    ("money", "months", "calendar", "settlements:month_list", Action.VIEW),
    ("money", "trial_balance", "calculator", "settlements:trial_balance", Action.VIEW),
    ("money", "entries", "list", "settlements:entry_list", Action.VIEW),
    ("setup", "mail_reports", "mail", "analytics:mail_reports", Action.VIEW),
    ("setup", "ledger_export", "download", "analytics:ledger_export", Action.VIEW),
    ("setup", "imports", "upload", "imports:import_list", Action.IMPORT),
    ("setup", "people", "users", "merchants:mall_people", Action.MANAGE),
    ("setup", "mall_settings", "settings", "coupons:mall_settings", Action.MANAGE),
]
MERCHANT_PAGES = [
    ("analysis", "my_stores", "dashboard", "analytics:merchant_overview", Action.VIEW),
    ("analysis", "hours", "clock", "analytics:merchant_hours", Action.VIEW),
    ("analysis", "shoppers", "users", "analytics:merchant_shoppers", Action.VIEW),
    ("analysis", "refunds", "undo", "analytics:merchant_refunds", Action.VIEW),
    ("analysis", "coupon_results", "chart", "analytics:merchant_coupons", Action.VIEW),
    ("analysis", "benchmark", "star", "analytics:merchant_benchmark", Action.VIEW),
    ("coupons", "my_consents", "check", "coupons:merchant_consents", Action.VIEW),
    ("coupons", "my_stocks", "ticket", "coupons:merchant_stocks", Action.VIEW),
    ("coupons", "redeem", "qrcode", "redeem:store_choose", Action.REDEEM),
    ("coupons", "redemptions", "receipt", "redeem:redemption_list", Action.REDEEM),
    ("coupons", "disputes", "alert", "redeem:dispute_list", Action.REDEEM),
    ("partners", "agreements", "partner", "merchants:merchant_agreements", Action.VIEW),
    ("money", "statements", "receipt", "settlements:merchant_statements", Action.VIEW),
    ("setup", "mail_reports", "mail", "analytics:merchant_mail_reports", Action.VIEW),
    ("setup", "ledger_export", "download", "analytics:merchant_ledger_export", Action.VIEW),
    ("setup", "people", "users", "merchants:merchant_people", Action.MANAGE),
]
PROVIDER_PAGES = [
    ("analysis", "served_stores", "dashboard", "analytics:provider_overview", Action.VIEW),
    ("analysis", "coupon_results", "chart", "analytics:provider_coupons", Action.VIEW),
    ("coupons", "my_consents", "check", "coupons:provider_consents", Action.VIEW),
    ("partners", "agreements", "partner", "merchants:provider_agreements", Action.VIEW),
    ("partners", "my_onboarding", "store", "merchants:provider_onboarding", Action.VIEW),
    ("money", "statements", "receipt", "settlements:provider_statements", Action.VIEW),
    ("money", "my_plans", "gift", "settlements:plan_offers", Action.VIEW),
    ("money", "rebates", "coins", "settlements:own_rebates", Action.VIEW),
    ("money", "traffic_credits", "star", "settlements:credit_list", Action.VIEW),
    ("setup", "mail_reports", "mail", "analytics:provider_mail_reports", Action.VIEW),
    ("setup", "profile", "building", "merchants:provider_profile", Action.VIEW),
    ("setup", "credentials", "key", "merchants:provider_credentials", Action.MANAGE),
    ("setup", "people", "users", "merchants:provider_people", Action.MANAGE),
]


# Pages that belong under another entry.
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


def labels() -> dict[str, str]:
    return {
        "analysis": _("Analysis"),
        "coupons": _("Coupons"),
        "partners": _("Partners"),
        "money": _("Settlement"),
        "statements": _("Statements"),
        "setup": _("Set-up"),
        "overview": _("Overview"),
        "live": pgettext("dashboard", "Live"),
        "stores": _("Stores"),
        "categories": _("Categories"),
        "floor_plan": _("Floor plan"),
        "hours": _("Hours"),
        "flow": _("Flow between stores"),
        "shoppers": _("Shoppers"),
        "refunds": _("Refunds"),
        "coupon_results": _("Coupon results"),
        "rules": _("Rules"),
        "budgets": _("Budgets of rules"),
        "suggestions": _("Suggestions"),
        "backtests": _("Backtests"),
        "uplift": _("What coupons brought"),
        "stocks": _("Coupon stocks"),
        "coupon_search": _("Find a coupon"),
        "explain": _("Explain"),
        "guards": _("Abuse guards"),
        "notices": _("Notices"),
        "disputes": _("Disputes"),
        "providers": _("Service providers"),
        "credentials": _("API credentials"),
        "mail_reports": _("Mail reports"),
        "ledger_export": _("Ledger as file"),
        "imports": _("Imports"),
        "people": _("People"),
        "mall_settings": _("Mall settings"),
        "my_stores": _("My stores"),
        "benchmark": _("Rank in the category"),
        "my_consents": _("Consents"),
        "my_stocks": _("My coupon stocks"),
        "redeem": _("Redeem"),
        "redemptions": _("Redemptions"),
        "served_stores": _("Served stores"),
        "agreements": _("Agreements"),
        "profile": _("Profile"),
        "plans": _("Rebate plans"),
        "my_plans": _("Rebate plans"),
        "rebates": _("Rebates"),
        "traffic_credits": _("Traffic credits"),
        "onboarding": _("Proposed stores"),
        "my_onboarding": _("Stores to bring in"),
        "months": _("Months"),
        "trial_balance": _("Trial balance"),
        "entries": _("Entries"),
    }


def shell(request: HttpRequest) -> dict:
    """Context processor: `body`, `body_kind`, and `nav` and `tenants`, made only if a template asks for them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    body = getattr(request, "body_opened", None)
    return {
        "body": body,
        "body_kind": kind_of(body),
        "nav": SimpleLazyObject(lambda: navigation(request, body)),
        "tenants": SimpleLazyObject(lambda: tenants(user, body)),
    }


def pages_of(body) -> tuple[list, dict]:
    """The pages of a body, and the URL arguments that name it."""
    if isinstance(body, Mall):
        return MALL_PAGES, {"mall": body.slug}
    if isinstance(body, Merchant):
        return MERCHANT_PAGES, {"pk": body.pk}
    if isinstance(body, ServiceProvider):
        return PROVIDER_PAGES, {"pk": body.pk}
    return [], {}


def kind_of(body) -> str:
    """What stands below the name of a body."""
    if isinstance(body, Merchant):
        return _("Merchant")
    return _("Service provider") if isinstance(body, ServiceProvider) else _("Mall operations")


def navigation(request: HttpRequest, body) -> list[dict]:
    pages, arguments = pages_of(body)
    words, groups, counts = labels(), {}, badges(request, body)
    here = request.resolver_match.view_name if request.resolver_match else ""
    stem = here.split("_")[0]
    home = STEMS.get(here, STEMS.get(stem, stem))
    for group, label, icon, name, action in pages:
        if action in request.rights:
            item = {
                "label": words[label],
                "icon": icon,
                "url": reverse(name, kwargs=arguments),
                "active": here == name or home == name.removesuffix("_list"),
                "badge": counts.get(name),
            }
            groups.setdefault(group, []).append(item)
    return [{"label": words[group], "items": items} for group, items in groups.items()]


def badges(request: HttpRequest, body) -> dict[str, int]:
    """How much waits for the reader behind a page, by its name. At a mall, for those who may answer."""
    needed = Action.MANAGE if isinstance(body, Mall) else Action.VIEW
    if body is None or needed not in request.rights:
        return {}
    return counted(WAITING[type(body)](body))


WAITING = {
    Mall: waiting.of_mall,
    Merchant: lambda merchant: {
        "coupons:merchant_consents": consents.asked(merchant),
        "merchants:merchant_agreements": agreements.asked(merchant),
        "settlements:merchant_statements": statements.asked(merchant),
    },
    ServiceProvider: lambda provider: {
        "coupons:provider_consents": consents.asked(provider),
        "settlements:plan_offers": plans.asked(provider),
        "settlements:provider_statements": statements.asked(provider),
    },
}


def home_url(body) -> str:
    """The first page of a body."""
    pages, arguments = pages_of(body)
    return reverse(pages[0][3], kwargs=arguments)


def tenants(user, body) -> list[dict]:
    """The bodies a reader belongs to, for the switcher."""
    found = []
    for membership in user.memberships.select_related("mall", "merchant__mall", "provider__mall").order_by("pk"):
        at = membership.body
        found.append(
            {
                "label": at.name,
                "role": membership.get_role_display(),
                "url": start_url(membership),
                "active": at == body,
            }
        )
    return found


def start_url(membership) -> str:
    """Where a member begins: the first page, or the redemption page for who may only redeem."""
    if Action.VIEW not in access.RIGHTS[membership.role]:
        return reverse("redeem:store_choose", kwargs={"pk": membership.merchant_id})
    return home_url(membership.body)
