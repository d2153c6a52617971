"""Every address of the site against every persona: who gets in, who is refused, and that a refusal changes nothing.

A new page is one line in PAGES. `ok` names who gets the status of `get` and `post` (None: the method is not served),
`no` who can see the thing but may not do this (403); for everyone else it does not exist (404), and who is not
signed in is sent to the sign-in page. `kwargs` are looked up in `World`.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from operator import attrgetter

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from analytics import annotations, saved
from analytics.mails import links as mail_links
from coupons import disputes, handing, links
from coupons.backtest import services as backtests
from coupons.delivery import channels, outbox
from coupons.engine.terms import RuleTerms
from coupons.guards import blocking
from coupons.models import Coupon, Decision, GuardFlag, Notice
from coupons.payers import payer
from coupons.services import claim_codes
from mallops import pipeline
from mallops.imports.models import ImportKind, ImportRun, ImportState
from merchants.choices import Role
from merchants.models import User
from merchants.services import credentials, invitations, negative_list
from tests import factories

PERSONAS = "anonymous manager operator viewer owner cashier provider_manager neighbour stranger superuser".split()
SIGNED_IN = "manager operator viewer owner cashier provider_manager neighbour stranger superuser"
EVERYONE = f"anonymous {SIGNED_IN}"
# Who holds a right at the mall, at the merchant of `store`, at the provider that serves `store`.
MALL_STAFF = "manager operator viewer superuser"
MALL_EDITORS = "manager operator superuser"
MALL_MANAGERS = "manager superuser"
MERCHANT_MANAGERS = "manager owner superuser"
MERCHANT_VIEWERS = "manager operator viewer owner superuser"
NOT_THE_MALL = "manager operator viewer"  # of the mall: may look, but not answer in the place of a party
LOOKERS = "operator viewer"  # of the mall, without the right to manage
REDEEMERS = "manager operator owner cashier superuser"
PROVIDER_MANAGERS = "manager provider_manager superuser"
PROVIDER_VIEWERS = "manager operator viewer provider_manager superuser"

MALL = {"mall": "mall.slug"}
MERCHANT = {"pk": "merchant.pk"}
PROVIDER = {"pk": "provider.pk"}
MEMBER = {"pk": "member.pk"}  # the cashier's membership
STOCK = {"pk": "stock.pk"}
RULE = {"pk": "rule.pk"}
REDEMPTION = {"redemption": "redemption.pk"}
RUN = {"pk": "run.pk"}
AS_OWNER = {"role": Role.MERCHANT_OWNER}
VIEW = {"pk": "view.pk"}
CONSENT = {"consent": "consent.pk"}
ASKED = {"consent": "provider_consent.pk"}
AGREEMENT = {"agreement": "agreement.pk"}
ONBOARDING = {"onboarding": "onboarding.pk"}
STEPS = ("propose", "recall", "pause")
LAUNCHES = ("launch", "resume", "end")
MERCHANT_BOARDS = ("overview", "hours", "shoppers", "refunds", "coupons", "benchmark")


@dataclass(frozen=True)
class Page:
    name: str
    kwargs: dict[str, str] = field(default_factory=dict)
    ok: str = ""
    no: str = ""
    get: int | None = 200
    post: int | None = None
    data: dict = field(default_factory=dict)
    others: int | None = None  # what all who are not in `ok` get instead

    def expected(self, persona: str, method: str) -> set[int]:
        status = getattr(self, method)
        if persona in self.ok.split():
            return {status or 405}
        if self.others:
            return {self.others}
        refused = 302 if persona == "anonymous" else 403 if persona in self.no.split() else 404
        return {refused} if status else {refused, 405}


Post = partial(Page, get=None, post=302)  # a button
Form = partial(Page, post=422)  # a page whose form we send empty

ACCOUNTS = [  # allauth answers a form in error with 200, and sends who is signed in away from the sign-in page
    Page("account_login", ok="anonymous", post=200, others=302),
    Page("account_logout", ok=SIGNED_IN, post=302),
    Page("account_inactive", ok=EVERYONE),
    Page("account_change_password", ok=SIGNED_IN, post=200),
    Page("account_reset_password", ok=EVERYONE, post=200),
    Page("account_reset_password_done", ok=EVERYONE),
    Page("account_reset_password_from_key", {"uidb36": "one", "key": "one"}, ok=EVERYONE, post=200),
    Page("account_reset_password_from_key_done", ok=EVERYONE),
]
PEOPLE = [
    Form("merchants:mall_people", MALL, ok=MALL_MANAGERS, no=LOOKERS),
    Form("merchants:merchant_people", MERCHANT, ok=MERCHANT_MANAGERS, no=f"{LOOKERS} cashier"),
    Form("merchants:provider_people", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS),
    Post("merchants:member_role", MEMBER, ok=MERCHANT_MANAGERS, no=f"{LOOKERS} cashier", data=AS_OWNER),
    Post("merchants:member_remove", MEMBER, ok=MERCHANT_MANAGERS, no=f"{LOOKERS} cashier"),
    Post("merchants:invitation_resend", {"pk": "invitation.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Post("merchants:invitation_withdraw", {"pk": "invitation.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Form("merchants:invitation_accept", {"token": "token"}, ok="anonymous", no=SIGNED_IN),
    Form("merchants:mall_credentials", MALL, ok=MALL_MANAGERS, no=LOOKERS),
    Form("merchants:provider_credentials", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS),
    Form("merchants:credential_rotate", {"pk": "credential.pk"}, ok=PROVIDER_MANAGERS),
    Post("merchants:credential_revoke", {"pk": "credential.pk"}, ok=PROVIDER_MANAGERS),
]
DOCUMENT = {"pk": "document.pk"}  # brought by the provider
APPLICATION = {"pk": "application.pk"}
PROVIDERS = [
    Form("merchants:apply", MALL, ok=EVERYONE),
    Page("merchants:application_sent", MALL, ok=EVERYONE),
    Page("merchants:application_list", MALL, ok=MALL_STAFF),
    Post("merchants:application_bulk", MALL, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Page("merchants:application_detail", MALL | APPLICATION, ok=MALL_STAFF),
    Post("merchants:application_decide", MALL | APPLICATION, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Page("merchants:negative_list", MALL, ok=MALL_STAFF),
    Post("merchants:negative_add", MALL, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Post("merchants:negative_remove", MALL | {"pk": "listing.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Post("merchants:capability_grant", MALL | PROVIDER, ok=MALL_MANAGERS, no=LOOKERS),
    Form("merchants:capability_take_back", MALL | PROVIDER | {"capability": "saas"}, ok=MALL_MANAGERS, no=LOOKERS),
    Page("merchants:provider_profile", PROVIDER, ok=PROVIDER_VIEWERS),
    Post("merchants:provider_contacts", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS, post=422),
    Post("merchants:document_upload", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS),
    Page("merchants:document_download", DOCUMENT, ok=PROVIDER_VIEWERS),
    Post("merchants:document_remove", DOCUMENT, ok="provider_manager", no=MALL_STAFF),
    Page("merchants:provider_list", MALL, ok=MALL_STAFF),
    Page("merchants:provider_detail", MALL | PROVIDER, ok=MALL_STAFF),
    Post("merchants:provider_standing", MALL | PROVIDER, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Post("merchants:standing_bulk", MALL, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Form("merchants:agreement_add", MALL | PROVIDER, ok=MALL_MANAGERS, no=LOOKERS),
    Page("merchants:agreement_list", MALL, ok=MALL_STAFF),
    Page("merchants:agreement_detail", MALL | {"pk": "agreement.pk"}, ok=MALL_STAFF),
    Form("merchants:agreement_end", MALL | {"pk": "agreement.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Form("merchants:agreement_hand_over", MALL | {"pk": "agreement.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Post("merchants:agreement_answer", MALL | {"pk": "agreement.pk"}, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Post("merchants:agreement_withdraw", MALL | {"pk": "agreement.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Page("merchants:merchant_agreements", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
    Page("merchants:merchant_agreement", MERCHANT | AGREEMENT, ok=MERCHANT_VIEWERS, no="cashier"),
    Post(
        "merchants:merchant_agreement_answer",
        MERCHANT | AGREEMENT,
        ok="owner superuser",
        no="manager operator viewer cashier",
        post=422,
    ),
    Form(
        "merchants:merchant_agreement_end",
        MERCHANT | AGREEMENT,
        ok="owner superuser",
        no="manager operator viewer cashier",
    ),
    Page("merchants:provider_agreements", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("merchants:provider_agreement", PROVIDER | AGREEMENT, ok=PROVIDER_VIEWERS),
    Form("merchants:agreement_propose", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS),
    Post(
        "merchants:provider_agreement_withdraw",
        PROVIDER | {"agreement": "own_agreement.pk"},
        ok=PROVIDER_MANAGERS,
        no=LOOKERS,
    ),
    Form(
        "merchants:provider_agreement_end",
        PROVIDER | AGREEMENT,
        ok="provider_manager superuser",
        no=NOT_THE_MALL,
    ),
    Page("merchants:mall_onboarding", MALL, ok=MALL_STAFF),
    Page("merchants:mall_onboarding_detail", MALL | {"pk": "onboarding.pk"}, ok=MALL_STAFF),
    Post("merchants:onboarding_decide", MALL, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Page("merchants:provider_onboarding", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("merchants:provider_onboarding_detail", PROVIDER | ONBOARDING, ok=PROVIDER_VIEWERS),
    Form("merchants:onboarding_add", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS),
    Form("merchants:onboarding_file", PROVIDER, ok=PROVIDER_MANAGERS, no=LOOKERS),
    Post("merchants:onboarding_withdraw", PROVIDER | ONBOARDING, ok=PROVIDER_MANAGERS, no=LOOKERS),
]
COUPONS = [
    Page("coupons:stock_list", MALL, ok=MALL_STAFF),
    Form("coupons:stock_new", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:stock_detail", MALL | STOCK, ok=MALL_STAFF),
    Form("coupons:stock_edit", MALL | STOCK, ok=MALL_EDITORS, no="viewer"),
    Post("coupons:stock_close", MALL | STOCK, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:rule_list", MALL, ok=MALL_STAFF),
    Form("coupons:rule_new", MALL, ok=MALL_EDITORS, no="viewer"),
    Post("coupons:rule_preview", MALL, ok=MALL_EDITORS, no="viewer", post=200),
    Page("coupons:rule_detail", MALL | RULE, ok=MALL_STAFF),
    Form("coupons:rule_edit", MALL | RULE, ok=MALL_EDITORS, no="viewer"),
    *(Post(f"coupons:rule_{step}", MALL | RULE, ok=MALL_EDITORS, no="viewer") for step in STEPS),
    *(Post(f"coupons:rule_{step}", MALL | RULE, ok=MALL_MANAGERS, no=LOOKERS) for step in LAUNCHES),
    Form("coupons:rule_consent", MALL | RULE | CONSENT, ok=MALL_MANAGERS, no=LOOKERS),
    Form("coupons:mall_settings", MALL, ok=MALL_MANAGERS, no=LOOKERS),
    Page("coupons:merchant_consents", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
    Page("coupons:merchant_consent", MERCHANT | CONSENT, ok=MERCHANT_VIEWERS, no="cashier"),
    Post(
        "coupons:merchant_consent_answer",
        MERCHANT | CONSENT,
        ok="owner superuser",
        no="manager operator viewer cashier",
        post=422,
    ),
    Page("coupons:provider_consents", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("coupons:provider_consent", PROVIDER | ASKED, ok=PROVIDER_VIEWERS),
    Post(
        "coupons:provider_consent_answer", PROVIDER | ASKED, ok="provider_manager superuser", no=NOT_THE_MALL, post=422
    ),
    Page("coupons:rule_uplift", MALL | RULE, ok=MALL_STAFF),
    Post("coupons:rule_uplift_renew", MALL | RULE, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:mall_uplift", MALL, ok=MALL_STAFF),
    Post("coupons:mall_uplift_renew", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:backtest_list", MALL, ok=MALL_STAFF),
    Form("coupons:backtest_new", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:backtest_compare", MALL, ok=MALL_STAFF),
    Page("coupons:backtest_detail", MALL | {"pk": "backtest.pk"}, ok=MALL_STAFF),
    Post("coupons:backtest_cancel", MALL | {"pk": "backtest.pk"}, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:suggestions", MALL, ok=MALL_STAFF),
    Post("coupons:suggestion_renew", MALL, ok=MALL_EDITORS, no="viewer"),
    Post("coupons:suggestion_use", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:decision_list", MALL | RULE, ok=MALL_STAFF),
    Page("coupons:decision_detail", MALL | RULE | {"decision": "decision.pk"}, ok=MALL_STAFF),
    Form("coupons:explain", MALL, ok=MALL_STAFF),
    Page("coupons:explain_payment", MALL | {"pk": "coupon.payment_id"}, ok=MALL_STAFF),
    Page("coupons:explain_claim", MALL | {"pk": "claim.pk"}, ok=MALL_STAFF),
    Page("coupons:explain_shopper", MALL | {"pk": "coupon.shopper_id"}, ok=MALL_STAFF),
    Page("coupons:guard_list", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:guard_detail", MALL | {"pk": "flag.pk"}, ok=MALL_EDITORS, no="viewer"),
    Post("coupons:guard_review", MALL | {"pk": "flag.pk"}, ok=MALL_EDITORS, no="viewer", post=422),
    Form("coupons:block_list", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:block_detail", MALL | {"pk": "block.pk"}, ok=MALL_EDITORS, no="viewer"),
    Post("coupons:block_lift", MALL | {"pk": "block.pk"}, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:notice_list", MALL, ok=MALL_STAFF),
    Post("coupons:notice_resend_all", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:notice_detail", MALL | {"pk": "notice.pk"}, ok=MALL_STAFF),
    Post("coupons:notice_resend", MALL | {"pk": "notice.pk"}, ok=MALL_EDITORS, no="viewer"),
    Form("coupons:channel_list", MALL, ok=MALL_MANAGERS, no=LOOKERS),
    Post("coupons:channel_switch", MALL | {"pk": "channel.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Post("coupons:channel_test", MALL | {"pk": "channel.pk"}, ok=MALL_MANAGERS, no=LOOKERS),
    Page("coupons:dispute_list", MALL, ok=MALL_STAFF),
    Page("coupons:dispute_detail", MALL | {"pk": "dispute.pk"}, ok=MALL_STAFF),
    Post("coupons:dispute_settle", MALL | {"pk": "dispute.pk"}, ok=MALL_EDITORS, no="viewer", post=422),
    Page("coupons:coupon_list", MALL, ok=MALL_STAFF),
    Page("coupons:coupon_detail", MALL | {"pk": "coupon.pk"}, ok=MALL_STAFF),
    Page("coupons:merchant_stocks", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
]
IMPORTS = [
    Page("imports:import_list", MALL, ok=MALL_EDITORS, no="viewer"),
    Form("imports:import_new", MALL, ok=MALL_EDITORS, no="viewer"),
    Page("imports:import_detail", MALL | RUN, ok=MALL_EDITORS, no="viewer"),
    Page("imports:import_report", MALL | RUN, ok=MALL_EDITORS, no="viewer"),
    Post("imports:import_cancel", MALL | RUN, ok=MALL_EDITORS, no="viewer"),
]
REDEEMING = [
    Page("redeem:store_choose", MERCHANT, ok=REDEEMERS, no="viewer", get=302),  # straight on to the one store
    Form("redeem:store_redeem", MERCHANT | {"store": "store.code"}, ok=REDEEMERS, no="viewer"),
    Post("redeem:store_late", MERCHANT | {"store": "store.code"}, ok=REDEEMERS, no="viewer", post=422),
    Page("redeem:dispute_list", MERCHANT, ok=REDEEMERS, no="viewer"),
    Page("redeem:redemption_list", MERCHANT, ok=REDEEMERS, no="viewer"),
    Page("redeem:redemption_detail", MERCHANT | REDEMPTION, ok=REDEEMERS, no="viewer"),
    Post("redeem:redemption_undo", MERCHANT | REDEMPTION, ok=REDEEMERS, no="viewer", post=422),
]
DASHBOARDS = [
    Page("analytics:mall_overview", MALL, ok=MALL_STAFF),
    Page("analytics:store_list", MALL, ok=MALL_STAFF),
    Page("analytics:store_detail", MALL | {"code": "store.code"}, ok=MALL_STAFF),
    Page("analytics:store_compare", MALL, ok=MALL_STAFF),
    Page("analytics:floor_plan", MALL, ok=MALL_STAFF),
    Form("analytics:floor_plan_edit", MALL | {"code": "floor.code"}, ok=MALL_MANAGERS, no=LOOKERS),
    Page("analytics:hours", MALL, ok=MALL_STAFF),
    Page("analytics:category_list", MALL, ok=MALL_STAFF),
    Page("analytics:category_detail", MALL | {"code": "store.category.code"}, ok=MALL_STAFF),
    Page("analytics:flow", MALL, ok=MALL_STAFF),
    Page("analytics:shoppers", MALL, ok=MALL_STAFF),
    Page("analytics:coupon_funnel", MALL, ok=MALL_STAFF),
    Page("analytics:refunds", MALL, ok=MALL_STAFF),
    Page("analytics:rule_budgets", MALL, ok=MALL_STAFF),
    Page("analytics:live", MALL, ok=MALL_STAFF),
    Page("analytics:annotations", MALL, ok=MALL_STAFF),
    Form("analytics:annotation_add", MALL, ok=MALL_EDITORS, no="viewer"),
    Form("analytics:annotation_edit", MALL | {"pk": "note.pk"}, ok=MALL_EDITORS, no="viewer"),
    Post("analytics:annotation_delete", MALL | {"pk": "note.pk"}, ok=MALL_EDITORS, no="viewer"),
    Form("analytics:saved_views", MALL, ok=MALL_STAFF),
    Form("analytics:merchant_saved_views", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
    Form("analytics:provider_saved_views", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("analytics:saved_view", VIEW, ok=MALL_STAFF, get=302),
    Form("analytics:saved_view_edit", VIEW, ok=MALL_MANAGERS),
    Post("analytics:saved_view_delete", VIEW, ok=MALL_MANAGERS),
    *(Page(f"analytics:merchant_{board}", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier") for board in MERCHANT_BOARDS),
    Page("analytics:provider_overview", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("analytics:provider_coupons", PROVIDER, ok=PROVIDER_VIEWERS),
]
REPORT = {"pk": "mail_report.pk"}  # the manager's own: nobody else's, whatever their rights
MAILS = [
    Form("analytics:mail_reports", MALL, ok=MALL_STAFF),
    Form("analytics:merchant_mail_reports", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
    Form("analytics:provider_mail_reports", PROVIDER, ok=PROVIDER_VIEWERS),
    Form("analytics:mail_report_edit", REPORT, ok="manager"),
    *(Post(f"analytics:mail_report_{step}", REPORT, ok="manager") for step in ("pause", "send", "delete")),
    Page("analytics:mail_unsubscribe", {"token": "end_token"}, ok=EVERYONE, post=200),
    Form("analytics:ledger_export", MALL, ok=MALL_STAFF),
    Form("analytics:merchant_ledger_export", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
]
CODE, RUNS = MALL | {"pk": "scan_rule.pk"}, MALL | {"pk": "hand_out.rule.pk"}
ONE_RUN = RUNS | {"run": "hand_out.pk"}
CLAIMS = [
    Page("claim:offer", {"token": "claim_code.token"}, ok=EVERYONE, post=422),
    Page("claim:coupon", {"token": "coupon_token"}, ok=EVERYONE),
    Page("coupons:claim_codes", CODE, ok=MALL_STAFF),
    Post("coupons:claim_code_new", CODE, ok=MALL_EDITORS, no="viewer"),
    Post("coupons:claim_code_close", CODE | {"code": "claim_code.pk"}, ok=MALL_EDITORS, no="viewer"),
    Page("coupons:claim_poster", CODE | {"code": "claim_code.pk", "form": "svg"}, ok=MALL_STAFF),
    Page("claim:hand_outs", RUNS, ok=MALL_STAFF),
    Page("claim:hand_out_preview", RUNS, ok=MALL_MANAGERS, no=LOOKERS),
    Post("claim:hand_out_start", RUNS, ok=MALL_MANAGERS, no=LOOKERS),
    Page("claim:hand_out", ONE_RUN, ok=MALL_STAFF),
    Post("claim:hand_out_cancel", ONE_RUN, ok=MALL_EDITORS, no="viewer"),
]
BOOKS = [
    Page("settlements:trial_balance", MALL, ok=MALL_STAFF),
    Page("settlements:entry_list", MALL, ok=MALL_STAFF),
    Page("settlements:month_list", MALL, ok=MALL_STAFF),
    Post("settlements:month_close", MALL, ok=MALL_MANAGERS, no=LOOKERS),
]
PLAN = MALL | {"pk": "plan_offer.version.plan_id"}
OFFER = {"offer": "plan_offer.pk"}
REBATES = [
    Page("settlements:plan_list", MALL, ok=MALL_STAFF),
    Form("settlements:plan_new", MALL, ok=MALL_MANAGERS, no=LOOKERS),
    Page("settlements:plan_detail", PLAN, ok=MALL_STAFF),
    Form("settlements:plan_edit", PLAN, ok=MALL_MANAGERS, no=LOOKERS),
    Page("settlements:plan_try", PLAN, ok=MALL_STAFF),
    Form("settlements:plan_offer_new", PLAN, ok=MALL_MANAGERS, no=LOOKERS),
    Form("settlements:plan_offer_stop", PLAN | OFFER, ok=MALL_MANAGERS, no=LOOKERS),
    Page("settlements:provider_rebates", MALL | PROVIDER, ok=MALL_STAFF),
    Page("settlements:plan_offers", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("settlements:plan_offer", PROVIDER | OFFER, ok=PROVIDER_VIEWERS),
    Post("settlements:plan_offer_answer", PROVIDER | OFFER, ok="provider_manager superuser", no=NOT_THE_MALL, post=422),
    Page("settlements:own_rebates", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("settlements:credit_list", PROVIDER, ok=PROVIDER_VIEWERS),
    Form("settlements:boost_new", PROVIDER, ok="provider_manager superuser", no=NOT_THE_MALL),
]
STATEMENT, LINE = MALL | {"pk": "statement.pk"}, {"line": "one"}
OWN, OF_PROVIDER = MERCHANT | {"statement": "statement.pk"}, PROVIDER | {"statement": "provider_statement.pk"}
CSV = {"kind": "csv"}
STATEMENTS = [
    Page("settlements:mall_statements", MALL, ok=MALL_STAFF),
    Post("settlements:mall_statements_issue", MALL, ok=MALL_MANAGERS, no=LOOKERS),
    Post("settlements:mall_statements_pay", MALL, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Page("settlements:mall_statement", STATEMENT, ok=MALL_STAFF),
    Post("settlements:mall_statement_issue", STATEMENT, ok=MALL_MANAGERS, no=LOOKERS),
    Post("settlements:mall_statement_agree", STATEMENT, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Post("settlements:mall_statement_pay", STATEMENT, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Page("settlements:mall_statement_file", STATEMENT | CSV, ok=MALL_STAFF),
    Page("settlements:mall_statement_line", STATEMENT | LINE, ok=MALL_STAFF),
    Post("settlements:mall_statement_write", STATEMENT | LINE, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Post("settlements:mall_statement_settle", STATEMENT | LINE, ok=MALL_MANAGERS, no=LOOKERS, post=422),
    Page("settlements:merchant_statements", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
    Page("settlements:merchant_statement_so_far", MERCHANT, ok=MERCHANT_VIEWERS, no="cashier"),
    Page("settlements:merchant_statement", OWN, ok=MERCHANT_VIEWERS, no="cashier"),
    Page("settlements:merchant_statement_file", OWN | CSV, ok=MERCHANT_VIEWERS, no="cashier"),
    Page("settlements:merchant_statement_line", OWN | LINE, ok=MERCHANT_VIEWERS, no="cashier"),
    Post("settlements:merchant_statement_agree", OWN, ok="owner superuser", no=f"{NOT_THE_MALL} cashier"),
    *(
        Post(f"settlements:merchant_statement_{step}", OWN | LINE, ok="owner superuser", no=f"{NOT_THE_MALL} cashier",
             post=422)
        for step in ("dispute", "write")
    ),
    Page("settlements:provider_statements", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("settlements:provider_statement_so_far", PROVIDER, ok=PROVIDER_VIEWERS),
    Page("settlements:provider_statement", OF_PROVIDER, ok=PROVIDER_VIEWERS),
    Page("settlements:provider_statement_file", OF_PROVIDER | CSV, ok=PROVIDER_VIEWERS),
    Page("settlements:provider_statement_line", OF_PROVIDER | LINE, ok=PROVIDER_VIEWERS),
    Post("settlements:provider_statement_agree", OF_PROVIDER, ok="provider_manager superuser", no=NOT_THE_MALL),
    *(
        Post(f"settlements:provider_statement_{step}", OF_PROVIDER | LINE, ok="provider_manager superuser",
             no=NOT_THE_MALL, post=422)
        for step in ("dispute", "write")
    ),
]  # fmt: skip
PAGES = [
    Page("home", ok=SIGNED_IN, get=302),
    Post("set_language", ok=EVERYONE, data={"language": "en"}),
    Page("health", ok=EVERYONE),
    *ACCOUNTS,
    *PEOPLE,
    *PROVIDERS,
    *COUPONS,
    *CLAIMS,
    *REDEEMING,
    *DASHBOARDS,
    *MAILS,
    *IMPORTS,
    *BOOKS,
    *REBATES,
    *STATEMENTS,
]


class World:
    """One mall with one of everything, and the personas; made as far as a page asks for it."""

    one = "1"
    csv = "csv"
    saas = "saas"
    svg = "svg"

    def __init__(self, get_fixture) -> None:
        self._get = get_fixture

    def __getattr__(self, name: str):
        return self._get(name)

    def client(self, persona: str) -> Client:
        client = Client()
        if persona != "anonymous":
            client.force_login(getattr(self, persona))
        return client

    @cached_property
    def viewer(self) -> User:
        return factories.make_member(Role.MALL_VIEWER, mall=self.mall)

    @cached_property
    def neighbour(self) -> User:
        """Owner of another merchant of the same mall."""
        return factories.make_member(Role.MERCHANT_OWNER, merchant=self.other_store.merchant)

    @cached_property
    def superuser(self) -> User:
        return factories.make_user(is_superuser=True, is_staff=True)

    @cached_property
    def merchant(self):
        return self.store.merchant

    @cached_property
    def plan_offer(self):
        return factories.make_plan_offer(self.provider)

    @cached_property
    def floor(self):
        floor = factories.make_floor(mall=self.mall)
        self.mall.stores.filter(pk=self.store.pk).update(floor=floor)
        return floor

    @cached_property
    def member(self):
        return self.cashier.memberships.get()

    @cached_property
    def invited(self):
        return invitations.invite(body=self.mall, role=Role.MALL_VIEWER, email="new@example.com", by=self.manager)

    @cached_property
    def invitation(self):
        return self.invited[0]

    @cached_property
    def token(self) -> str:
        return self.invited[1]

    @cached_property
    def credential(self):
        return credentials.issue(mall=self.mall, provider=self.provider, label="Till", by=self.manager)[0]

    @cached_property
    def note(self):
        day = date(2026, 11, 3)
        return annotations.add(mall=self.mall, first_day=day, last_day=day, text="Flood", by=self.manager)

    @cached_property
    def view(self):
        """The manager's, shared with colleagues."""
        address = reverse("analytics:store_list", args=[self.mall.slug])
        return saved.save(owner=self.manager, body=self.mall, name="Stores", address=address, shared=True)

    @cached_property
    def statement(self):
        return factories.make_statement(party=self.merchant)

    @cached_property
    def provider_statement(self):
        return factories.make_statement(party=self.provider)

    @cached_property
    def application(self):
        return factories.make_application(mall=self.mall)

    @cached_property
    def document(self):
        return factories.make_document(provider=self.provider, by=self.provider_manager)

    @cached_property
    def listing(self):
        category = factories.make_category(mall=self.mall)
        return negative_list.add(mall=self.mall, category=category, reason="No tobacco", by=self.manager)

    @cached_property
    def agreement(self):
        return self.provider.agreements.get()

    @cached_property
    def own_agreement(self):
        """Proposed by the provider."""
        terms = {"capability": "saas", "state": "proposed", "by_provider": True}
        return factories.make_agreement(provider=self.provider, store=self.store, **terms)

    @cached_property
    def onboarding(self):
        return factories.make_onboarding(provider=self.provider)

    @cached_property
    def rule(self):
        """A live rule that awards a stock of the merchant, and has awarded it for one payment at `store`."""
        stock = factories.make_stock(mall=self.mall, merchant=self.merchant)
        rule = factories.make_rule(mall=self.mall, stock=stock)
        event = factories.payment_event(self.store)
        pipeline.record_payments(self.mall.pk, [event], source="test", now=event.paid_at)
        return rule

    @cached_property
    def consent(self):
        return self.rule.version.consents.get()

    @cached_property
    def provider_consent(self):
        """To a rule of which the provider pays half."""
        shares = ((0, 5_000), (payer(None, self.provider.pk), 5_000))
        rule = factories.make_rule(mall=self.mall, stock=self.stock, shares=shares)
        return rule.version.consents.get(provider=self.provider)

    @cached_property
    def stock(self):
        return self.rule.version.stocks.get()

    @cached_property
    def coupon(self):
        return Coupon.objects.for_mall(self.mall).get(rule=self.rule)

    @cached_property
    def decision(self):
        return Decision.objects.for_mall(self.mall).get(rule=self.rule)

    @cached_property
    def claim(self):
        return factories.make_claim(rule=self.rule, store=self.store, shopper=self.coupon.shopper)

    @cached_property
    def flag(self):
        return self.block.flag

    @cached_property
    def block(self):
        """What a guard's finding left behind."""
        flag = GuardFlag.objects.create(
            mall=self.mall, guard="shared_device", shopper=self.coupon.shopper, raised_at=timezone.now(),
            evidence={"what": "shoppers", "ids": [self.coupon.shopper_id]},
        )  # fmt: skip
        return blocking.block(
            mall=self.mall, shopper=flag.shopper, reason="", now=flag.raised_at, by=None, flag=flag
        )  # fmt: skip

    @cached_property
    def backtest(self):
        terms = RuleTerms.from_json(self.rule.version.terms)
        return backtests.start(self.mall, self.rule, terms, by=self.operator)

    @cached_property
    def coupon_token(self) -> str:
        return links.coupon_token(self.mall.pk, self.coupon.pk)

    @cached_property
    def scan_rule(self):
        return factories.make_rule(mall=self.mall, trigger="qr", stock=self.stock)

    @cached_property
    def claim_code(self):
        return claim_codes.make(rule=self.scan_rule, store=None, by=self.manager)

    @cached_property
    def hand_out(self):
        rule = factories.make_rule(mall=self.mall, trigger="hand_out", stock=self.stock)
        return handing.begin(rule=rule, now=timezone.now(), by=self.manager)

    @cached_property
    def redemption(self):
        return pipeline.redeem(
            mall_id=self.mall.pk, code=self.coupon.code, store_id=self.store.pk, order_fen=9_000, request_id="one",
            source="test", now=timezone.now(), by=self.cashier,
        )  # fmt: skip

    @cached_property
    def channel(self):
        """A webhook to a host that there is not."""
        return channels.add(mall=self.mall, sender="webhook", url="https://receiver.invalid/", by=self.manager)

    @cached_property
    def notice(self):
        self.channel  # noqa: B018 - before the coupon
        outbox.write_receipts(self.mall.pk, [self.coupon.payment_id], [], now=timezone.now())
        return Notice.objects.for_mall(self.mall).get()

    @cached_property
    def dispute(self):
        return disputes.note(
            coupon=self.coupon, store_id=self.store.pk, order_fen=9_000, request_id="two", reason="already_redeemed",
            redeemed_at=timezone.now(), now=timezone.now(), by=self.cashier,
        )  # fmt: skip

    @cached_property
    def mail_report(self):
        return factories.make_mail_report(to=self.manager, mall=self.mall)

    @cached_property
    def end_token(self) -> str:
        return mail_links.end_path(self.mail_report).split("/")[-2]

    @cached_property
    def run(self):
        run = ImportRun(mall=self.mall, kind=ImportKind.STORES, state=ImportState.DONE, file_name="stores.csv")
        run.report.save("report.csv", ContentFile(b"line,column,reason"), save=False)
        run.file.save("stores.csv", ContentFile(b"code"))
        return run

    def url(self, page: Page) -> str:
        return reverse(page.name, kwargs={key: attrgetter(path)(self) for key, path in page.kwargs.items()})


