"""The guards, and how to take each out: for negative controls, which must fail where the guarded run does not.

Nothing here is careless code: alone in the world each of these would be right. They look first and act afterwards,
and what they saw may have changed meanwhile.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, QuerySet

from analytics import recount, rollups, tasks, visitors
from analytics.mails import sending as mails
from analytics.models import MailReport, RollupDelta
from coupons import claiming, limits, redeeming
from coupons.delivery import sending
from coupons.models import Claim, Coupon, Notice, Rule
from coupons.models.coupon import CouponState
from coupons.services import consents, rules
from merchants.models import ServiceProvider
from merchants.services import agreements, onboarding
from payments import ledger
from payments.models import Payment
from settlements import books, deals
from settlements.models import Statement
from settlements.services import statements


class Guard(NamedTuple):
    """`take_out` replaces the guard in this process; `constraints` that stand behind it are dropped as well."""

    take_out: Callable[[], None]
    constraints: tuple[tuple[str, str], ...] = ()


def claim_by_looking(writes, mall_id, claims) -> None:
    """Read the counters, and write what was read plus what is claimed."""
    wanted = limits.merge(claims)
    state = limits.StoredState(mall_id)
    asked = [limits.Claim(key, amount, ceiling, "") for key, (amount, ceiling) in wanted.items()]
    state.load(asked)
    state.take(asked)
    for key, (_amount, ceiling) in wanted.items():
        if state.used(key) > ceiling:
            raise limits.LimitsContended
        writes.check(
            f"INSERT INTO {limits.LimitCounter._meta.db_table} (mall_id, key, used, ceiling) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (mall_id, key) DO UPDATE SET used = excluded.used, ceiling = excluded.ceiling",
            (mall_id, key, state.used(key), ceiling), 1, limits.LimitsContended,
        )  # fmt: skip


def insert_by_looking(model, columns, rows, **options) -> list[tuple]:
    """Insert the payments that are not there yet, by a look at what is there."""
    if model is not Payment:
        return insert_new(model, columns, rows, **options)
    place = columns.index("transaction_id")
    there = set(Payment.objects.values_list("transaction_id", flat=True))
    new = [row for row in rows if row[place] not in there]
    return insert_new(model, columns, new, **{**options, "conflict": ()}) if new else []


def insert_claims_by_looking(model, columns, rows, **options) -> list[tuple]:
    """Insert claims whose request ids are not there yet, by a look at what is there."""
    place = columns.index("request_id")
    there = set(Claim.objects.values_list("request_id", flat=True))
    new = [row for row in rows if row[place] not in there]
    return insert_new(model, columns, new, **{**options, "conflict": ()}) if new else []


def update_by_looking(model, *compared: str) -> Callable[[], None]:
    """An UPDATE that compares first, in a statement of its own."""

    def take_out() -> None:
        def filter(self, *args, **conditions):
            if self.model is not model or not set(compared) <= conditions.keys():
                return QuerySet.filter(self, *args, **conditions)
            if not QuerySet.filter(self, *args, **conditions).exists():
                return self.none()
            return QuerySet.filter(self, pk=conditions["pk"])

        type(model.objects.all()).filter = filter

    return take_out


def take_coupon_by_looking(coupon) -> str | None:
    """Look at the state of a coupon, then write it."""
    kept = Coupon.objects.for_mall(coupon.mall_id).filter(pk=coupon.pk)
    state = kept.values_list("state", flat=True).get()
    if state not in redeeming.USABLE:
        return None
    kept.update(state=CouponState.REDEEMED, turn=F("turn") + 1)
    return state


def claim_mail_by_looking(report, period) -> bool:
    """Ask for a mail whose period was not sent when the report was read."""
    MailReport.objects.filter(pk=report.pk).update(sent_for=period.last)
    tasks.send_mail_report.enqueue(report.pk, period.start.isoformat(), period.end.isoformat())
    return True


def take_deltas_by_looking(mall_id: int) -> list[tuple]:
    """Read the deltas, then delete those read."""
    rows = list(RollupDelta.objects.for_mall(mall_id).values_list("id", *rollups.DELTA_COLUMNS)[: rollups.FOLD_BATCH])
    RollupDelta.objects.for_mall(mall_id).filter(id__in=[row[0] for row in rows]).delete()
    return [row[1:] for row in rows]


def hold_rules_by_looking() -> None:
    """Read a rule without holding its row."""

    def held(rule_id, states):
        return Rule.objects.select_related("mall", "version", "proposed").get(pk=rule_id, state__in=states)

    rules.held = consents.held = held


def take_notices_by_looking(channel, *, now) -> list[Notice]:
    """The notices that are due, as they are read."""
    due = Notice.objects.for_mall(channel.mall_id).filter(channel=channel, state="waiting", due_at__lte=now)
    related = ("channel", "coupon__stock__mall", "coupon__payment", "coupon__claim")
    return list(due.select_related(*related).order_by("due_at")[: sending.BATCH])


def read_sets_without_holding(mall_id, model, keys, sets) -> list[tuple]:
    """The rows that sets are to be united with, as they are read."""
    wanted = {key[:2] for key in sets}
    rows = model.objects.for_mall(mall_id).order_by(*keys).values_list(*keys, "shoppers")
    return [row for row in rows if row[:2] in wanted]


def provider_without_holding(provider_id: int, *_store_ids: int) -> ServiceProvider:
    return ServiceProvider.objects.select_related("mall").get(pk=provider_id)


def statement_as_it_is(statement):
    return Statement.objects.get(pk=statement.pk)


def provider_as_it_is(provider: ServiceProvider) -> ServiceProvider:
    return ServiceProvider.objects.get(pk=provider.pk)


def snapshot_of_each_statement(held=None):
    return transaction.atomic()


def replace(module, name: str, substitute) -> Callable[[], None]:
    return lambda: setattr(module, name, substitute)


def forget_to_wait_for_the_disk() -> None:
    connection.settings_dict["OPTIONS"] = {"options": "-c synchronous_commit=off"}


insert_new = ledger.insert_new

GUARDS = {
    "claim": Guard(replace(limits, "claim", claim_by_looking)),
    "payment once": Guard(replace(ledger, "insert_new", insert_by_looking), (("payments_payment", "payment_once"),)),
    "claim once": Guard(replace(claiming, "insert_new", insert_claims_by_looking), (("coupons_claim", "claim_once"),)),
    "coupon state": Guard(
        replace(redeeming, "take", take_coupon_by_looking), (("coupons_redemption", "redemption_once"),)
    ),
    "refunded amount": Guard(
        update_by_looking(Payment, "refunded_fen__lte"),
        (("payments_payment", "payment_refunded_within_amount"),),
    ),
    "rule held": Guard(hold_rules_by_looking),
    "store held": Guard(replace(agreements, "hold", provider_without_holding)),
    "mall held": Guard(replace(onboarding, "_hold", lambda provider: provider_without_holding(provider.pk))),
    "application compared": Guard(update_by_looking(ServiceProvider, "pk", "state")),
    "proposal held": Guard(
        replace(onboarding, "_hold", lambda provider: provider_without_holding(provider.pk)),
        (("merchants_store", "store_once"), ("merchants_merchant", "merchant_once")),
    ),
    "provider held": Guard(replace(deals, "hold", provider_as_it_is)),
    "books proved": Guard(replace(books, "prove", lambda directory, writes: None)),
    "providers held": Guard(replace(deals, "hold_all", lambda mall_id: None)),
    "statement held": Guard(replace(statements, "_held", statement_as_it_is)),
    "notice lease": Guard(replace(sending, "take", take_notices_by_looking)),
    "mail claim": Guard(replace(mails, "claim", claim_mail_by_looking)),
    "taking deltas": Guard(replace(rollups, "_take_deltas", take_deltas_by_looking)),
    "sets held": Guard(replace(visitors, "_held", read_sets_without_holding)),
    "one snapshot": Guard(replace(recount, "one_snapshot", snapshot_of_each_statement)),
    "durable commit": Guard(forget_to_wait_for_the_disk),
}
