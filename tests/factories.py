"""Small functions that make one thing each: `make_store(mall=...)` makes a store and what it needs."""

from datetime import date
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analytics.models import MailReport, SavedView
from coupons.engine.terms import RuleTerms
from coupons.models import Claim, Consent, Rule, RuleVersion, Stock
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.payers import party
from coupons.services.consents import burdens_of
from mallops.lib.dates import clock
from merchants.choices import Capability, ProviderState
from merchants.models import (
    Agreement,
    Category,
    Floor,
    Mall,
    Membership,
    Merchant,
    Onboarding,
    ProviderCapability,
    ProviderDocument,
    ServiceProvider,
    Store,
    User,
)
from merchants.services import documents
from payments.events import PaymentEvent, RefundEvent
from payments.models import Shopper
from payments.shoppers import digest
from settlements.models import Account, PlanOffer, PlanVersion, RebatePlan, Statement, StatementLine
from settlements.plans import PlanTerms

_next = count(1)


def make_mall(**fields) -> Mall:
    n = next(_next)
    return Mall.objects.create(**{"slug": f"mall-{n}", "name_en": f"Mall {n}", "name_zh": f"商场{n}", **fields})


def make_category(*, mall: Mall, **fields) -> Category:
    n = next(_next)
    return Category.objects.create(mall=mall, **{"code": f"c{n}", "name_en": f"Category {n}", **fields})


def make_floor(*, mall: Mall, **fields) -> Floor:
    n = next(_next)
    return Floor.objects.create(mall=mall, **{"code": f"L{n}", "level": n % 9, "name_en": f"Floor {n}", **fields})


def make_merchant(*, mall: Mall, **fields) -> Merchant:
    n = next(_next)
    return Merchant.objects.create(
        mall=mall, **{"code": f"m{n}", "name_en": f"Merchant {n}", "registration_number": f"9131{n:014d}", **fields}
    )


def make_store(*, mall: Mall, **fields) -> Store:
    n = next(_next)
    fields.setdefault("merchant", None) or fields.update(merchant=make_merchant(mall=mall))
    fields.setdefault("category", None) or fields.update(category=make_category(mall=mall))
    return Store.objects.create(mall=mall, **{"code": f"s{n}", "name_en": f"Store {n}", "name_zh": f"店{n}", **fields})


def make_provider(*, mall: Mall, **fields) -> ServiceProvider:
    n = next(_next)
    return ServiceProvider.objects.create(mall=mall, **{"code": f"p{n}", "name_en": f"Provider {n}", **fields})


def make_application(*, mall: Mall, asks: tuple[str, ...] = (Capability.OPERATIONS,), **fields) -> ServiceProvider:
    """Someone who would like to become a provider; nobody answered yet."""
    n, now = next(_next), timezone.now()
    values = {"state": ProviderState.APPLIED, "applied_at": now, "registration_number": f"9132{n:014d}",
              "contact_email": f"applicant{n}@example.com", **fields}  # fmt: skip
    application = make_provider(mall=mall, **values)
    for capability in asks:
        make_capability(provider=application, capability=capability, asked_at=now, granted_at=None)
    return application


def make_document(*, provider: ServiceProvider, by: User | None = None, **fields) -> ProviderDocument:
    """A PDF of hardly anything; what its provider brought, unless fields say otherwise."""
    file = SimpleUploadedFile(f"licence-{next(_next)}.pdf", b"%PDF-1.7\n")
    return documents.attach(provider=provider, **{"kind": "licence", "file": file, "by": by, **fields})


def make_capability(
    *, provider: ServiceProvider, capability: str = Capability.OPERATIONS, **fields
) -> ProviderCapability:
    """Granted, unless fields say otherwise."""
    values = {"granted_at": timezone.now(), **fields}
    return ProviderCapability.objects.create(mall=provider.mall, provider=provider, capability=capability, **values)


def make_agreement(*, provider: ServiceProvider, store: Store, **fields) -> Agreement:
    values = {"capability": Capability.OPERATIONS, "from_day": date(2020, 1, 1), **fields}
    return Agreement.objects.create(mall=provider.mall, provider=provider, store=store, **values)


def make_onboarding(*, provider: ServiceProvider, **fields) -> Onboarding:
    """A proposal that waits for the mall."""
    n, now = next(_next), timezone.now()
    fields.setdefault("category", None) or fields.update(category=make_category(mall=provider.mall))
    values = {"registration_number": f"9132{n:014d}", "store_code": f"o{n}", "store_name_en": f"Outlet {n}", **fields}
    values = {"from_day": now.date(), "proposed_at": now, **values}
    return Onboarding.objects.create(mall=provider.mall, provider=provider, **values)


def make_user(**fields) -> User:
    n = next(_next)
    password = fields.pop("password", "a-long-password")
    user = User(**{"username": f"user{n}", "email": f"user{n}@example.com", **fields})
    user.set_password(password)
    user.save()
    return user


def make_member(role: str, **body) -> User:
    """A user with a role at `mall=`, `merchant=` or `provider=`."""
    user = make_user()
    Membership.objects.create(user=user, role=role, **body)
    return user


