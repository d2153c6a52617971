from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.models import Consent, Decision, LimitCounter, Rule, RuleVersion
from coupons.models.rule import RuleState
from mallops import pipeline
from merchants.choices import Role
from merchants.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


@pytest.fixture
def stock(mall):
    return factories.make_stock(mall=mall, name_en="Tea off")


@pytest.fixture
def rule(mall, stock):
    return factories.make_rule(mall=mall, stock=stock)


def posted(stock, **changes) -> dict:
    return {
        "name_en": "Tea", "stock_1": stock.pk, "count_1": "1", "min_fen": "60", "on_trigger_refund": "keep",
        "on_use_refund": "return", **changes,
    }  # fmt: skip


def pay(mall, *events):
    return pipeline.record_payments(mall.pk, events, source="test", now=timezone.now())


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_whatever_its_length(client, mall, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.make_rule(mall=mall)
    client.force_login(manager)
    with django_assert_num_queries(14):
        answer = client.get(page("rule_list", mall.slug))
    assert len(answer.context["table"].page) == rows


def test_list_filters_by_state_and_by_the_stores_reached(client, mall, store, other_store, manager):
    parent = factories.make_category(mall=mall)
    store.category.parent = parent
    store.category.save()
    anywhere = factories.make_rule(mall=mall)
    here = factories.make_rule(mall=mall, stores=(store.pk,))
    there = factories.make_rule(mall=mall, stores=(other_store.pk,), state=RuleState.PAUSED)
    below = factories.make_rule(mall=mall, categories=(parent.pk,))
    client.force_login(manager)

    def rows(**query):
        return set(client.get(page("rule_list", mall.slug), query).context["table"].page)

    assert rows(state="paused") == {there}
    assert rows(store=store.pk) == {anywhere, here, below}
    assert rows(store=other_store.pk) == {anywhere, there}
    assert rows(store="x", state="x") == {anywhere, here, there, below}


def test_list_says_what_each_rule_does_and_counts_its_awards(client, mall, store, manager, stock):
    factories.make_rule(mall=mall, stock=stock, min_fen=5_000)
    pay(mall, factories.payment_event(store))
    client.force_login(manager)
    answer = client.get(page("rule_list", mall.slug))
    (row,) = answer.context["table"].page
    assert (row.awarded, row.claimed_fen) == (1, 1_000)
    assert "A shopper who pays ¥50 or more anywhere in the mall gets 1 × Tea off." in answer.text


def agree(rule):
    Consent.objects.filter(version__rule=rule).update(state="accepted", answered_at=timezone.now())


def take(client, mall, rule, *steps):
    for step in steps:
        client.post(page(f"rule_{step}", mall.slug, rule.pk))
    rule.refresh_from_db()


def test_a_rule_is_drafted_proposed_and_launched(client, mall, stock, manager):
    client.force_login(manager)
    answer = client.post(page("rule_new", mall.slug), posted(stock))
    rule = Rule.objects.get()
    assert answer["Location"] == page("rule_detail", mall.slug, rule.pk)
    assert (rule.state, rule.draft["min_fen"], rule.created_by) == (RuleState.DRAFT, 6_000, manager)
    take(client, mall, rule, "propose", "launch")
    assert (rule.state, rule.version, rule.proposed.number) == (RuleState.WAITING, None, 1)
    agree(rule)
    take(client, mall, rule, "launch")
    assert (rule.state, rule.version.number, rule.version.terms) == (RuleState.LIVE, 1, rule.draft)


def test_errors_are_shown_and_nothing_is_saved(client, mall, stock, manager):
    client.force_login(manager)
    answer = client.post(page("rule_new", mall.slug), posted(stock, hours="noon", stock_1=""))
    assert answer.status_code == 422
    assert "“noon” is not a time such as 11:00-14:00." in answer.text
    assert "Choose at least one stock." in answer.text
    assert not Rule.objects.exists()


def test_an_empty_form_shows_its_errors(client, mall, manager):
    client.force_login(manager)
    assert client.post(page("rule_new", mall.slug), {}).status_code == 422


def test_editing_shows_the_draft_and_leaves_the_running_version(client, mall, stock, rule, manager):
    url = page("rule_edit", mall.slug, rule.pk)
    client.force_login(manager)
    assert client.get(url).context["form"]["stock_1"].value() == stock.pk
    client.post(url, posted(stock, min_fen="99"))
    rule.refresh_from_db()
    assert (rule.draft["min_fen"], rule.version.terms["min_fen"]) == (9_900, 0)
    shown = client.get(page("rule_detail", mall.slug, rule.pk)).text
    assert "The draft differs from what runs" in shown
    assert "Amount: any amount → ¥99 or more" in shown
    assert "A live rule may only widen, and this would take away: Amount." in shown
    take(client, mall, rule, "propose")
    assert RuleVersion.objects.count() == 1
    take(client, mall, rule, "pause", "propose", "launch")
    assert list(RuleVersion.objects.values_list("number", "terms__min_fen")) == [(2, 9_900), (1, 0)]
    assert (rule.state, rule.version.number) == (RuleState.LIVE, 2)


def test_steps_are_posts_and_leave_a_trail(client, mall, rule, manager):
    client.force_login(manager)
    for step, state in (("pause", "paused"), ("resume", "live"), ("end", "ended")):
        assert client.get(page(f"rule_{step}", mall.slug, rule.pk)).status_code == 405
        client.post(page(f"rule_{step}", mall.slug, rule.pk))
        rule.refresh_from_db()
        assert rule.state == state
    assert [e.action for e in AuditEntry.objects.order_by("pk")] == ["rule_paused", "rule_resumed", "rule_ended"]
    answer = client.get(page("rule_detail", mall.slug, rule.pk))
    assert "Resumed the rule" in answer.text
    assert answer.context["steps"] == set()


def test_a_refused_step_says_why(client, mall, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock, state=RuleState.PAUSED)
    stock.closed_at = timezone.now()
    stock.save()
    client.force_login(manager)
    answer = client.post(page("rule_propose", mall.slug, rule.pk), follow=True)
    assert "Closed, so nothing can be awarded of it: Tea off." in answer.text
    assert "this step cannot be taken now" in client.post(page("rule_pause", mall.slug, rule.pk), follow=True).text


def test_detail_shows_limits_beside_what_is_used(client, mall, store, stock, manager):
    from coupons.engine.terms import Limits

    rule = factories.make_rule(
        mall=mall, stock=stock, limits=Limits(quantity=10, quantity_per_day=5, budget_per_day_fen=9_000)
    )
    pay(mall, factories.payment_event(store))
    client.force_login(manager)
    uses = client.get(page("rule_detail", mall.slug, rule.pk)).context["uses"]
    assert [(label, use.used, use.ceiling) for label, use in uses] == [
        ("Awards in all", 1, 10), ("Money in all", 1_000, None), ("Awards a day", 1, 5), ("Money a day", 1_000, 9_000),
    ]  # fmt: skip
    assert LimitCounter.objects.filter(mall=mall).count() >= 4


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_takes_the_same_queries_whatever_its_history(
    client, mall, rule, manager, rows, django_assert_num_queries
):
    from coupons.services import rules as services

    for _ in range(rows):
        services.publish(rule=rule, now=timezone.now(), by=manager)
    client.force_login(manager)
    with django_assert_num_queries(18):
        client.get(page("rule_detail", mall.slug, rule.pk))


def test_a_live_rule_that_starts_later_is_scheduled(client, mall, stock, rule, manager):
    later = factories.make_rule(mall=mall, stock=stock, starts_on=date(2099, 1, 1))
    client.force_login(manager)
    assert client.get(page("rule_detail", mall.slug, later.pk)).context["state"] == ("Scheduled", "info")
    assert client.get(page("rule_detail", mall.slug, rule.pk)).context["state"] == ("Live", "good")
    url = page("rule_list", mall.slug)
    assert set(client.get(url, {"state": "scheduled"}).context["table"].page) == {later}
    assert set(client.get(url, {"state": "live"}).context["table"].page) == {later, rule}


def test_a_rule_that_a_merchant_refuses_says_so(client, mall, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock, state=RuleState.PAUSED)
    Rule.objects.update(state=RuleState.WAITING, proposed=rule.version, version=None)
    client.force_login(manager)
    assert client.get(page("rule_detail", mall.slug, rule.pk)).context["state"] == ("Waiting for consent", "warn")
    Consent.objects.update(state="declined", reason="Too dear <b>")
    shown = client.get(page("rule_detail", mall.slug, rule.pk))
    assert shown.context["state"] == ("Declined", "bad")
    assert "“Too dear &lt;b&gt;”" in shown.text
    (row,) = client.get(page("rule_list", mall.slug)).context["table"].body
    assert row[1].value == ("Declined", "bad")


def test_only_steps_that_make_sense_are_offered(client, mall, stock, rule, manager, operator):
    def steps(user):
        client.force_login(user)
        return client.get(page("rule_detail", mall.slug, rule.pk)).context["steps"]

    assert (steps(manager), steps(operator)) == ({"pause", "end"}, {"pause"})
    rule.draft = rule.draft | {"award": [[stock.pk, 2]]}
    rule.save()
    assert (steps(manager), steps(operator)) == ({"propose", "pause", "end"}, {"propose", "pause"})
    take(client, mall, rule, "propose")
    assert (steps(manager), steps(operator)) == ({"recall", "pause", "end"}, {"recall", "pause"})
    agree(rule)
    assert steps(manager) == {"recall", "launch", "pause", "end"}
    take(client, mall, rule, "pause")
    assert steps(manager) == {"recall", "launch", "resume", "end"}
    Consent.objects.filter(version=rule.version).update(state="withdrawn")
    assert steps(manager) == {"recall", "launch", "end"}


def test_a_draft_that_is_ahead_of_a_proposal_says_so(client, mall, stock, rule, manager):
    rule.draft = rule.draft | {"award": [[stock.pk, 2]]}
    rule.save()
    client.force_login(manager)
    take(client, mall, rule, "propose")
    rule.draft = rule.draft | {"award": [[stock.pk, 3]]}
    rule.save()
    shown = client.get(page("rule_detail", mall.slug, rule.pk))
    assert shown.context["proposal_lines"] == ["Award: 1 × Tea off → 2 × Tea off"]
    assert shown.context["draft_lines"] == ["Award: 2 × Tea off → 3 × Tea off"]


def test_who_pays_how_much_at_most(client, mall, stock, manager):
    from coupons.engine.terms import Limits

    merchant = factories.make_merchant(mall=mall, name_en="Hotpot House")
    shares = ((0, 2_500), (merchant.pk, 7_500))
    limited = factories.make_rule(mall=mall, stock=stock, shares=shares, limits=Limits(quantity=10))
    free = factories.make_rule(mall=mall, stock=stock, shares=shares)
    client.force_login(manager)

    def costs(rule):
        return [tuple(cost) for _name, cost in client.get(page("rule_detail", mall.slug, rule.pk)).context["costs"]]

    assert costs(limited) == [(0, 2_500, 250, 2_500), (merchant.pk, 7_500, 750, 7_500)]
    assert costs(free) == [(0, 2_500, 250, None), (merchant.pk, 7_500, 750, None)]
    assert "Hotpot House" in client.get(page("rule_detail", mall.slug, free.pk)).text


def test_the_trail_has_old_and_new_values(client, mall, stock, rule, manager):
    client.force_login(manager)
    client.post(page("rule_edit", mall.slug, rule.pk), posted(stock, count_1="2", hours="11:00-14:00"))
    (_entry, said, lines), *_older = client.get(page("rule_detail", mall.slug, rule.pk)).context["trail"]
    assert said == "Changed the draft"
    assert "Award: 1 × Tea off → 2 × Tea off" in lines
    assert "Amount: any amount → ¥60 or more" in lines


def test_an_unfinished_draft_has_a_page(client, mall, manager):
    rule = Rule.objects.create(mall=mall, name_en="Empty")
    client.force_login(manager)
    assert "The draft is not complete." in client.get(page("rule_detail", mall.slug, rule.pk)).text
    assert client.get(page("rule_edit", mall.slug, rule.pk)).status_code == 200


def test_decisions_with_their_trace(client, mall, store, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock, min_fen=9_000)
    pay(mall, factories.payment_event(store, transaction_id="good"), factories.payment_event(store, amount_fen=8_000))
    client.force_login(manager)
    url = page("decision_list", mall.slug, rule.pk)
    assert [d.outcome for d in client.get(url, {"outcome": "refused"}).context["table"].page] == ["refused"]
    assert "Amount outside the range" in client.get(url).text
    awarded, refused = (Decision.objects.get(outcome=outcome) for outcome in ("awarded", "refused"))
    shown = client.get(page("decision_detail", mall.slug, rule.pk, refused.pk))
    assert (False, "Paid ¥80; the rule asks for ¥90 or more.", ()) in shown.context["verdict"].verdict.lines
    shown = client.get(page("decision_detail", mall.slug, rule.pk, awarded.pk))
    assert len(shown.context["verdict"].coupons) == 1
    assert "good" in shown.text
    other = factories.make_rule(mall=mall)
    assert client.get(page("decision_detail", mall.slug, other.pk, awarded.pk)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_decisions_take_the_same_queries(client, mall, store, rule, manager, rows, django_assert_num_queries):
    pay(mall, *[factories.payment_event(store, shopper=f"s{n}") for n in range(rows)])
    client.force_login(manager)
    with django_assert_num_queries(9):
        answer = client.get(page("decision_list", mall.slug, rule.pk))
    assert len(answer.context["table"].page) == rows


def test_who_may_what(client, mall, store, stock, rule, manager, operator, owner, cashier, provider_manager, stranger):
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    pay(mall, factories.payment_event(store))
    decision = Decision.objects.get().pk
    reads = [
        page("rule_list", mall.slug), page("rule_detail", mall.slug, rule.pk),
        page("decision_list", mall.slug, rule.pk), page("decision_detail", mall.slug, rule.pk, decision),
    ]  # fmt: skip
    forms = [page("rule_new", mall.slug), page("rule_edit", mall.slug, rule.pk)]
    steps = [page(f"rule_{step}", mall.slug, rule.pk) for step in ("propose", "recall", "pause")]
    launches = [page(f"rule_{step}", mall.slug, rule.pk) for step in ("launch", "resume", "end")]
    steps += [page("rule_preview", mall.slug), *forms]
    for user, read, write in (
        (manager, 200, 200), (operator, 200, 200), (viewer, 200, 403), (owner, 404, 404), (cashier, 404, 404),
        (provider_manager, 404, 404), (stranger, 404, 404),
    ):  # fmt: skip
        client.force_login(user)
        assert {client.get(url).status_code for url in reads} == {read}
        assert {client.get(url).status_code for url in forms} == {write}
        if write != 200:
            assert {client.post(url, posted(stock)).status_code for url in steps} == {write}
        if user != manager:
            assert {client.post(url).status_code for url in launches} == {403 if read == 200 else 404}
    rule.refresh_from_db()
    assert (rule.state, rule.version.number, Rule.objects.count()) == (RuleState.LIVE, 1, 1)
    assert not AuditEntry.objects.exists()


def test_a_rule_of_another_mall_is_not_found_under_ones_own(client, rule, stranger):
    own = stranger.memberships.get().mall
    client.force_login(stranger)
    for name in ("rule_detail", "rule_edit", "decision_list"):
        assert client.get(page(name, own.slug, rule.pk)).status_code == 404
    assert client.post(page("rule_pause", own.slug, rule.pk)).status_code == 404
