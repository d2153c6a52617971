"""Suggestions from the ledger to the builder: what is kept, which rules cover it, what a click does."""

from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.affinity import services, terms_of
from coupons.affinity.drafts import read_key
from coupons.affinity.queries import suggestions_of
from coupons.affinity.report import LEAST
from coupons.affinity.source import recent_period
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Backtest, Rule, SuggestionReport
from coupons.models.rule import RuleState
from coupons.models.stock import Validity
from mallops.lib.dates import Period
from merchants.choices import Role
from payments.models import Payment, Shopper
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
DAY = timedelta(days=1)
number = count(1)


def shoppers(mall, wanted: int) -> list[Shopper]:
    return Shopper.objects.bulk_create([Shopper(mall=mall, created_at=NOW - 90 * DAY) for _ in range(wanted)])


def pay(who: list[Shopper], store, at=NOW - 30 * DAY, fen: int = 10_000, refunded: int = 0) -> None:
    Payment.objects.bulk_create(
        Payment(
            mall=store.mall, store=store, shopper=each, channel="wechat", transaction_id=f"a{next(number)}",
            amount_fen=fen, refunded_fen=refunded, paid_at=at, day=at.date(), hour=at.hour, source="test",
            recorded_at=at,
        )
        for each in who
    )  # fmt: skip


@pytest.fixture
def third(mall):
    return factories.make_store(mall=mall, code="books")


@pytest.fixture
def moves(mall, store, other_store, third):
    """Thirty of forty shoppers of the hotpot go on to the cafe, two of forty of the bookshop. The data ends
    yesterday."""
    here, there = shoppers(mall, 40), shoppers(mall, 40)
    pay(here, store)
    pay(there, third)
    pay([*here[:30], *there[:2]], other_store, NOW - 29 * DAY, 2_000)
    pay(shoppers(mall, 1), third, NOW - DAY)


def made(mall) -> SuggestionReport:
    return services.make(mall=mall, now=NOW)


def key(source, target, letter: str = "s") -> str:
    return f"{letter}{source.pk}-{letter}{target.pk}"


# --- The report ---


def test_a_report_in_full(mall, moves, store, other_store):
    report = made(mall)
    assert (report.first_day, report.last_day) == (date(2026, 10, 21), date(2026, 11, 19))
    result = report.result
    assert (result["days"], result["purchases"], result["shoppers"]) == (14, 113, 81)
    (pair,) = result["stores"]
    assert {name: pair[name] for name in ("key", "source", "target", "moved", "bought", "back", "ticket_fen")} == {
        "key": key(store, other_store), "source": store.pk, "target": other_store.pk, "moved": 30, "bought": 40,
        "back": None, "ticket_fen": 2_000,
    }  # fmt: skip
    assert pair["base"] == pytest.approx(32 / 80)
    assert pair["lift"] == pytest.approx(0.75 / 0.4)
    assert 1 < pair["lift_low"] < pair["lift"]
    assert [each["key"] for each in result["categories"]] == [key(store.category, other_store.category, "c")]


def test_fewer_shoppers_than_allowed_are_not_kept(mall, store, other_store, third):
    here, there = shoppers(mall, 40), shoppers(mall, 200)
    pay(here, store)
    pay(there, third)
    pay(here[: LEAST - 1], other_store, NOW - 29 * DAY)
    pay(there[:1], third, NOW - DAY)
    assert made(mall).result["stores"] == []
    pay(here[LEAST - 1 : LEAST], other_store, NOW - 29 * DAY)
    assert [pair["moved"] for pair in made(mall).result["stores"]] == [LEAST]


