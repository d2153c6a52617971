"""The rule builder: its page, the parts it exchanges, what it opens with, and saving."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.engine.conditions import Group, Leaf
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Backtest, Rule
from coupons.queries.surroundings import payments_a_day
from coupons.starting_points import STARTING_POINTS
from mallops import pipeline
from merchants.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


@pytest.fixture
def stock(mall, store):
    """Used at `store`."""
    return factories.make_stock(mall=mall, name_en="Tea off", merchant=store.merchant)


@pytest.fixture
def editor(client, manager):
    client.force_login(manager)
    return client


def posted(stock, **changes) -> dict:
    return {
        "name_en": "Tea", "trigger": "payment", "stock_1": stock.pk, "count_1": "1", "min_fen": "60",
        "quantity": "50", "on_trigger_refund": "keep", "on_use_refund": "return", **changes,
    }  # fmt: skip


def preview(editor, mall, data, target="preview", **query):
    url = reverse("coupons:rule_preview", args=[mall.slug], query=query)
    return editor.post(url, data, HTTP_HX_TARGET=target, HTTP_HX_REQUEST="true")


VISITS = {
    "node": ["c", "c-0"], "c-kind": "all", "c-0-fact": "visits", "c-0-op": "at_least", "c-0-value": "3",
    "c-0-days": "30",
}  # fmt: skip


def test_an_empty_builder_says_its_sentence(editor, mall):
    answer = editor.get(page("rule_new", mall.slug))
    assert "A shopper who pays any amount anywhere in the mall gets nothing yet." in answer.text
    assert [start.key for start in answer.context["starts"]] == [start.key for start in STARTING_POINTS]


def test_conditions_and_shares_are_saved(editor, mall, stock):
    data = posted(stock, **VISITS, **{"share_0": "40", f"share_{stock.merchant_id}": "60"})
    answer = editor.post(page("rule_new", mall.slug), data)
    rule = Rule.objects.get()
    assert answer["Location"] == page("rule_detail", mall.slug, rule.pk)
    assert rule.draft["conditions"] == {
        "all": [{"fact": "visits", "op": "at_least", "value": 3, "days": 30}],
    }
    assert rule.draft["shares"] == [[0, 4_000], [stock.merchant_id, 6_000]]


def test_an_error_keeps_what_was_typed(editor, mall, stock):
    data = posted(stock, **VISITS | {"c-0-value": "often"}, hours="noon")
    answer = editor.post(page("rule_new", mall.slug), data)
    assert answer.status_code == 422
    assert "“noon” is not a time such as 11:00-14:00." in answer.text
    assert "Enter a whole number." in answer.text
    assert 'value="often"' in answer.text
    assert "The conditions are not complete." in answer.text
    assert not Rule.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"node": ["c"] * 3 + ["c-0-1", "x", "\x00"], "c-kind": "?"},
        {"node": [f"c{'-0' * depth}" for depth in range(9)], **{f"c{'-0' * depth}-kind": "none" for depth in range(8)}},
        {"stock_1": "9" * 30, "stores": ["-1", "x"], "share_0": "NaN", "trigger": "?"},
        {"do": "leaf:c-0-0-0"},
        {"do": "drop:" + "c" * 500},
    ],
    ids=["nothing", "nodes", "deep", "ids", "leaf", "drop"],
)
def test_whatever_is_posted_is_answered(editor, mall, changes):
    assert editor.post(page("rule_new", mall.slug), changes).status_code in (200, 422)
    for target in ("preview", "conditions", "award", "elsewhere"):
        assert preview(editor, mall, changes, target).status_code == 200
    assert not Rule.objects.exists()


def test_editing_opens_with_the_draft(editor, mall, store, stock):
    tree = Group("any", (Leaf("spend_fen", "at_least", 12_345, stores=(store.pk,)), Leaf("tag", "in", ("gold",))))
    rule = factories.make_rule(mall=mall, stock=stock, conditions=tree, shares=((0, 10_000),))
    answer = editor.get(page("rule_edit", mall.slug, rule.pk))
    assert 'value="123.45"' in answer.text
    assert answer.context["form"].tree.node == tree
    assert answer.context["form"]["share_0"].value() == "100"
    assert f"{page('rule_preview', mall.slug)}?rule={rule.pk}" in answer.text


def test_the_panel_says_the_sentence_and_what_is_missing(editor, mall, stock):
    said = preview(editor, mall, posted(stock, hours="11:00-14:00", **VISITS)).text
    assert (
        "A shopper who pays ¥60 or more anywhere in the mall, between 11:00 and 14:00, if the shopper was at the mall "
        "on at least 3 days in the last 30 days, gets 1 × Tea off; at most 50 awards." in said
    )
    assert "Example: a shopper pays ¥75" in said
    answer = preview(editor, mall, posted(stock, hours="noon", **VISITS | {"c-0-value": ""}))
    assert "gets 1 × Tea off" in answer.text  # as far as it can be read
    assert [(label, anchor) for label, anchor, _errors in answer.context["missing"]] == [
        ("Hours", "id_hours"), ("Condition", "node-c-0"),
    ]  # fmt: skip


def test_the_panel_points_out_a_contradiction_and_where(editor, mall, stock):
    data = posted(stock, **VISITS | {"c-0-fact": "amount_fen", "c-0-op": "at_most", "c-0-value": "59.99"})
    answer = preview(editor, mall, data)
    found = [(each.tone, each.text, each.anchor) for each in answer.context["findings"]]
    assert found == [
        ("bad", "It never matches: with ¥60 or more, no amount meets the conditions.", "node-c-0"),
    ]  # fmt: skip


def test_a_contradiction_does_not_keep_a_draft_from_being_saved(editor, mall, stock):
    editor.post(page("rule_new", mall.slug), posted(stock, starts_on="2020-01-01", ends_on="2020-01-02"))
    assert Rule.objects.get().draft["ends_on"] == "2020-01-02"


def test_the_panel_escapes_what_was_typed(editor, mall, stock):
    data = posted(stock, group="<script>", hours="<b>", **VISITS | {"c-0-fact": "tag", "c-0-value": "<i>"})
    answer = preview(editor, mall, data)
    assert not {"<script>", "<b>", "<i>"} & {part for part in ("<script>", "<b>", "<i>") if part in answer.text}


def test_buttons_answer_the_tree_and_ask_the_panel_anew(editor, mall, stock):
    answer = preview(editor, mall, posted(stock, do="leaf:c", **VISITS), "conditions")
    assert answer["HX-Trigger-After-Swap"] == "rule-changed"
    assert 'name="c-0-value" value="3"' in answer.text
    assert 'name="c-1-fact"' in answer.text
    assert "autofocus" in answer.text.split('name="c-1-fact"')[1].split(">")[0]
    assert "sentence" not in answer.text


def test_without_script_a_button_answers_the_page(editor, mall, stock):
    answer = editor.post(page("rule_new", mall.slug), posted(stock, do="group:c"))
    assert (answer.status_code, len(answer.context["form"].tree.leaves)) == (200, 1)
    assert not Rule.objects.exists()


def test_the_award_shows_validity_and_whom_the_shares_concern(editor, mall, store, stock):
    other = factories.make_store(mall=mall)
    answer = preview(editor, mall, posted(stock, stores=[other.pk]), "award").text
    assert "¥10 off on orders of ¥50 or more · valid: 7 days after receipt" in answer
    assert f'name="share_{stock.merchant_id}"' in answer
    assert f'name="share_{other.merchant_id}"' in answer


def test_a_rule_of_another_mall_cannot_be_previewed(editor, mall, stock):
    elsewhere = factories.make_rule(mall=factories.make_mall())
    assert preview(editor, mall, posted(stock), rule=elsewhere.pk).status_code == 404
    own = factories.make_rule(mall=mall, stock=stock)
    assert preview(editor, mall, posted(stock), rule=own.pk).status_code == 200
    for nonsense in ("x", "", "9" * 40):
        assert preview(editor, mall, posted(stock), rule=nonsense).status_code == 200


def test_who_only_looks_may_not_build(client, mall, stock):
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    assert client.get(page("rule_new", mall.slug)).status_code == 403
    assert preview(client, mall, posted(stock)).status_code == 403


@pytest.mark.parametrize("start", STARTING_POINTS, ids=lambda start: start.key)
def test_every_starting_point_opens_and_can_be_saved(editor, mall, start):
    for code in ("hotpot", "dessert", "tea", "arcade", "kidswear", "toys"):
        place = factories.make_store(mall=mall, category=factories.make_category(mall=mall, code=code))
        factories.make_stock(mall=mall, merchant=place.merchant, name_en=f"Coupon of {code}")
    url = f"{page('rule_new', mall.slug)}?template={start.key}"
    answer = editor.get(url)
    form = answer.context["form"]
    assert form.drafted.award
    form.drafted.check()
    assert [each.tone for each in answer.context["findings"] if each.tone == "bad"] == []
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, "", [], ())}
    data["hours"] = form.fields["hours"].prepare_value(form.drafted.hours) or ""
    editor.post(url, data | {"min_fen": data.get("min_fen", "")})
    assert Rule.objects.get().draft["award"] == [list(form.drafted.award[0])]


@pytest.mark.parametrize("start", STARTING_POINTS, ids=lambda start: start.key)
def test_every_starting_point_opens_in_an_empty_mall(client, start):
    empty = factories.make_mall()
    client.force_login(factories.make_member(Role.MALL_MANAGER, mall=empty))
    answer = client.get(f"{page('rule_new', empty.slug)}?template={start.key}")
    assert (answer.status_code, answer.context["form"].drafted.award) == (200, ())


@pytest.mark.parametrize("query", ["template=none", "from=s1-s2", "from=%00", "template=&from="])
def test_keys_that_are_not_known_open_an_empty_form(editor, mall, query):
    answer = editor.get(f"{page('rule_new', mall.slug)}?{query}")
    assert (answer.status_code, answer.context["form"].drafted) == (200, RuleTerms())


def test_a_suggestion_opens_filled_in(editor, mall, store, stock):
    source = factories.make_store(mall=mall)
    answer = editor.get(f"{page('rule_new', mall.slug)}?from=s{source.pk}-s{store.pk}")
    drafted = answer.context["form"].drafted
    assert (drafted.stores, drafted.award) == ((source.pk,), ((stock.pk, 1),))
    stock.closed_at = timezone.now()
    stock.save()
    answer = editor.get(f"{page('rule_new', mall.slug)}?from=s{source.pk}-s{store.pk}")
    assert (answer.context["form"].drafted.stores, answer.context["form"].drafted.award) == ((source.pk,), ())


def test_trying_saves_the_draft_and_starts_a_backtest(editor, mall, store, stock):
    pay(mall, store, days=3)
    answer = editor.post(page("rule_new", mall.slug), posted(stock, then="try"))
    tried = Backtest.objects.get()
    assert answer["Location"] == page("backtest_detail", mall.slug, tried.pk)
    assert (tried.rule, tried.terms) == (Rule.objects.get(), Rule.objects.get().draft)


def test_trying_on_an_empty_ledger_says_so_and_keeps_the_draft(editor, mall, stock):
    answer = editor.post(page("rule_new", mall.slug), posted(stock, then="try"), follow=True)
    assert "This mall has no payments yet" in answer.text
    assert Rule.objects.exists()


def pay(mall, store, *, days: int, **fields) -> None:
    """A payment on each of the last whole days."""
    events = [
        factories.payment_event(store, paid_at=timezone.now() - timedelta(days=n), shopper=f"s{n}", **fields)
        for n in range(1, days + 1)
    ]
    pipeline.record_payments(mall.pk, events, source="test", now=timezone.now())


def test_the_traffic_is_counted_as_the_trigger_asks(mall, store, other_store):
    pay(mall, store, days=4, amount_fen=5_000)
    pay(mall, other_store, days=2, amount_fen=9_000)
    day, stores = mall.today(), frozenset({store.pk, other_store.pk})

    def a_day(stores=stores, **terms):
        return payments_a_day(mall, RuleTerms(**terms), stores, today=day)

    assert a_day() == 1.5
    assert a_day(frozenset({store.pk})) == 1
    assert a_day(min_fen=5_001) == 1
    assert a_day(max_fen=5_000) == 1
    assert a_day(hours=((0, 1_440),)) == 1.5
    assert a_day(weekdays=tuple(range(1, 8))) == 1.5
    assert a_day(min_fen=10_000) == 0
    assert a_day(trigger="qr") is None
    assert a_day(conditions=Leaf("parked", "is", True)) is None


@pytest.mark.parametrize("rules", [1, 3])
def test_the_panel_takes_the_same_queries_whatever_the_mall_has(editor, mall, stock, rules, django_assert_num_queries):
    for _ in range(rules):
        factories.make_rule(mall=mall, stock=stock, group="meal", limits=Limits(quantity=5))
    data = posted(stock, group="meal")
    preview(editor, mall, data)  # the rulebook is compiled once
    with django_assert_num_queries(18):
        answer = preview(editor, mall, data)
    assert len([each for each in answer.context["findings"] if "meal" in each.text]) == rules


def test_the_panel_says_what_it_costs_whom_at_most(editor, mall, stock):
    shares = {"share_0": "40", f"share_{stock.merchant_id}": "60"}
    answer = preview(editor, mall, posted(stock, **shares))
    assert answer.context["cost"] == f"It costs at most: the mall ¥200 and {stock.merchant.name} ¥300."
    endless = preview(editor, mall, posted(stock, quantity=""))
    assert endless.context["cost"] == f"It costs at most: {stock.merchant.name} without limit."
    assert preview(editor, mall, posted(stock, stock_1="")).context["cost"] == ""


class TestControlGroup:
    """The smallest effect it could show, by a backtest of the same rule."""

    def tried(self, mall, stock, *, shoppers: int, came: int, **terms) -> None:
        terms = RuleTerms(award=((stock.pk, 1),), min_fen=6_000, **terms)
        now = timezone.now()
        natural = {"observed": 100, "came": came, "bp": came * 100}
        result = {"tried": True, "shoppers": shoppers, "shoppers_held_out": 0, "natural": natural, "days_known": 30}
        Backtest.objects.create(
            mall=mall, terms=terms.to_json(), first_day=now.date(), last_day=now.date(), state="done", result=result,
            asked_at=now, finished_at=now,
        )  # fmt: skip

    def said(self, editor, mall, stock, **changes) -> str:
        return preview(editor, mall, posted(stock, **{"holdout_bp": "20"} | changes)).context["effect"]

    def test_without_a_backtest_one_is_asked_for(self, editor, mall, stock):
        assert self.said(editor, mall, stock).startswith("Try the rule on the last 90 days")
        assert self.said(editor, mall, stock, holdout_bp="") == ""

    def test_by_a_backtest(self, editor, mall, stock):
        self.tried(mall, stock, shoppers=1_000, came=20)
        said = self.said(editor, mall, stock)
        assert said.startswith("With about 1,000 shoppers in 30 days, of whom 20.0% come anyway, it shows a rise by +")

    def test_too_few_shoppers(self, editor, mall, stock):
        self.tried(mall, stock, shoppers=3, came=99)
        assert "could show nothing" in self.said(editor, mall, stock)

    def test_a_rule_with_conditions_expects_what_a_backtest_met(self, editor, mall, stock):
        tree = Group("all", (Leaf("visits", "at_least", 3, days=30),))
        self.tried(mall, stock, shoppers=60, came=20, conditions=tree)
        found = preview(editor, mall, posted(stock, **VISITS)).context["findings"]
        assert [each.text for each in found] == [
            "The last backtest met about 2.0 shoppers a day: some 50 awards in 30 days."
        ]


def test_being_nearby_needs_a_position(editor, mall, store, stock):
    def tones(**changes) -> list[str]:
        data = posted(stock, trigger="nearby", per_shopper="1", **changes)
        return [each.tone for each in preview(editor, mall, data).context["findings"]]

    assert (tones(), tones(stores=[store.pk])) == (["bad"], ["bad", "info"])
    store.latitude, store.longitude = 31, 121
    store.save()
    assert (tones(), tones(categories=[store.category_id])) == (["bad"], ["info"])
    mall.latitude, mall.longitude = 31, 121
    mall.save()
    assert tones() == []
