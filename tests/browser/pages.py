"""Every page of the site, and how a reader of the demonstration gets there: by links, so that these are tested too.

A new page is one line in PAGES.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import APIRequestContext


@dataclass(frozen=True)
class Page:
    """A page, who looks at it, and the links that lead there (patterns of addresses) from `start`.

    `name` is the URL name, with a remark after a space where a page is looked at more than once.
    """

    name: str
    who: str = ""
    links: tuple[str, ...] = ()
    start: str = "/"
    status: int = 200

    @property
    def url_name(self) -> str:
        return self.name.split()[0]


def of(who: str, rows: dict[str, str]) -> list[Page]:
    """Pages by name and the patterns to follow from the reader's first page, apart by spaces."""
    return [Page(name, who, tuple(links.split())) for name, links in rows.items()]


ACCOUNTS = [
    Page("account_login", start="/accounts/login/"),
    Page("merchants:apply", start="/malls/galaxy/apply/"),
    Page("merchants:application_sent", start="/malls/galaxy/apply/sent/"),
    Page("account_inactive", start="/accounts/inactive/"),
    Page("account_reset_password", links=("/password/reset/$",), start="/accounts/login/"),
    Page("account_reset_password_done", start="/accounts/password/reset/done/"),
    Page("account_reset_password_from_key over", start="/accounts/password/reset/key/1-none/"),
    Page("account_reset_password_from_key_done", start="/accounts/password/reset/key/done/"),
    Page("account_change_password", "galaxy.cashier", links=("/password/change/$",)),
    Page("account_logout", "galaxy.cashier", start="/accounts/logout/"),
]
MANAGER = of(
    "galaxy.manager",
    {
        "analytics:mall_overview": "",
        "analytics:store_list": "/stores/$",
        "analytics:store_detail": "/stores/$ /stores/[^?]+/",
        "analytics:floor_plan": "/floors/$",
        "analytics:floor_plan_edit": "/floors/$ /floors/[^/]+/plan/$",
        "analytics:hours": "/hours/$",
        "analytics:category_list": "/categories/$",
        "analytics:category_detail": "/categories/$ /categories/[^?]+/",
        "analytics:flow": "/flow/$",
        "settlements:plan_list": "/plans/$",
        "settlements:plan_new": "/plans/$ /plans/new/$",
        "settlements:plan_detail": "/plans/$ /plans/[0-9]+/$",
        "settlements:plan_edit": "/plans/$ /plans/[0-9]+/$ /edit/$",
        "settlements:plan_try": "/plans/$ /plans/[0-9]+/$ /try/$",
        "settlements:plan_offer_new": "/plans/$ /plans/[0-9]+/$ /offer/$",
        "settlements:plan_offer_stop": "/plans/$ /plans/[0-9]+/$ /stop/$",
        "settlements:provider_rebates": "/plans/$ /plans/[0-9]+/$ /rebates/$",
        "settlements:month_list": "/months/$",
        "settlements:mall_statements": "/statements/$",
        "settlements:mall_statement": "/statements/$ /statements/[0-9]+/$",
        "settlements:mall_statement_line": "/statements/$ /statements/[0-9]+/$ /lines/1/$",
        "settlements:trial_balance": "/balance/$",
        "settlements:entry_list": "/entries/$",
        "settlements:entry_list of an account": "/balance/$ /entries/.*account=",
        "analytics:shoppers": "/shoppers/$",
        "analytics:coupon_funnel": "/coupon-results/$",
        "analytics:refunds": "/refunds/$",
        "analytics:rule_budgets": "/budgets/$",
        "analytics:live": "/live/$",
        "analytics:saved_views": "/views/$",
        "analytics:annotations": "/notes/$",
        "analytics:annotation_add": "/notes/$ /notes/add/$",
        "analytics:mail_reports": "/mail-reports/$",
        "analytics:ledger_export": "/ledger/$",
        "coupons:rule_list": "/rules/$",
        "coupons:rule_detail": "/rules/$ /rules/[0-9]+/$",
        "coupons:rule_new": "/rules/$ /rules/new/$",
        "coupons:rule_edit": "/rules/$ /rules/[0-9]+/$ /edit/$",
        "coupons:decision_list": "/rules/$ /rules/[0-9]+/$ /decisions/$",
        "coupons:decision_detail": "/rules/$ /rules/1/$ /decisions/$ /decisions/[0-9]+/$",
        "coupons:rule_consent": "/rules/$ /rules/13/$ /consents/[0-9]+/$",
        "coupons:rule_uplift": "/rules/$ /rules/5/$ /rules/5/uplift/$",
        "coupons:mall_uplift": "/uplift/$",
        "coupons:suggestions": "/suggestions/$",
        "coupons:backtest_list": "/backtests/$",
        "coupons:backtest_detail": "/backtests/$ /backtests/[0-9]+/$",
        "coupons:backtest_new": "/backtests/$ /backtests/new/$",
        "coupons:backtest_compare": "/backtests/$ /backtests/compare/$",
        "coupons:mall_settings": "/settings/$",
        "coupons:stock_list": "/stocks/$",
        "coupons:stock_detail": "/stocks/$ /stocks/[0-9]+/$",
        "coupons:stock_new": "/stocks/$ /stocks/new/$",
        "coupons:stock_edit": "/stocks/$ /stocks/[0-9]+/$ /edit/$",
        "coupons:coupon_list": "/coupons/$",
        "coupons:coupon_detail": "/coupons/$ /coupons/[0-9]+/$",
        "coupons:explain": "/explain/$",
        "coupons:explain_payment": "/rules/$ /rules/1/$ /decisions/$ /decisions/[0-9]+/$ /explain/payments/",
        "coupons:explain_shopper": "/coupons/$ /coupons/[0-9]+/$ /explain/shoppers/",
        "coupons:guard_list": "/guards/$",
        "coupons:block_list": "/guards/$ /blocks/$",
        "merchants:provider_list": "/providers/$",
        "merchants:provider_detail": "/providers/$ /providers/[0-9]+/$",
        "merchants:capability_take_back": "/providers/$ /providers/[0-9]+/$ /take-back/$",
        "merchants:application_list": "/providers/$ /applications/$",
        "merchants:application_detail": "/providers/$ /applications/$ /applications/[0-9]+/$",
        "merchants:negative_list": "/providers/$ /negative-list/$",
        "merchants:agreement_add": "/providers/$ /providers/[0-9]+/$ /providers/[0-9]+/agreements/$",
        "merchants:agreement_list": "/agreements/$",
        "merchants:agreement_detail": "/agreements/$ /agreements/[0-9]+/$",
        "merchants:mall_onboarding": "/onboarding/$",
        "merchants:mall_onboarding_detail": "/onboarding/$ /onboarding/[0-9]+/$",
        "coupons:notice_list": "/notices/$",
        "coupons:channel_list": "/notices/$ /notice-channels/$",
        "coupons:dispute_list": "/disputes/$",
        "merchants:mall_credentials": "/credentials/$",
        "merchants:credential_rotate": "/credentials/$ /credentials/[0-9]+/rotate/$",
        "merchants:mall_people": "/people/$",
        "imports:import_list": "/imports/$",
        "imports:import_new": "/imports/$ /imports/new/$",
        "imports:import_detail": "/imports/$ /imports/[0-9]+/$",
    },
)
PARTNERS = [
    *of(
        "galaxy.owner",
        {
            "analytics:merchant_overview": "",
            "analytics:merchant_hours": "/hours/$",
            "analytics:merchant_shoppers": "/shoppers/$",
            "analytics:merchant_refunds": "/refunds/$",
            "analytics:merchant_coupons": "/coupon-results/$",
            "analytics:merchant_benchmark": "/rank/$",
            "analytics:merchant_saved_views": "/views/$",
            "analytics:merchant_mail_reports": "/mail-reports/$",
            "analytics:merchant_ledger_export": "/ledger/$",
            "coupons:merchant_stocks": "/stocks/$",
            "coupons:merchant_consents": "/consents/$",
            "coupons:merchant_consent": "/consents/$ /consents/[0-9]+/$",
            "settlements:merchant_statements": "/statements/$",
            "settlements:merchant_statement": "/statements/$ /statements/[0-9]+/$",
            "settlements:merchant_statement_line": "/statements/$ /statements/[0-9]+/$ /lines/1/$",
            "settlements:merchant_statement_so_far": "/statements/$ /so-far/$",
            "redeem:store_choose": "/redeem/$",
            "redeem:redemption_list": "/redemptions/$",
            "redeem:dispute_list": "/disputes/$",
            "redeem:redemption_detail": "/redemptions/$ /redemptions/[0-9]+/$",
            "merchants:merchant_agreements": "/agreements/$",
            "merchants:merchant_agreement": "/agreements/$ /agreements/[0-9]+/$",
            "merchants:merchant_agreement_end": "/agreements/$ sort=from_day$ /agreements/[0-9]+/$ /end/$",
            "merchants:merchant_people": "/people/$",
        },
    ),
    *of("galaxy.cashier", {"redeem:store_redeem": "/redeem/[^/]+/$"}),
    *of(
        "galaxy.provider",
        {
            "analytics:provider_overview": "",
            "analytics:provider_coupons": "/coupon-results/$",
            "analytics:provider_saved_views": "/views/$",
            "analytics:provider_mail_reports": "/mail-reports/$",
            "coupons:provider_consents": "/consents/$",
            "coupons:provider_consent": "/consents/$ /consents/[0-9]+/$",
            "settlements:plan_offers": "/plans/$",
            "settlements:plan_offer": "/plans/$ /plans/[0-9]+/$",
            "settlements:own_rebates": "/rebates/$",
            "settlements:credit_list": "/credits/$",
            "settlements:boost_new": "/credits/$ /boosts/new/$",
            "settlements:provider_statements": "/statements/$",
            "settlements:provider_statement": "/statements/$ /statements/[0-9]+/$",
            "settlements:provider_statement_line": "/statements/$ /statements/[0-9]+/$ /lines/1/$",
            "settlements:provider_statement_so_far": "/statements/$ /so-far/$",
            "merchants:provider_profile": "/profile/$",
            "merchants:provider_agreements": "/agreements/$",
            "merchants:provider_agreement": "/agreements/$ /agreements/[0-9]+/$",
            "merchants:provider_agreement_end": "/agreements/$ /agreements/[0-9]+/$ /end/$",
            "merchants:agreement_propose": "/agreements/$ /agreements/new/$",
            "merchants:provider_onboarding": "/onboarding/$",
            "merchants:provider_onboarding_detail": "/onboarding/$ /onboarding/[0-9]+/$",
            "merchants:onboarding_add": "/onboarding/$ /onboarding/new/$",
            "merchants:onboarding_file": "/onboarding/$ /onboarding/file/$",
            "merchants:provider_credentials": "/credentials/$",
            "merchants:provider_people": "/people/$",
        },
    ),
]
ADMIN = [
    Page("admin:index", "demo.admin", start="/admin/"),
    Page("admin:payments_payment_changelist", "demo.admin", ("/payments/payment/$",), "/admin/"),
    Page("admin:merchants_store_change", "demo.admin", ("/merchants/store/$", "/store/[0-9]+/change/"), "/admin/"),
]
RUNNING = "/malls/galaxy/agreements/?state=running"
AGREEMENTS = [
    Page("merchants:agreement_end", "galaxy.manager", ("/agreements/[0-9]+/$", "/end/$"), RUNNING),
    Page("merchants:agreement_hand_over", "galaxy.manager", ("/agreements/[0-9]+/$", "/hand-over/$"), RUNNING),
]
COMPARE = [
    Page("analytics:store_compare", "galaxy.manager", start="/malls/galaxy/compare/?store=L101&store=L102&store=B101")
]
REFUSALS = [
    Page("- not found", "galaxy.owner", start="/malls/galaxy/", status=404),
    Page("- not allowed", "galaxy.operator", start="/malls/galaxy/people/", status=403),
    Page("- no such page", start="/no-such-page/", status=404),
]
PAGES = [*ACCOUNTS, *MANAGER, *AGREEMENTS, *COMPARE, *PARTNERS, *ADMIN, *REFUSALS]
# Looked at by the tests of invitations, passwords and the counter, which alone know the secret address or make one.
ELSEWHERE = {
    "merchants:invitation_accept", "account_reset_password_from_key", "coupons:dispute_detail", "claim:offer",
    "claim:coupon", "claim:hand_outs", "claim:hand_out", "coupons:claim_codes", "coupons:notice_detail",
    "coupons:guard_detail", "coupons:block_detail", "coupons:explain_claim", "analytics:mail_report_edit",
    "analytics:saved_view_edit", "analytics:annotation_edit",
    "analytics:mail_unsubscribe",
}  # fmt: skip
NO_PAGES = {
    "health", "imports:import_report", "coupons:claim_poster", "claim:hand_out_preview", "merchants:document_download",
    "settlements:mall_statement_file", "settlements:merchant_statement_file", "settlements:provider_statement_file",
}  # fmt: skip


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attributes).get("href")):
            self.found.append(href)


def follow(request: APIRequestContext, page: Page) -> str:
    """The address of a page: the first link on each page of the way that fits."""
    at = page.start
    for link in page.links:
        answer = request.get(at, max_retries=3)  # the server may have closed an idle connection just now
        hrefs = Links(answer.text()).found
        href = next((href for href in hrefs if re.search(link, href)), None)
        if href is None:
            raise LookupError(f"{answer.status} {answer.url} has no link to {link}; it has {sorted(set(hrefs))}")
        parts = urlsplit(urljoin(answer.url, href))
        at = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return at
