"""Merchants read what a rule asks of them and answer; the mall notes answers given on paper."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.engine.terms import Limits
from coupons.models import Backtest, Consent, Rule
from coupons.models.rule import RuleState
from coupons.models.work import WorkState
from coupons.services import rules as services
from merchants.choices import Role
from merchants.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


@pytest.fixture
def merchant(store):
    return store.merchant


@pytest.fixture
def stock(mall, merchant):
    return factories.make_stock(mall=mall, merchant=merchant, name_en="Tea off")


@pytest.fixture
def consent(mall, stock, manager):
    return asked(mall, stock, manager, limits=Limits(quantity=10))


def asked(mall, stock, manager, **terms):
    """The consent of the stock's merchant to a rule just proposed."""
    rule = factories.make_rule(mall=mall, stock=stock, **terms)
    type(rule).objects.filter(pk=rule.pk).update(state=RuleState.DRAFT, version=None)
    Consent.objects.filter(version__rule=rule).delete()
    version = services.propose(rule=rule, now=timezone.now(), by=manager)
    return version.consents.get(merchant=stock.merchant_id)


def detail(consent) -> str:
    return page("merchant_consent", consent.merchant_id, consent.pk)


def answer_url(consent) -> str:
    return page("merchant_consent_answer", consent.merchant_id, consent.pk)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_whatever_its_length(
    client, mall, stock, manager, owner, merchant, rows, django_assert_num_queries
):
    for _ in range(rows):
        asked(mall, stock, manager)
    client.force_login(owner)
    with django_assert_num_queries(13):
        answer = client.get(page("merchant_consents", merchant.pk))
    assert len(answer.context["table"].page) == rows
    assert f'<span class="nav-badge">{rows}</span>' in answer.text


def test_the_home_of_the_merchant_says_what_waits(client, consent, owner, merchant):
    client.force_login(owner)
    home = reverse("analytics:merchant_overview", args=[merchant.pk])
    assert "1 rule waits for your consent." in client.get(home).text
    client.post(answer_url(consent), {"answer": "accepted"})
    shown = client.get(home).text
    assert "waits for your consent" not in shown and "nav-badge" not in shown


def test_the_merchant_reads_sentence_cost_and_share_before_it_answers(client, mall, stock, manager, owner):
    partner = factories.make_merchant(mall=mall, name_en="Silent Partner")
    shares = ((0, 5_000), (stock.merchant_id, 3_000), (partner.pk, 2_000))
    consent = asked(mall, stock, manager, limits=Limits(quantity=10), shares=shares)
    client.force_login(owner)
    answer = client.get(detail(consent))
    assert answer.context["sentence"] == (
        "A shopper who pays any amount anywhere in the mall gets 1 × Tea off; at most 10 awards."
    )
    burden = answer.context["burden"]
    assert (burden.share_bp, burden.award_fen, burden.awards, burden.most_fen) == (3_000, 300, 10, 3_000)
    assert "¥30.00" in answer.text
    assert "Silent Partner" not in answer.text
    assert "Silent Partner" not in client.get(page("merchant_consents", stock.merchant_id)).text
    assert "has not tried these terms on past payments yet" in answer.text


def test_a_rule_without_limit_is_advised_against(client, mall, stock, manager, owner):
    client.force_login(owner)
    shown = client.get(detail(asked(mall, stock, manager))).text
    assert "Without limit." in shown and "We advise against agreeing to that" in shown


def test_agreeing(client, consent, owner):
    client.force_login(owner)
    answer = client.post(answer_url(consent), {"answer": "accepted"}, follow=True)
    assert "Agreed." in answer.text
    consent.refresh_from_db()
    assert (consent.state, consent.answered_by, consent.version.rule.state) == ("accepted", owner, RuleState.APPROVED)


