"""Takes the demonstration away: everything that belongs to its malls, and its accounts."""

from django.db import DEFAULT_DB_ALIAS, connection, models, transaction
from django.db.models import Q

from analytics.models import (
    Annotation,
    CouponDay,
    FlowReport,
    MailReport,
    MallHour,
    MallHourMix,
    MallMonthMix,
    MallVisitors,
    RollupDelta,
    SavedView,
    ShopperReport,
    StoreDay,
    StoreDayMix,
    StoreHour,
    StoreMonth,
    StoreVisitors,
)
from coupons.models import (
    Backtest,
    Block,
    Boost,
    Claim,
    ClaimCode,
    Consent,
    Coupon,
    CouponClosure,
    Decision,
    Dispute,
    GuardFlag,
    HandOut,
    LimitCounter,
    Notice,
    NoticeChannel,
    Redemption,
    Reversal,
    Rule,
    RuleVersion,
    Stock,
    SuggestionReport,
    UpliftReport,
)
from mallops.imports.models import ImportRun
from merchants.models import (
    Agreement,
    ApiCredential,
    AuditEntry,
    Category,
    Floor,
    Invitation,
    Mall,
    Membership,
    Merchant,
    NegativeListing,
    Onboarding,
    ProviderCapability,
    ProviderDocument,
    ServiceProvider,
    StandingChange,
    Store,
)
from payments.models import (
    EventConflict,
    ParkingStay,
    Payment,
    Refund,
    Shopper,
    ShopperContact,
    ShopperDevice,
    ShopperIdentity,
    ShopperTag,
)
from settlements.models import (
    Account,
    Accrual,
    Books,
    ClosedMonth,
    CreditLine,
    Entry,
    LineMessage,
    MonthBalance,
    PlanOffer,
    PlanVersion,
    RebatePlan,
    Statement,
    StatementLine,
)

from . import marks, people

# What points at a row goes before it.
FACTS = (
    LineMessage, StatementLine, Statement, MonthBalance, Entry, CreditLine, Accrual, RollupDelta, CouponDay,
    StoreDay, StoreDayMix, StoreHour, StoreMonth, StoreVisitors, MallHour, MallHourMix, MallMonthMix, MallVisitors,
    EventConflict, LimitCounter, Decision, CouponClosure, Notice, Dispute, Reversal, Redemption, Coupon, Claim,
    Block, GuardFlag, Refund, Payment, ShopperContact, ShopperDevice, ShopperTag, ParkingStay, ShopperIdentity,
    Shopper,
)  # fmt: skip
AT_A_BODY = ("mall", "merchant__mall", "provider__mall")
DIMENSIONS: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (ClosedMonth, ("mall",)),
    (Account, ("mall",)),
    (Books, ("mall",)),
    (Boost, ("mall",)),
    (PlanOffer, ("mall",)),
    (PlanVersion, ("plan__mall",)),
    (RebatePlan, ("mall",)),
    (MailReport, ("view__mall",)),
    (SavedView, ("mall",)),
    (Annotation, ("mall",)),
    (FlowReport, ("mall",)),
    (ShopperReport, ("mall",)),
    (ImportRun, ("mall",)),
    (AuditEntry, ("mall",)),
    (Invitation, AT_A_BODY),
    (Membership, AT_A_BODY),
    (ApiCredential.stores.through, ("apicredential__mall",)),
    (ApiCredential, ("mall",)),
    (Onboarding, ("mall",)),
    (Agreement, ("mall",)),
    (NegativeListing, ("mall",)),
    (StandingChange, ("provider__mall",)),
    (ProviderDocument, ("provider__mall",)),
    (ProviderCapability, ("mall",)),
    (Backtest, ("mall",)),
    (ClaimCode, ("mall",)),
    (NoticeChannel, ("mall",)),
    (SuggestionReport, ("mall",)),
    (UpliftReport, ("mall",)),
    (Consent, ("mall",)),
    (HandOut, ("mall",)),
    (RuleVersion.stocks.through, ("ruleversion__rule__mall",)),
    (RuleVersion, ("rule__mall",)),
    (Rule, ("mall",)),
    (Stock.stores.through, ("stock__mall",)),
    (Stock.categories.through, ("stock__mall",)),
    (Stock, ("mall",)),
    (ServiceProvider, ("mall",)),
    (Store, ("mall",)),
    (Merchant, ("mall",)),
    (Category, ("mall",)),
    (Floor, ("mall",)),
)


def reset() -> int:
    """Delete the demo malls with all that is in them; returns how many malls there were.

    Interrupted, it is taken up where it stopped by the next run: the malls themselves go last.
    """
    malls = list(marks.demo_malls().values_list("pk", flat=True))
    marks.unmark_loaded()
    for model in FACTS:
        _delete(model, Q(mall__in=malls))
        _vacuum(model)
    for run in ImportRun.objects.filter(mall__in=malls):
        run.report.delete(save=False)
    for document in ProviderDocument.objects.filter(provider__mall__in=malls):
        document.file.delete(save=False)
    with transaction.atomic():
        for model, paths in DIMENSIONS:
            _delete(model, Q.create([Q((f"{path}__in", malls)) for path in paths], connector=Q.OR))
        people.accounts().delete()
        _delete(Mall, Q(pk__in=malls))
    return len(malls)


def _delete(model: type[models.Model], condition: Q) -> None:
    """One DELETE statement. QuerySet.delete() would first read every row to look for what points at it."""
    rows = model._base_manager.filter(pk__in=model._base_manager.filter(condition).values("pk"))
    rows._raw_delete(DEFAULT_DB_ALIAS)


def _vacuum(model: type[models.Model]) -> None:
    """PostgreSQL looks for pointing rows at each row deleted: let it not wade through those just deleted."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {connection.ops.quote_name(model._meta.db_table)}")