def test_few_who_went_the_other_way_are_not_counted(mall, moves, store, other_store):
    both_ways = shoppers(mall, LEAST)
    pay(both_ways, other_store, NOW - 40 * DAY)
    pay(both_ways[1:], store, NOW - 39 * DAY)
    backs = {pair["key"]: pair["back"] for pair in made(mall).result["stores"]}
    assert backs[key(store, other_store)] is None
    pay(both_ways[:1], store, NOW - 39 * DAY)
    backs = {pair["key"]: pair["back"] for pair in made(mall).result["stores"]}
    assert backs[key(store, other_store)] == LEAST


def test_purchases_given_back_in_full_are_none(mall, moves, store):
    Payment.objects.filter(store=store).update(refunded_fen=10_000)
    assert made(mall).result["stores"] == []


def test_shoppers_nobody_knows_and_other_malls_do_not_count(mall, moves, other_store, stranger):
    pay([None] * 50, other_store)
    there = factories.make_store(mall=stranger.memberships.get().mall)
    pay(shoppers(there.mall, 50), there)
    assert made(mall).result["purchases"] == 113


def test_the_last_half_year_with_payments_is_looked_at(mall, store):
    assert recent_period(mall) is None
    pay([None], store, NOW - 400 * DAY)
    pay([None], store, NOW - 10 * DAY)
    assert recent_period(mall) == Period(date(2026, 5, 15), date(2026, 11, 11))


def test_a_mall_without_payments_has_no_report(mall):
    assert services.make(mall=mall, now=NOW) is None


def test_a_report_replaces_the_last_one(mall, moves):
    made(mall)
    made(mall)
    assert SuggestionReport.objects.count() == 1


def test_it_is_asked_for_once_at_a_time_and_each_week(mall, moves):
    from coupons.tasks import study_all_suggestions, study_suggestions

    assert services.ask(mall=mall) and not services.ask(mall=mall)
    factories.make_mall()
    assert study_all_suggestions.func() == 1
    study_suggestions.func(mall.pk)
    assert SuggestionReport.objects.get().mall == mall


# --- What is known of the places now ---


def test_floors_and_categories(mall, moves, store, other_store):
    (pair,) = suggestions_of(made(mall), "stores")
    assert (pair.source, pair.target, pair.floors, pair.is_same_category) == (store, other_store, None, False)
    store.floor = factories.make_floor(mall=mall, level=-1)
    other_store.floor = factories.make_floor(mall=mall, level=3)
    other_store.category = store.category
    store.save()
    other_store.save()
    (pair,) = suggestions_of(made(mall), "stores")
    assert (pair.floors, pair.is_same_category) == (4, True)
    assert made(mall).result["categories"] == []


def test_rules_that_cover_a_pair(mall, moves, store, other_store, third):
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant)
    by_store = factories.make_rule(mall=mall, stock=stock, stores=(store.pk,))
    by_category = factories.make_rule(mall=mall, stock=stock, categories=(store.category_id,), state=RuleState.PAUSED)
    anywhere = factories.make_rule(mall=mall, stock=stock)
    factories.make_rule(mall=mall, stock=stock, stores=(third.pk,))
    factories.make_rule(mall=mall, stores=(store.pk,))  # coupons of another merchant
    factories.make_rule(mall=mall, stock=stock, state=RuleState.ENDED)
    draft = Rule.objects.create(mall=mall, name_en="Draft", draft=by_store.draft)
    Rule.objects.create(mall=mall, name_en="Unreadable", draft={"stores": "x"})
    report = made(mall)
    for kind in ("stores", "categories"):
        (pair,) = suggestions_of(report, kind)
        assert pair.rules == (by_store, by_category, anywhere, draft)


def test_filters(mall, moves, store, other_store, third):
    report = made(mall)

    def number_of(**chosen) -> int:
        return len(suggestions_of(report, "stores", **chosen))

    assert (number_of(), number_of(place=store.pk), number_of(place=other_store.pk), number_of(place=third.pk)) == (
        1, 1, 1, 0,
    )  # fmt: skip
    assert (number_of(covered=False), number_of(covered=True)) == (1, 0)
    assert (number_of(same_category=False), number_of(same_category=True)) == (1, 0)


