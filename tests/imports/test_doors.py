"""Stores, refunds and redemptions from files."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from coupons.models import Coupon, Redemption
from mallops.imports.doors import redemptions
from mallops.imports.models import ImportKind
from merchants.models import AuditEntry, Category, Floor, Mall, Merchant, Store
from payments.models import Payment, Refund
from tests import factories

from .conftest import counts, report_lines

STORES = """store,name_en,name_zh,category,floor,unit,merchant,merchant_name,registration_number,closed_on
hotpot,Red Pot,红锅,Food|餐饮/Hotpot|火锅,L4,L4-12,m1,红锅有限公司,91310000,
cafe,Bean,,food/咖啡,B1,,,,,2026-03-31
"""
REDEMPTIONS = "coupon,store,amount,redeemed_at,request_id\n"
REFUNDS = "channel,transaction_id,refund_id,amount,refunded_at\n"


def test_stores_come_with_categories_floors_and_merchants(take, mall):
    before = mall.revision
    assert counts(take(ImportKind.STORES, STORES)) == ("done", 2, 2, 0, 0)
    hotpot = Store.objects.select_related("category__parent", "merchant", "floor").get(mall=mall, code="hotpot")
    assert (hotpot.name_en, hotpot.name_zh, hotpot.unit, hotpot.closed_on) == (
        "Red Pot",
        "红锅",
        "L4-12",
        None,
    )
    assert (hotpot.category.name_en, hotpot.category.name_zh, hotpot.category.code) == (
        "Hotpot",
        "火锅",
        "hotpot",
    )
    assert (hotpot.category.parent.name_zh, hotpot.category.parent.parent) == ("餐饮", None)
    assert (hotpot.merchant.code, hotpot.merchant.name_zh, hotpot.merchant.registration_number) == (
        "m1",
        "红锅有限公司",
        "91310000",
    )
    cafe = Store.objects.select_related("category", "merchant", "floor").get(mall=mall, code="cafe")
    assert (cafe.merchant.code, cafe.merchant.name_en, str(cafe.closed_on)) == ("cafe", "Bean", "2026-03-31")
    assert (cafe.category.name_zh, cafe.category.parent_id) == ("咖啡", hotpot.category.parent_id)
    assert {floor.code: floor.level for floor in Floor.objects.filter(mall=mall)} == {"L4": 4, "B1": -1}
    assert Mall.objects.get(pk=mall.pk).revision > before
    assert AuditEntry.objects.get(action="stores_imported").changes == {"added": [0, 2], "changed": [0, 0]}


def test_the_same_stores_again_change_nothing(take, mall):
    take(ImportKind.STORES, STORES)
    made = [model.objects.count() for model in (Store, Category, Merchant, Floor, AuditEntry)]
    assert counts(take(ImportKind.STORES, STORES)) == ("done", 2, 0, 2, 0)
    assert [model.objects.count() for model in (Store, Category, Merchant, Floor, AuditEntry)] == made


def test_stores_are_brought_up_to_date_and_empty_cells_change_nothing(take, mall):
    take(ImportKind.STORES, STORES)
    run = take(ImportKind.STORES, "store,category,unit,name_en\nhotpot,Food/Grill,L5-01,\ncafe,Food/咖啡,,\n")
    assert counts(run) == ("done", 2, 1, 1, 0)
    hotpot = Store.objects.select_related("category").get(mall=mall, code="hotpot")
    assert (hotpot.category.name_en, hotpot.unit, hotpot.name_en, hotpot.floor.code) == (
        "Grill",
        "L5-01",
        "Red Pot",
        "L4",
    )


def test_bad_stores_say_why(take, mall):
    run = take(
        ImportKind.STORES,
        "store,name_en,category,closed_on,floor\n"
        "a,,Food,,\n"
        "b,B,,,\n"
        "c,=C,1/2/3/4/5/6,31.3.2026,0123456789012\n"
        f"{'d' * 41},D,Food,,\n",
    )
    assert counts(run) == ("done", 4, 0, 0, 4)
    assert [line.split(",")[:3] for line in report_lines(run)] == [
        ["2", "name_en", "is needed for a new store"],
        ["3", "category", "is empty"],
        ["4", "name_en", "begins like a formula"],
        ["4", "category", '"has more than five levels'],
        ["4", "floor", "is longer than 12 characters"],
        ["4", "closed_on", "is not a day such as 2026-03-31"],
        ["5", "store", "is longer than 40 characters"],
    ]
    assert not Store.objects.filter(mall=mall).exists()


def test_another_malls_stores_are_out_of_reach(take_payments, mall):
    other = factories.make_mall()
    factories.make_store(mall=other, code="elsewhere")
    run = take_payments("elsewhere,cash,T1,5,2026-03-31 18:05:00,\n")
    assert counts(run) == ("done", 1, 0, 0, 1)
    assert not Payment.objects.exists()


def test_refunds_are_taken_once_and_never_above_the_payment(take, take_payments, mall):
    take_payments("hotpot,cash,T1,100,2026-03-31 18:05:00,\n")
    rows = (
        "cash,T1,R1,40,2026-04-01 10:00:00\n"
        "cash,T1,R2,60.01,2026-04-01 10:00:00\n"
        "cash,T1,R3,1,2026-03-31 18:04:59\n"
        "cash,T2,R4,1,2026-04-01 10:00:00\n"
        "现金,T1,R1,41,2026-04-01 10:00:00\n"
    )
    run = take(ImportKind.REFUNDS, REFUNDS + rows)
    assert counts(run) == ("done", 5, 1, 0, 4)
    assert [line.split(",")[:3] for line in report_lines(run)] == [
        ["3", "amount", "is above what is left of the payment"],
        ["4", "refunded_at", "lies before the payment"],
        ["5", "transaction_id", "is not a payment of this mall"],
        ["6", "amount", "differs from an earlier delivery of the same number"],
    ]
    assert counts(take(ImportKind.REFUNDS, REFUNDS + rows.splitlines()[0])) == ("done", 1, 0, 1, 0)
    assert list(Refund.objects.for_mall(mall).values_list("refund_id", "amount_fen")) == [("R1", 4000)]


@pytest.fixture
def coupon(mall, store, take_payments) -> Coupon:
    """A coupon of 10 off orders from 50, just won by an imported payment; usable at `store`."""
    factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant))
    moment = timezone.localtime(timezone=ZoneInfo(mall.time_zone)) - timedelta(hours=1)
    take_payments(f"hotpot,cash,T1,100,{moment:%Y-%m-%d %H:%M:%S},anna\n", award=True)
    return Coupon.objects.get()


def redemption(of: Coupon, request_id: str, **cells) -> str:
    at = of.valid_from.astimezone(UTC) + timedelta(minutes=1)
    values = {"coupon": of.code, "store": "hotpot", "amount": "80", "at": at.isoformat(), **cells}
    return ",".join([*values.values(), request_id]) + "\n"


def test_awards_are_off_unless_asked_for(mall, store, take_payments):
    factories.make_rule(mall=mall)
    moment = timezone.now() - timedelta(hours=1)
    take_payments(f"hotpot,cash,T1,100,{moment.isoformat()},anna\n")
    assert not Coupon.objects.exists()


def test_redemptions_are_taken_once(take, mall, coupon):
    row = redemption(coupon, "Q1")
    assert counts(take(ImportKind.REDEMPTIONS, REDEMPTIONS + row)) == ("done", 1, 1, 0, 0)
    assert counts(take(ImportKind.REDEMPTIONS, REDEMPTIONS + row + row)) == ("done", 2, 0, 2, 0)
    taken = Redemption.objects.for_mall(mall).get()
    assert (taken.order_fen, taken.discount_fen, taken.redeemed_at - coupon.valid_from) == (
        8000,
        1000,
        timedelta(minutes=1),
    )


def test_bad_redemptions_say_why_and_the_others_are_taken(take, mall, coupon, other_store):
    rows = (
        redemption(coupon, "Q1", coupon="XXXX")
        + redemption(coupon, "Q2", coupon="222222222222")
        + redemption(coupon, "Q3", store="cafe")
        + redemption(coupon, "Q4", amount="49.99")
        + redemption(coupon, "Q5", at="2026-01-01 10:00:00")
        + redemption(coupon, "Q6")
        + redemption(coupon, "Q7")
    )
    run = take(ImportKind.REDEMPTIONS, REDEMPTIONS + rows)
    assert counts(run) == ("done", 7, 1, 0, 6)
    assert [line.split(",")[:3] for line in report_lines(run)] == [
        ["2", "coupon", "is not a coupon code"],
        ["3", "coupon", "is not a coupon of this mall"],
        ["4", "store", "does not take this coupon"],
        ["5", "amount", "is below the coupon's minimum"],
        ["6", "redeemed_at", "lies before the coupon is valid"],
        ["8", "coupon", "was redeemed before"],
    ]


def test_every_refusal_of_a_redemption_has_its_words():
    from coupons.redeeming import CODES

    of_others = {"unknown_payment", "unknown_redemption", "already_reversed", "too_late"}
    assert set(redemptions.REASONS) == set(CODES) - of_others
