"""The ledger as files: what is in them, that they can be imported again, whose lines they hold, who took them."""

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.files.ledger import LEDGERS
from coupons.models import Coupon
from mallops import pipeline
from mallops.imports.doors import DOORS
from mallops.imports.models import ImportKind, ImportRun
from mallops.lib.csvcolumns import match_header
from merchants.models import AuditEntry
from payments.models import Payment
from tests import factories

from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PAID_AT = datetime(2026, 11, 20, 15, 59, 59, 500_000, tzinfo=UTC)  # half a second before midnight in Shanghai
DAYS = {"start": "2026-11-01", "end": "2026-11-21"}


@pytest.fixture
def history(mall, store, other_store, cashier):
    """At `store` two payments, one refund, two coupons of which one is used; at `other_store` one payment."""
    stock = factories.make_stock(mall=mall, merchant=store.merchant, code="ten-off")
    factories.make_rule(mall=mall, stock=stock)
    events = [
        factories.payment_event(store, paid_at=PAID_AT, transaction_id="t-1"),
        factories.payment_event(store, paid_at=PAID_AT + timedelta(seconds=1), transaction_id="=cmd()"),
        factories.payment_event(other_store, paid_at=PAID_AT, transaction_id="rival-1", shopper=None, channel="cash"),
    ]
    pipeline.record_payments(mall.pk, events, source="api:7", now=PAID_AT + timedelta(minutes=1))
    refund = factories.refund_event(
        events[0], amount_fen=2_500, refund_id="r-1", refunded_at=PAID_AT + timedelta(hours=1)
    )
    coupon = Coupon.objects.for_mall(mall).order_by("pk").first()
    pipeline.redeem(
        mall_id=mall.pk, code=coupon.code, store_id=store.pk, order_fen=9_000, request_id="till-1", source="till",
        now=PAID_AT + timedelta(minutes=30), by=cashier,
    )  # fmt: skip
    pipeline.record_refunds(mall.pk, [refund], source="api:7", now=PAID_AT + timedelta(hours=2))
    return events


def take(client, name: str, key, **data) -> list[dict[str, str]]:
    response = client.post(reverse(f"analytics:{name}", args=[key]), DAYS | data)
    assert response.status_code == 200 and response.streaming
    text = b"".join(response.streaming_content).decode("utf-8").removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def taken(client, manager, mall, history):
    client.force_login(manager)
    return lambda kind, **data: take(client, "ledger_export", mall.slug, kind=kind, **data)


def test_payments(taken, store, other_store):
    shopper = str(Payment.objects.get(transaction_id="t-1").shopper_id)
    assert taken("payments") == [  # store by store, in the order of their codes
        {
            "store": "cafe", "channel": "cash", "transaction_id": "rival-1", "amount": "100.00",
            "paid_at": "2026-11-20 23:59:59.500000+08:00", "refunded": "0.00", "shopper_number": "", "source": "api:7",
        },
        {
            "store": "hotpot", "channel": "wechat", "transaction_id": "t-1", "amount": "100.00",
            "paid_at": "2026-11-20 23:59:59.500000+08:00", "refunded": "25.00", "shopper_number": shopper,
            "source": "api:7",
        },
        {
            "store": "hotpot", "channel": "wechat", "transaction_id": "'=cmd()", "amount": "100.00",
            "paid_at": "2026-11-21 00:00:00.500000+08:00", "refunded": "0.00", "shopper_number": shopper,
            "source": "api:7",
        },
    ]  # fmt: skip


def test_days_are_the_malls(taken):
    def ids(**days) -> list[str]:
        return [row["transaction_id"] for row in taken("payments", **days)]

    assert ids(start="2026-11-20", end="2026-11-20") == ["rival-1", "t-1"]
    assert ids(start="2026-11-21", end="2026-11-21") == ["'=cmd()"]
    assert ids(start="2026-11-01", end="2026-11-19") == []


def test_some_stores(taken):
    assert [row["store"] for row in taken("payments", stores=["cafe"])] == ["cafe"]
    assert len(taken("payments", stores=["cafe", "hotpot"])) == 3


def test_refunds(taken):
    assert taken("refunds") == [
        {
            "channel": "wechat", "transaction_id": "t-1", "refund_id": "r-1", "amount": "25.00",
            "refunded_at": "2026-11-21 00:59:59.500000+08:00", "store": "hotpot", "source": "api:7",
        }
    ]  # fmt: skip


def test_redemptions(taken, mall):
    used = Coupon.objects.for_mall(mall).get(state="redeemed")
    assert taken("redemptions") == [
        {
            "coupon": used.code, "store": "hotpot", "amount": "90.00",
            "redeemed_at": "2026-11-21 00:29:59.500000+08:00", "request_id": "till-1",
            "discount": "10.00", "stock": "ten-off", "undone_at": "",
        }
    ]  # fmt: skip


def test_codes_of_coupons_that_can_be_used_are_not_told(taken, mall, cashier, history):
    (used,) = Coupon.objects.for_mall(mall).filter(state="redeemed")
    others = Coupon.objects.for_mall(mall).exclude(pk=used.pk)
    codes = [row["coupon"] for row in taken("coupons")]
    assert codes == [used.code, *(f"…{coupon.code[-4:]}" for coupon in others.order_by("pk"))]
    redemption = used.redemptions.get()
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=redemption.pk, request_id="undo", source="till", reason="mistyped",
        now=PAID_AT + timedelta(hours=1), by=cashier,
    )  # fmt: skip
    (row,) = taken("redemptions")
    assert (row["coupon"], row["undone_at"]) == (f"…{used.code[-4:]}", "2026-11-21 00:59:59.500000+08:00")