def test_pairs_of_stores_that_closed_are_left_out(mall, moves, other_store):
    report = made(mall)
    other_store.closed_on = date(2026, 11, 1)
    other_store.save()
    assert suggestions_of(report, "stores") == []


# --- From a pair to a rule ---


def test_terms_of_two_stores(mall, store, other_store):
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant)
    terms = RuleTerms.from_json(terms_of(mall, key(store, other_store)))
    assert (terms.trigger, terms.stores, terms.award, terms.holdout_bp) == (
        "payment",
        (store.pk,),
        ((stock.pk, 1),),
        1_000,
    )
    assert terms.to_json()["conditions"] == {
        "fact": "visits", "op": "at_most", "value": 0, "days": 14, "stores": [other_store.pk],
    }  # fmt: skip


def test_terms_of_two_categories(mall, store, other_store):
    parent = factories.make_category(mall=mall)
    other_store.category.parent = parent
    other_store.category.save()
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant)
    terms = RuleTerms.from_json(terms_of(mall, key(store.category, parent, "c")))
    assert (terms.categories, terms.stores, terms.award) == ((store.category_id,), (), ((stock.pk, 1),))
    assert terms.conditions.categories == (parent.pk,)


def test_the_stock_is_open_has_coupons_left_and_fits_best(mall, store, other_store, third):
    wide = factories.make_stock(mall=mall, merchant=other_store.merchant)
    wide.stores.set([other_store, third])
    award = lambda: terms_of(mall, key(store, other_store))["award"]  # noqa: E731
    assert award() == ((wide.pk, 1),)
    old = factories.make_stock(mall=mall, merchant=other_store.merchant)
    new = factories.make_stock(mall=mall, merchant=other_store.merchant)
    assert award() == ((new.pk, 1),)
    new.closed_at = timezone.now()
    new.save()
    assert award() == ((old.pk, 1),)
    old.quantity = 0
    old.save()
    factories.make_stock(
        mall=mall, merchant=other_store.merchant, validity=Validity.FIXED, valid_for=None,
        valid_from_day="2020-01-01", valid_until_day="2020-02-01",
    )  # fmt: skip
    assert award() == ((wide.pk, 1),)


def test_without_a_stock_the_award_is_left_to_the_person(mall, store, other_store):
    data = terms_of(mall, key(store, other_store))
    assert data["award"] == ()
    with pytest.raises(BadTerms) as error:
        RuleTerms.from_json(data)
    assert error.value.errors == {"award": ["empty_award"]}


BAD_KEYS = ["", "x", "s1-c2", "s1", "s0-s1", "s-1-s2", "s1-s2-s3", "s١-s٢", f"s1-s{10**20}", "c1-c1", " s1-s2"]


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_keys_of_nothing(mall, bad):
    assert read_key(mall, bad) is None
    assert terms_of(mall, bad) == {}


def test_keys_of_closed_or_foreign_places(mall, store, other_store, stranger):
    there = factories.make_store(mall=stranger.memberships.get().mall)
    assert terms_of(mall, key(store, there)) == terms_of(mall, key(store, store)) == {}
    other_store.closed_on = date(2026, 1, 1)
    other_store.save()
    assert terms_of(mall, key(store, other_store)) == {}


# --- The page ---


def page(mall, name: str = "suggestions") -> str:
    return reverse(f"coupons:{name}", args=[mall.slug])


def test_page_says_pairs_in_words(client, mall, moves, manager, store, other_store):
    made(mall)
    client.force_login(manager)
    text = client.get(page(mall)).text
    assert f"{store.name} → {other_store.name}" in text
    assert "30 of 40 shoppers went on within 14 days, at least 1.4 times the usual share; fewer than 20 went" in text
    assert "No rule" in text and "Make a rule" in text
    answer = client.get(page(mall), {"kind": "categories", "store": store.pk, "covered": "no", "same": "yes"})
    (row,) = answer.context["table"].page
    assert row.source == store.category
    assert len(client.get(page(mall), {"kind": "x", "store": "x", "covered": "x"}).context["table"].page) == 1