def make_stock(*, mall: Mall, **fields) -> Stock:
    n = next(_next)
    fields.setdefault("merchant", None) or fields.update(merchant=make_merchant(mall=mall))
    values = {
        "code": f"k{n}", "name_en": f"Stock {n}", "value_fen": 1_000, "min_spend_fen": 5_000,
        "valid_for": 7, "quantity": 1_000, **fields,
    }  # fmt: skip
    return Stock.objects.create(mall=mall, **values)


def make_rule(*, mall: Mall, stock: Stock | None = None, state: str = RuleState.LIVE, **terms) -> Rule:
    """A rule that runs version 1 with these terms; without `award=`, of one coupon of `stock`."""
    n = next(_next)
    stock = stock or make_stock(mall=mall)
    terms = RuleTerms(**{"award": ((stock.pk, 1),), **terms})
    rule = Rule.objects.create(mall=mall, name_en=f"Rule {n}", name_zh=f"规则{n}", draft=terms.to_json())
    now = timezone.now()
    version = RuleVersion.objects.create(
        rule=rule, number=1, terms=terms.to_json(), published_at=now, launched_at=now
    )  # fmt: skip
    version.stocks.set([pk for pk, _count in terms.award])
    rule.version, rule.state = version, state
    rule.save()
    make_consents(version)
    return rule


def make_consents(version: RuleVersion, state: str = ConsentState.ACCEPTED) -> list[Consent]:
    """The answers of all whose consent the version needs."""
    now, mall = timezone.now(), version.rule.mall
    return Consent.objects.bulk_create(
        Consent(mall=mall, version=version, merchant_id=party(payer)[0], provider_id=party(payer)[1], state=state,
                asked_at=now, share_bp=burden.share_bp, cost_fen=burden.most_fen,
                answered_at=None if state == ConsentState.ASKED else now)
        for payer, burden in burdens_of(version).items()
    )  # fmt: skip


def make_claim(*, rule: Rule, store: Store, shopper: Shopper, **fields) -> Claim:
    """A claim written down just now; without a decision."""
    now = fields.pop("claimed_at", timezone.now())
    day, hour = clock(store.mall.time_zone).day_hour(now)
    values = {"kind": Claim.Kind.QR, "request_id": f"c{next(_next)}", "claimed_at": now, "day": day, "hour": hour}
    return Claim.objects.create(mall=store.mall, rule=rule, store=store, shopper=shopper, **values | fields)


def make_saved_view(*, owner: User, mall: Mall, **fields) -> SavedView:
    """The overview of a mall, unless fields say otherwise."""
    values = {"name": f"View {next(_next)}", "page": "analytics:mall_overview", "arguments": {"mall": mall.slug}}
    return SavedView.objects.create(owner=owner, mall=mall, **values | fields)


def make_mail_report(*, to: User, mall: Mall, view: SavedView | None = None, **fields) -> MailReport:
    """A daily report, without files, of a saved view of the receiver."""
    view = view or make_saved_view(owner=to, mall=mall)
    return MailReport.objects.create(to=to, view=view, **{"with_xlsx": False, **fields})


def make_plan_offer(provider: ServiceProvider, terms: PlanTerms | None = None, **fields) -> PlanOffer:
    """A plan of one version, offered to the provider from 1 March 2026 on."""
    version = fields.pop("version", None) or make_plan_version(provider.mall, terms or PlanTerms(opening_fen=100))
    values = {"from_day": date(2026, 3, 1), "offered_at": timezone.now(), **fields}
    return PlanOffer.objects.create(mall=provider.mall, version=version, provider=provider, **values)


def make_plan_version(mall: Mall, terms: PlanTerms) -> PlanVersion:
    plan = RebatePlan.objects.create(mall=mall, name_en=f"Plan {next(_next)}")
    return PlanVersion.objects.create(plan=plan, number=1, terms=terms.to_json(), made_at=timezone.now())


def make_statement(*, party: Merchant | ServiceProvider, **fields) -> Statement:
    """Of March 2026, issued, of one line of 10 yuan that no entry stands behind."""
    whose = {"merchant" if isinstance(party, Merchant) else "provider": party}
    kind = "reimbursement" if "merchant" in whose else "rebate"
    account = Account.objects.get_or_create(mall=party.mall, kind=kind, **whose)[0]
    values = {"month": date(2026, 3, 1), "state": "issued", "total_fen": 1_000, "made_at": timezone.now(), **fields}
    statement = Statement.objects.create(mall=party.mall, **whose, **values)
    StatementLine.objects.create(
        mall=party.mall, statement=statement, position=1, kind="redemption", account=account, count=1, amount_fen=1_000
    )
    return statement


def payment_event(store: Store, **fields) -> PaymentEvent:
    """A payment of 100 yuan just now by one shopper; each call has its own transaction id."""
    values = {
        "store_id": store.pk, "channel": "wechat", "transaction_id": f"t{next(_next)}", "amount_fen": 10_000,
        "paid_at": timezone.now(), "shopper": "anna", **fields,
    }  # fmt: skip
    values["shopper"] = values["shopper"] and digest(store.mall_id, values["shopper"])
    return PaymentEvent(**values)


def refund_event(payment: PaymentEvent, **fields) -> RefundEvent:
    values = {
        "channel": payment.channel, "transaction_id": payment.transaction_id, "refund_id": f"r{next(_next)}",
        "amount_fen": payment.amount_fen, "refunded_at": timezone.now(), **fields,
    }  # fmt: skip
    return RefundEvent(**values)