def test_coupons(taken, mall):
    row = taken("coupons")[0]
    coupon = Coupon.objects.for_mall(mall).order_by("pk").first()
    assert (row["store"], row["stock"], row["state"], row["transaction_id"]) == ("hotpot", "ten-off", "redeemed", "t-1")
    assert (row["rule_number"], row["shopper_number"]) == (str(coupon.rule_id), str(coupon.shopper_id))
    assert row["issued_at"] == coupon.issued_at.astimezone(ZoneInfo("Asia/Shanghai")).isoformat(sep=" ")


# --- Back in again ---


@pytest.mark.parametrize("kind", [ImportKind.PAYMENTS, ImportKind.REFUNDS, ImportKind.REDEMPTIONS])
def test_headers_are_those_of_the_doors(kind):
    for whole in (True, False):
        header = [column.name for column in LEDGERS[kind].shown(whole)]
        places = match_header(DOORS[kind].columns, header)
        assert set(places) == {column.name for column in DOORS[kind].columns if column.name != "shopper"}


@pytest.mark.parametrize("kind", [ImportKind.PAYMENTS, ImportKind.REFUNDS, ImportKind.REDEMPTIONS])
def test_lines_are_known_when_they_come_back(taken, mall, manager, kind):
    Payment.objects.filter(transaction_id="=cmd()").update(transaction_id="t-2")  # the quote of a defused text stays
    rows = [list(row.values()) for row in taken(kind)]
    run = ImportRun.objects.create(mall=mall, kind=kind, file_name="ledger.csv", created_by=manager)
    door = DOORS[kind](run, [column.name for column in LEDGERS[kind].shown(True)], PAID_AT + timedelta(days=1))
    events, _places, problems = door.decode(rows)
    assert (len(events), problems) == (len(rows), [])
    posted = door.post(events)
    assert (posted.added, posted.known, posted.refused) == (0, len(rows), [])


# --- Whose ---


@pytest.mark.parametrize("kind", list(LEDGERS))
def test_a_merchant_gets_own_lines_only(client, owner, store, history, kind):
    client.force_login(owner)
    rows = take(client, "merchant_ledger_export", store.merchant_id, kind=kind)
    assert rows and {row["store"] for row in rows} == {"hotpot"}
    assert not {"shopper_number", "source"} & set(rows[0])


def test_a_merchant_cannot_name_a_store_of_others(client, owner, store, history):
    client.force_login(owner)
    url = reverse("analytics:merchant_ledger_export", args=[store.merchant_id])
    assert client.post(url, DAYS | {"kind": "payments", "stores": ["cafe"]}).status_code == 422


def test_another_mall_has_none_of_it(client, stranger, history):
    elsewhere = stranger.memberships.get().mall
    factories.make_store(mall=elsewhere, code="hotpot")
    client.force_login(stranger)
    assert take(client, "ledger_export", elsewhere.slug, kind="payments", stores=["hotpot"]) == []


def test_who_took_what_is_kept(taken, mall, manager):
    taken("payments", stores=["cafe"])
    entry = AuditEntry.objects.get(action="ledger_exported")
    assert (entry.actor, entry.mall, entry.object_id) == (manager, mall, str(mall.pk))
    assert entry.changes == {
        "kind": [None, "payments"], "days": [None, "2026-11-01-2026-11-21"], "stores": [None, ["cafe"]],
    }  # fmt: skip


# --- The form ---


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "secrets"}, {"kind": ""}, {"start": ""}, {"end": "x"}, {"start": "2026-11-22"}, {"end": "2026-11-22"},
        {"start": "2026-11-21", "end": "2026-11-01"}, {"start": "2025-11-01"}, {"start": "1066-10-14"},
        {"start": "0001-01-01", "end": "9999-12-31"}, {"stores": ["elsewhere"]},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_choices(client, manager, mall, store, wrong):
    client.force_login(manager)
    response = client.post(reverse("analytics:ledger_export", args=[mall.slug]), {"kind": "payments"} | DAYS | wrong)
    assert response.status_code == 422
    assert not AuditEntry.objects.filter(action="ledger_exported").exists()


def test_a_whole_year_to_the_last_possible_day(client, manager, mall, store):
    client.force_login(manager)
    url = reverse("analytics:ledger_export", args=[mall.slug])
    response = client.post(url, {"kind": "payments", "start": "2025-11-21", "end": f"{TODAY}"})
    assert response["Content-Disposition"] == 'attachment; filename="galaxy-payments-2025-11-21-2026-11-21.csv"'


def test_the_page_says_what_is_in_the_files(client, manager, mall, store):
    client.force_login(manager)
    html = client.get(reverse("analytics:ledger_export", args=[mall.slug])).content.decode()
    for ledger in LEDGERS.values():
        assert all(f">{column.name}<" in html for column in ledger.columns)


def test_queries_do_not_grow_with_lines(taken, store):
    """One for each store, whatever it sold; the rest is opening the page."""
    counts = []
    for _lines in (2, 6):
        with CaptureQueriesContext(connection) as queries:
            taken("payments")
        counts.append(len(queries))
        events = [factories.payment_event(store, paid_at=PAID_AT) for _ in range(4)]
        pipeline.record_payments(store.mall_id, events, source="api:7", now=PAID_AT)
    assert counts[0] == counts[1]