@pytest.mark.parametrize("pairs", [1, 3])
def test_page_takes_the_same_queries_whatever_its_length(client, mall, manager, pairs, django_assert_num_queries):
    stock = factories.make_stock(mall=mall)
    stores = [factories.make_store(mall=mall) for _ in range(4)]
    figures = {"moved": 30, "bought": 40, "back": 0, "rate": 0.75, "base": 0.4, "lift": 2, "lift_low": 1.4,
               "ticket_fen": 1, "worth_fen": 1}  # fmt: skip
    rows = [{"key": key(*both), "source": both[0].pk, "target": both[1].pk, **figures}
            for both in pairwise(stores[: pairs + 1])]  # fmt: skip
    result = {"days": 14, "purchases": 1, "shoppers": 1, "stores": rows, "categories": []}
    SuggestionReport.objects.create(mall=mall, first_day=NOW, last_day=NOW, result=result, made_at=NOW)
    for _ in range(pairs):
        factories.make_rule(mall=mall, stock=stock)
    client.force_login(manager)
    client.get(page(mall))
    with django_assert_num_queries(15):
        answer = client.get(page(mall))
    assert len(answer.context["table"].page) == pairs


def test_page_before_the_first_report_and_while_one_is_made(client, mall, manager):
    client.force_login(manager)
    assert "No suggestions yet" in client.get(page(mall)).text
    renew = page(mall, "suggestion_renew")
    assert "This page shows them when they are done." in client.post(renew, follow=True).text
    answer = client.post(renew, follow=True)
    assert "The suggestions are being made already." in answer.text
    assert 'hx-trigger="load delay:2s"' in answer.text


def test_viewers_only_look(client, mall, moves):
    made(mall)
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    text = client.get(page(mall)).text
    assert "Make a rule" not in text and "Look again now" not in text


def test_a_click_tries_the_rule_and_opens_the_builder(client, mall, moves, manager, store, other_store):
    factories.make_stock(mall=mall, merchant=other_store.merchant)
    client.force_login(manager)
    answer = client.post(page(mall, "suggestion_use"), {"key": key(store, other_store)})
    backtest = Backtest.objects.get()
    assert answer["Location"] == f"{page(mall, 'rule_new')}?from={key(store, other_store)}&backtest={backtest.pk}"
    assert (backtest.mall, backtest.rule, backtest.asked_by) == (mall, None, manager)
    assert backtest.label == f"From {store.name} to {other_store.name}"
    assert RuleTerms.from_json(backtest.terms).to_json() == RuleTerms.from_json(
        terms_of(mall, key(store, other_store))
    ).to_json()  # fmt: skip
    opened = client.get(answer["Location"])
    assert opened.status_code == 200
    assert (
        f'<a href="{reverse("coupons:backtest_detail", args=[mall.slug, backtest.pk])}">see the backtest</a>'
        in opened.text
    )


def test_without_a_stock_the_builder_opens_untried(client, mall, moves, manager, store, other_store):
    client.force_login(manager)
    answer = client.post(page(mall, "suggestion_use"), {"key": key(store, other_store)})
    assert answer["Location"] == f"{page(mall, 'rule_new')}?from={key(store, other_store)}"
    assert not Backtest.objects.exists()
    assert "No open stock is used there yet" in client.get(answer["Location"]).text


@pytest.mark.parametrize("bad", ["", "s1-s1", "x" * 5_000])
def test_a_click_on_nothing_is_said(client, mall, manager, bad):
    client.force_login(manager)
    answer = client.post(page(mall, "suggestion_use"), {"key": bad}, follow=True)
    assert "There is no such suggestion any more." in answer.text