def test_declining_needs_a_reason_that_is_kept(client, consent, owner):
    client.force_login(owner)
    answer = client.post(answer_url(consent), {"answer": "declined", "reason": " "})
    assert answer.status_code == 422 and "Say why." in answer.text
    client.post(answer_url(consent), {"answer": "declined", "reason": "Too dear"})
    consent.refresh_from_db()
    assert (consent.state, consent.reason) == ("declined", "Too dear")
    assert "“Too dear”" in client.get(detail(consent)).text


def test_withdrawing_pauses_the_rule(client, mall, stock, owner):
    rule = factories.make_rule(mall=mall, stock=stock)
    consent = rule.version.consents.get()
    client.force_login(owner)
    assert client.get(detail(consent)).context["answers"] == ["withdrawn"]
    client.post(answer_url(consent), {"answer": "withdrawn", "reason": "Short of hands"})
    rule.refresh_from_db()
    assert rule.state == RuleState.PAUSED


@pytest.mark.parametrize(
    "posted",
    [{}, {"answer": ""}, {"answer": "asked"}, {"answer": "withdrawn", "reason": "x"}, {"answer": ["accepted", "no"]},
     {"answer": "accepted", "reason": "x" * 501}, {"answer": "accepted", "reason": "a\x00b"}],
)  # fmt: skip
def test_bad_answers_change_nothing(client, consent, owner, posted):
    client.force_login(owner)
    assert client.post(answer_url(consent), posted).status_code == 422
    consent.refresh_from_db()
    assert consent.state == "asked"


def test_a_version_that_was_replaced_is_not_answered(client, consent, manager, owner):
    services.propose(rule=consent.version.rule, now=timezone.now(), by=manager)
    client.force_login(owner)
    answer = client.get(detail(consent))
    assert answer.context["state"] == ("Lapsed", "off")
    assert "nothing left to answer" in answer.text and not answer.context["may_answer"]
    answer = client.post(answer_url(consent), {"answer": "accepted"}, follow=True)
    assert "The invitation has moved on meanwhile" in answer.text


def test_what_changed_since_the_last_agreement(client, mall, stock, manager, owner):
    rule = factories.make_rule(mall=mall, stock=stock, limits=Limits(quantity=10))
    rule.draft = rule.draft | {"min_fen": 0, "limits": {"quantity": 20}, "shares": [[stock.merchant_id, 10_000]]}
    rule.save()
    version = services.propose(rule=rule, now=timezone.now(), by=manager)
    client.force_login(owner)
    answer = client.get(detail(version.consents.get()))
    assert answer.context["before"] == rule.version
    assert answer.context["lines"] == ["Limits: 10 awards → 20 awards"]


def backtest(consent, **fields):
    values = {"terms": consent.version.terms, "state": WorkState.DONE, "asked_at": timezone.now(), **fields}
    own = {"coupons": 40, "cost_fen": 40_000, "came": 5, "observed": 20, "payments": 3, "sales_fen": 30_000}
    values.setdefault("result", {"merchants": {str(consent.merchant_id): own, "999999": {"coupons": 7_777}}})
    rule = consent.version.rule
    return Backtest.objects.create(
        mall=rule.mall, rule=rule, first_day=date(2026, 1, 1), last_day=date(2026, 3, 31), **values
    )


def test_the_backtest_of_just_these_terms_for_the_own_stores(client, consent, owner):
    backtest(consent)
    backtest(consent, terms={"award": []}, result={"merchants": {}})  # newer, of other terms
    backtest(consent, state=WorkState.CANCELLED, result=None)
    client.force_login(owner)
    answer = client.get(detail(consent))
    assert answer.context["own"]["coupons"] == 40
    assert answer.context["own_costs"] == [(1_000, 4_000), (2_000, 8_000), (4_000, 16_000)]
    assert "2026-01-01 – 2026-03-31" in answer.text
    assert "25.0%" in answer.text
    assert "7,777" not in answer.text


def test_a_backtest_that_says_nothing_of_the_merchant_is_none(client, consent, owner):
    backtest(consent, result={"merchants": {}})
    client.force_login(owner)
    assert client.get(detail(consent)).context["own"] is None