@pytest.fixture
def world(db, request) -> World:
    return World(request.getfixturevalue)


def ask(client: Client, method: str, url: str, data: dict) -> tuple[int, str, list[str]]:
    """Status, place redirected to, and the statements that wrote; all of it undone."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        answer = getattr(client, method)(url, data if method == "post" else None)
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Location", ""), [q["sql"] for q in queries if writes(q["sql"])]


def writes(sql: str) -> bool:
    """Whether a statement changes a table of ours (sessions and the cache of the sign-in limit may move)."""
    words = sql.split(maxsplit=3)
    return words[0] in {"INSERT", "UPDATE", "DELETE"} and not ("django_session" in sql or "django_cache" in sql)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_lets_in_whom_it_should(world, page):
    url, wrong = world.url(page), []
    for persona in PERSONAS:
        client = world.client(persona)
        for method in ("get", "post"):
            status, place, written = ask(client, method, url, page.data)
            expected = page.expected(persona, method)
            refused = persona not in page.ok.split()
            if status not in expected or (refused and written):
                wrong.append(f"{method} as {persona}: {status} {place}, expected {expected}; wrote {written}")
            if status == 302 and refused and not page.others and not place.startswith(reverse("account_login")):
                wrong.append(f"{method} as {persona}: sent to {place} and not to sign in")
    assert wrong == []


NESTED = [page for page in PAGES if len(page.kwargs) > 1 and (MALL.items() | MERCHANT.items()) & page.kwargs.items()]


@pytest.mark.parametrize("page", NESTED, ids=lambda page: page.name)
def test_an_object_of_another_is_not_reached_through_ones_own(world, page):
    """`/malls/<mine>/things/<yours>/` does not exist, for no method, and nothing is written. Merchants likewise."""
    if "mall" in page.kwargs:
        who, mine = "stranger", f"/malls/{world.stranger.memberships.get().mall.slug}/"
        url = world.url(page).replace(f"/malls/{world.mall.slug}/", mine)
    else:
        who, mine = "neighbour", f"/merchants/{world.neighbour.memberships.get().merchant_id}/"
        url = world.url(page).replace(f"/merchants/{world.merchant.pk}/", mine)
    assert mine in url
    for method in ("get", "post"):
        status, _, written = ask(world.client(who), method, url, page.data)
        assert status in ({404} if getattr(page, method) else {404, 405})
        assert written == []


def every_url(resolver: URLResolver | None = None, route: str = "", space: str = "") -> list[tuple[str, str]]:
    """Route and full name of every address of the site."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append((here, f"{space}{entry.name}"))
        else:
            found += every_url(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)
    return found


