"""What is written down, exactly; and what cannot be."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from coupons import funding
from coupons.engine.terms import RuleTerms
from coupons.models import Coupon
from coupons.payers import payer
from mallops import ledger_check, pipeline
from mallops.lib.money import split_fen
from merchants.models import Mall
from merchants.queries import directory as directories
from settlements import accounts, of_coupons, posting
from settlements.accounts import Key, of_payer
from settlements.models import Account, Books, Entry
from settlements.posting import Line
from tests import factories

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 20)


@pytest.fixture
def directory(mall):
    return directories.current(mall.pk)


@pytest.fixture
def merchant(mall):
    return factories.make_merchant(mall=mall)


def line(merchant, **fields) -> Line:
    values = {"kind": "adjustment", "source_id": 1, "debit": Key("adjustment"), "amount_fen": 100, "day": DAY}
    return Line(**values | {"credit": Key("adjustment", merchant.pk), **fields})


def post(directory, *lines, now) -> int:
    with transaction.atomic():
        return posting.post(directory, lines, now=now)


def said(kind: str) -> list[tuple]:
    """Entries of a kind as debit, credit, fen."""
    rows = Entry.objects.filter(kind=kind).select_related("debit", "credit").order_by("source_id", "line")
    return [(whose(e.debit), whose(e.credit), e.amount_fen) for e in rows]


def whose(account: Account) -> tuple[str, int | None]:
    """A provider's by the number of a payer, below zero."""
    return account.kind, payer(account.merchant_id, account.provider_id) or None


def test_a_line_is_posted_once(world, directory, merchant):
    lines = [line(merchant), line(merchant, line=1, amount_fen=7), line(merchant, line=2, amount_fen=0)]
    assert post(directory, *lines, now=world.now) == 2
    assert post(directory, *lines, now=world.now) == 0
    assert said("adjustment") == [
        (("adjustment", None), ("adjustment", merchant.pk), 100),
        (("adjustment", None), ("adjustment", merchant.pk), 7),
    ]
    assert set(Entry.objects.values_list("day", "month")) == {(DAY, date(2026, 1, 1))}


def test_nothing_is_nothing(world, directory):
    assert post(directory, now=world.now) == 0
    assert not Account.objects.exists() and not Books.objects.exists()


@pytest.mark.parametrize("amount", [-1, 10**13 + 1])
def test_absurd_amounts_are_refused(world, directory, merchant, amount):
    with pytest.raises(IntegrityError):
        post(directory, line(merchant, amount_fen=amount), now=world.now)
    assert not Entry.objects.exists()


def test_an_entry_moves_something_from_one_account_to_another(world, directory):
    same = Line("adjustment", 1, Key("bank"), Key("bank"), 1, DAY)
    with pytest.raises(IntegrityError):
        post(directory, same, now=world.now)


def test_accounts_are_those_of_their_party(world, directory, merchant):
    with pytest.raises(ValueError, match="is no account"):
        post(directory, line(merchant, debit=Key("bank", merchant.pk)), now=world.now)
    assert of_payer("cost", 0) == Key("cost") and of_payer("cost", 7) == Key("cost", 7)
    assert of_payer("cost", -7) == Key("cost", None, 7)


def test_accounts_are_opened_once_for_each_party(mall, directory, merchant):
    keys, before = [Key("cost", merchant.pk), Key("paid", merchant.pk), Key("bank")], Mall.objects.get().revision
    with transaction.atomic():
        first = accounts.ids(directory, keys)
        again = accounts.ids(directory, keys)
    assert {key: first[key] for key in keys} == {key: again[key] for key in keys}
    assert Mall.objects.get().revision == before + 1
    now = directories.current(mall.pk)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            accounts.ids(now, keys)
    assert len(queries) == 1  # kept until the revision moves on
    assert Account.objects.count() == 5 + 6