@pytest.mark.parametrize("tries", [1, 3])
def test_detail_takes_the_same_queries(client, consent, owner, tries, django_assert_num_queries):
    for _ in range(tries):
        backtest(consent)
    client.force_login(owner)
    with django_assert_num_queries(16):
        client.get(detail(consent))


def test_who_may_read_and_who_may_answer(
    client, mall, consent, manager, operator, owner, cashier, stranger, other_store, provider_manager
):
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    neighbour = factories.make_member(Role.MERCHANT_OWNER, merchant=other_store.merchant)
    for user, read, write in (
        (manager, 200, 403), (operator, 200, 403), (viewer, 200, 403), (cashier, 403, 403), (stranger, 404, 404),
        (provider_manager, 404, 404), (neighbour, 404, 404),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(detail(consent)).status_code == read
        assert client.post(answer_url(consent), {"answer": "accepted"}).status_code == write
    client.force_login(neighbour)
    assert client.get(page("merchant_consent", other_store.merchant_id, consent.pk)).status_code == 404
    own = page("merchant_consent_answer", other_store.merchant_id, consent.pk)
    assert client.post(own, {"answer": "accepted"}).status_code == 404
    consent.refresh_from_db()
    assert consent.state == "asked"
    client.force_login(owner)
    assert client.post(answer_url(consent), {"answer": "accepted"}).status_code == 302


def test_the_page_of_stocks_does_not_tell_what_others_pay(client, mall, stock, owner):
    partner = factories.make_merchant(mall=mall, name_en="Silent Partner")
    factories.make_rule(mall=mall, stock=stock, shares=((stock.merchant_id, 5_000), (partner.pk, 5_000)))
    client.force_login(owner)
    shown = client.get(page("merchant_stocks", stock.merchant_id)).text
    assert "gets 1 × Tea off." in shown and "Silent Partner" not in shown


# --- On paper ---


def paper(consent) -> str:
    return page("rule_consent", consent.mall.slug, consent.version.rule_id, consent.pk)


def test_the_mall_notes_an_answer(client, consent, manager):
    client.force_login(manager)
    assert client.get(paper(consent)).context["form"].fields["answer"].choices[0][0] == "accepted"
    assert client.post(paper(consent), {}).status_code == 422
    client.post(paper(consent), {"answer": "accepted", "reason": "Folder 7"})
    consent.refresh_from_db()
    assert (consent.state, consent.on_paper, consent.answered_by) == ("accepted", True, manager)
    shown = client.get(page("rule_detail", consent.mall.slug, consent.version.rule_id)).text
    assert "noted by the mall" in shown and "agreed, as noted by the mall: “Folder 7”" in shown


def test_an_operator_notes_nothing(client, consent, operator):
    client.force_login(operator)
    assert client.post(paper(consent), {"answer": "accepted"}).status_code == 403


def test_an_answer_of_another_rule_is_not_found(client, mall, consent, manager):
    other = factories.make_rule(mall=mall)
    client.force_login(manager)
    assert client.get(page("rule_consent", mall.slug, other.pk, consent.pk)).status_code == 404


# --- The mall's settings ---


def settings_of(mall, **changes) -> dict:
    values = {"latitude": "31.2304", "longitude": "121.4737", "radius_m": "300", "country": "CN", "holdout_bp": "0"}
    return values | changes


def test_position_and_radius_are_saved(client, mall, manager):
    revision = mall.revision
    client.force_login(manager)
    client.post(page("mall_settings", mall.slug), settings_of(mall, radius_m="500"))
    mall.refresh_from_db()
    assert (str(mall.latitude), str(mall.longitude), mall.radius_m, mall.holdout_bp) == (
        "31.230400", "121.473700", 500, 0,
    )  # fmt: skip
    assert mall.revision == revision + 1
    (_entry, said, lines) = client.get(page("mall_settings", mall.slug)).context["trail"][0]
    assert (said, "Radius (m): 300 → 500" in lines) == ("Changed the settings", True)


@pytest.mark.parametrize("country", ["SG", ""])
def test_the_country_of_the_holidays_is_saved(client, mall, manager, country):
    client.force_login(manager)
    client.post(page("mall_settings", mall.slug), settings_of(mall, country=country))
    mall.refresh_from_db()
    assert mall.country == country
    assert f"Country: CN → {country}" in str(client.get(page("mall_settings", mall.slug)).context["trail"][0])


def test_the_same_again_changes_nothing(client, mall, manager):
    client.force_login(manager)
    client.post(page("mall_settings", mall.slug), {"radius_m": "300", "country": "CN", "holdout_bp": "0"})
    assert not AuditEntry.objects.exists()


def test_another_control_group_has_to_be_meant(client, mall, manager):
    client.force_login(manager)
    answer = client.post(page("mall_settings", mall.slug), settings_of(mall, holdout_bp="5"))
    assert answer.status_code == 422 and "The measurement begins anew" in answer.text
    client.post(page("mall_settings", mall.slug), settings_of(mall, holdout_bp="5", restart="on"))
    mall.refresh_from_db()
    assert mall.holdout_bp == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {"latitude": ""}, {"longitude": ""}, {"latitude": "91"}, {"longitude": "x"}, {"radius_m": "9"},
        {"radius_m": "50001"}, {"radius_m": ""}, {"holdout_bp": "50.01", "restart": "on"}, {"holdout_bp": ""},
        {"latitude": "NaN"}, {"country": "XX"}, {"country": "cn"}, {"country": "CHN"}, {"country": "\x00"},
    ],
)  # fmt: skip
def test_bad_settings_are_refused(client, mall, manager, wrong):
    client.force_login(manager)
    assert client.post(page("mall_settings", mall.slug), settings_of(mall, **wrong)).status_code == 422
    assert not AuditEntry.objects.exists()