def test_every_address_has_its_row():
    in_groups = ("admin/", "api/v1/")
    names = {name for route, name in every_url() if not route.startswith(in_groups)}
    missing = sorted(names - {page.name for page in PAGES})
    assert missing == [], f"Add a line to PAGES in tests/test_urls_access.py for: {', '.join(missing)}"


def test_the_table_names_only_what_exists():
    assert {page.name for page in PAGES} <= {name for _, name in every_url()}
    mentioned = {name for page in PAGES for name in f"{page.ok} {page.no}".split()}
    assert mentioned <= set(PERSONAS)


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name != "superuser"])
def test_the_administration_is_for_staff(world, persona):
    client = world.client(persona)
    names = [
        name
        for route, name in every_url()
        if route.startswith("admin/") and name.endswith(("_changelist", "_add", ":index"))
    ]
    assert len(names) > 40
    for name in names:
        for method in ("get", "post"):
            status, place, written = ask(client, method, reverse(name), {})
            assert status == 302 and place.startswith(reverse("admin:login")) and written == [], name


def test_signing_in_as_staff_is_our_sign_in(world):
    answer = world.client("anonymous").get(reverse("admin:login"))
    assert answer["Location"].startswith(reverse("account_login"))
    assert world.client("owner").get(reverse("admin:login")).status_code == 403


OPEN_API = {"api:openapi", "api:coupon_key"}


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_api_knows_credentials_only(world, persona):
    """A signed-in browser is nobody there: no address answers without a key, but for the description of the API and
    the key that stores verify coupons with."""
    client = world.client(persona)
    routes = [route for route, name in every_url() if route.startswith("api/v1/") and name not in OPEN_API]
    assert routes
    for route in routes:
        url = "/" + re.sub(r"<[\w:]+>", "1", route)
        for method in ("get", "post"):
            status, _, written = ask(client, method, url, {})
            assert status == 401 and written == [], (method, url, status)