def test_a_coupon_from_its_issue_to_its_end(world):
    """Two coupons of at most 10.01 paid in thirds, one of 7.77 paid to two thirds by the second merchant."""
    gives, pays = world.stores[0].merchant_id, world.stores[2].merchant_id
    provider = payer(None, world.mall.providers.get().pk)
    world.pay()
    to = ("outstanding", None)
    thirds = [(("commitment", None), to, 334), (("commitment", gives), to, 333), (("commitment", pays), to, 334)]
    assert split_fen(1_001, [3_333, 3_333, 3_334]) == [334, 333, 334]
    assert said("issue") == [*thirds, *thirds, (("commitment", pays), to, 518), (("commitment", provider), to, 259)]
    world.redeem(0, 1_000)  # 17.77 %: 1.77
    honoured = ("reimbursement", gives)
    costs = [(("cost", None), honoured, 59), (("cost", gives), honoured, 59), (("cost", pays), honoured, 59)]
    assert said("redemption") == costs
    assert said("release") == [(credit, debit, fen) for debit, credit, fen in thirds]
    world.reverse(0)
    assert said("reversal") == [(credit, debit, fen) for debit, credit, fen in costs]
    assert said("renewal") == thirds
    world.wait(timedelta(days=30))
    world.expire()
    assert len(said("expiry")) == 8
    assert world.balances() == {}
    assert list(ledger_check.problems(world.mall)) == []


def test_a_use_that_becomes_known_late_releases_nothing_again(world):
    world.pay()
    world.wait(timedelta(days=30))
    world.expire()
    world.redeem(0, 1_000, timedelta(days=29))
    assert said("redemption") and not said("release")
    world.reverse(0)
    assert said("reversal") and not said("renewal")
    assert world.balances() == {}


def test_the_same_request_again_posts_nothing(world):
    coupon = world.pay()[0]
    for _ in range(2):
        pipeline.redeem(
            mall_id=world.mall.pk, code=coupon.code, order_fen=1_000, store_id=world.stores[0].pk, source="test",
            request_id="same", now=world.now,
        )  # fmt: skip
    assert len(said("redemption")) == 3


def test_shares_are_those_of_the_terms_or_of_the_stock(mall):
    own, malls = (factories.make_stock(mall=mall, funder=funder) for funder in ("merchant", "mall"))
    terms = RuleTerms(award=((own.pk, 1),))
    assert funding.shares(terms, own) == ((own.merchant_id, 10_000),)
    assert funding.shares(terms, malls) == ((0, 10_000),)
    shared = RuleTerms(award=((own.pk, 1),), shares=((0, 4_000), (7, 6_000)))
    assert funding.shares(shared, own) == ((0, 4_000), (7, 6_000))


@pytest.mark.parametrize("kind", ["issue", "release", "redemption", "reversal", "renewal", "expiry"])
@pytest.mark.parametrize("damage", ["lost", "more", "account", "forged"])
def test_damage_to_any_posting_is_found(world, kind, damage):
    world.pay()
    world.redeem(0, 1_000)
    world.reverse(0)
    world.wait(timedelta(days=30))
    world.expire()
    entry = Entry.objects.filter(kind=kind).order_by("pk").first()
    rows = Entry.objects.filter(pk=entry.pk)
    if damage == "lost":
        rows.delete()
    elif damage == "more":
        rows.update(amount_fen=entry.amount_fen + 1)
    elif damage == "account":
        rows.update(debit=Account.objects.get(kind="bank"))
    else:
        Entry.objects.filter(kind=kind, source_id=entry.source_id).update(source_id=10**9)
    assert list(ledger_check.problems(world.mall))


def test_a_payment_asks_no_more_than_it_did_without_the_ledger(world, monkeypatch):
    """On PostgreSQL its entries go with what is written anyway; ids are fetched ahead now and then."""

    def asked() -> list[str]:
        event = factories.payment_event(world.stores[0], paid_at=world.now, shopper=f"s{Coupon.objects.count()}")
        with CaptureQueriesContext(connection) as queries:
            pipeline.record_payments(world.mall.pk, [event], source="test", now=world.now)
        return [query["sql"] for query in queries if "nextval" not in query["sql"]]

    for _ in range(2):
        asked()
    with_entries = asked()
    monkeypatch.setattr(of_coupons, "issued", lambda *args, **fields: None)
    assert len(with_entries) - len(asked()) == (0 if connection.vendor == "postgresql" else 2)