# --- Providers ---


@pytest.fixture
def provider_consent(mall, stock, provider, manager):
    """To pay three tenths of a rule, of which a merchant that stays unnamed pays two."""
    partner = factories.make_merchant(mall=mall, name_en="Silent Partner")
    shares = ((0, 5_000), (partner.pk, 2_000), (-provider.pk, 3_000))
    merchants = asked(mall, stock, manager, limits=Limits(quantity=10), shares=shares)
    return merchants.version.consents.get(provider=provider)


def provider_page(name: str, consent, *args) -> str:
    return page(f"provider_{name}", consent.provider_id, *args)


def test_a_provider_reads_what_it_is_asked_and_nothing_of_others(client, provider_consent, provider_manager):
    client.force_login(provider_manager)
    answer = client.get(provider_consent.url)
    burden = answer.context["burden"]
    assert (burden.share_bp, burden.award_fen, burden.awards, burden.most_fen) == (3_000, 300, 10, 3_000)
    listed = client.get(provider_page("consents", provider_consent))
    for shown in (answer.text, listed.text):
        assert "gets 1 × Tea off; at most 10 awards." in shown and "¥30.00" in shown
        assert "Silent Partner" not in shown
        assert '<span class="nav-badge">1</span>' in shown
    assert "Your coupons in each award" not in answer.text
    assert "has not tried these terms on past payments yet" in answer.text


def test_the_backtest_tells_a_provider_its_cost_alone(client, provider_consent, provider_manager):
    cost = {str(provider_consent.provider_id): {"cost_fen": 12_000}}
    backtest(provider_consent, result={"merchants": {"1": {"coupons": 7_777}}, "providers": cost})
    client.force_login(provider_manager)
    answer = client.get(provider_consent.url)
    assert answer.context["own_costs"] == [(1_000, 1_200), (2_000, 2_400), (4_000, 4_800)]
    assert "Your cost, if all are used" in answer.text and "7,777" not in answer.text
    assert "Your coupons given" not in answer.text


def test_the_home_of_the_provider_says_what_waits(client, provider_consent, provider_manager):
    client.force_login(provider_manager)
    home = reverse("analytics:provider_overview", args=[provider_consent.provider_id])
    assert "1 rule waits for your consent." in client.get(home).text
    client.post(provider_page("consent_answer", provider_consent, provider_consent.pk), {"answer": "accepted"})
    assert "waits for your consent" not in client.get(home).text
    provider_consent.refresh_from_db()
    assert (provider_consent.state, provider_consent.answered_by) == ("accepted", provider_manager)


def test_a_provider_declines_and_withdraws_with_a_reason(client, provider_consent, provider_manager):
    client.force_login(provider_manager)
    url = provider_page("consent_answer", provider_consent, provider_consent.pk)
    assert "Say why." in client.post(url, {"answer": "declined"}).text
    for answer, state in (("declined", "declined"), ("accepted", "accepted"), ("withdrawn", "withdrawn")):
        client.post(url, {"answer": answer, "reason": "Why"})
        provider_consent.refresh_from_db()
        assert provider_consent.state == state


def test_a_suspended_provider_is_offered_no_agreement(client, provider_consent, provider, provider_manager):
    provider.standing = "suspended"
    provider.save()
    client.force_login(provider_manager)
    assert client.get(provider_consent.url).context["answers"] == ["declined"]
    url = provider_page("consent_answer", provider_consent, provider_consent.pk)
    assert client.post(url, {"answer": "accepted"}).status_code == 422


def test_a_provider_sees_only_what_it_is_asked(
    client, mall, consent, provider_consent, provider, provider_manager, owner
):
    other = factories.make_provider(mall=mall)
    neighbour = factories.make_member(Role.PROVIDER_MANAGER, provider=other)
    viewer = factories.make_member(Role.PROVIDER_VIEWER, provider=provider)
    url = provider_page("consent_answer", provider_consent, provider_consent.pk)
    for user, read, write in ((neighbour, 404, 404), (owner, 404, 404), (viewer, 200, 403)):
        client.force_login(user)
        assert client.get(provider_consent.url).status_code == read
        assert client.post(url, {"answer": "accepted"}).status_code == write
    client.force_login(neighbour)
    for pk in (provider_consent.pk, consent.pk):
        assert client.get(page("provider_consent", other.pk, pk)).status_code == 404
        assert client.post(page("provider_consent_answer", other.pk, pk), {"answer": "accepted"}).status_code == 404
    client.force_login(provider_manager)
    assert client.get(page("provider_consent", provider.pk, consent.pk)).status_code == 404
    assert client.get(page("merchant_consent", consent.merchant_id, consent.pk)).status_code == 404
    mine, rule = {provider_consent.pk}, provider_consent.version.rule
    assert set(Consent.objects.visible_to(provider_manager).values_list("pk", flat=True)) == mine
    assert list(Rule.objects.visible_to(provider_manager)) == [rule]
    assert not Rule.objects.visible_to(neighbour).exists()


def test_the_mall_notes_an_answer_of_a_provider(client, provider_consent, manager):
    client.force_login(manager)
    assert provider_consent.provider.name in client.get(paper(provider_consent)).text
    client.post(paper(provider_consent), {"answer": "accepted", "reason": "Folder 7"})
    provider_consent.refresh_from_db()
    assert (provider_consent.state, provider_consent.on_paper) == ("accepted", True)
    shown = client.get(page("rule_detail", provider_consent.mall.slug, provider_consent.version.rule_id)).text
    assert f"{provider_consent.provider.name} agreed, as noted by the mall: “Folder 7”" in shown


@pytest.mark.parametrize("rows", [1, 3])
def test_a_providers_list_takes_the_same_queries(
    client, mall, stock, provider, provider_manager, rows, django_assert_num_queries
):
    for _ in range(rows):
        rule = factories.make_rule(mall=mall, stock=stock, shares=((-provider.pk, 10_000),))
        rule.version.consents.update(state="asked", answered_at=None)
    client.force_login(provider_manager)
    with django_assert_num_queries(13):
        answer = client.get(page("provider_consents", provider.pk))
    assert len(answer.context["table"].page) == rows
