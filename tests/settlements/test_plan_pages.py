"""The pages of plans, rebates and traffic credits."""

from datetime import timedelta

import pytest
from django.urls import reverse

from coupons.models import Coupon
from settlements.models import PlanOffer, PlanVersion
from settlements.plans import PlanTerms
from tests.analytics.files import csv_rows
from tests.factories import make_agreement, make_plan_offer, make_provider, make_rule, make_stock, make_store

from .earning import NOON, SIMPLE, accrue, make_offer, use

DAY = timedelta(days=1)
WRITTEN = {
    "name_en": "Operations", "base": "discount", "from_0": "", "rate_0": "1", "from_1": "10000", "rate_1": "2.5",
    "cap_fen": "5000", "opening_fen": "800", "credits_per_100_yuan": "3", "maturity_days": "14",
}  # fmt: skip


def page(name: str, *args) -> str:
    return reverse(f"settlements:{name}", args=args)


@pytest.fixture
def boss(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def partner(client, provider_manager):
    client.force_login(provider_manager)
    return client


def test_a_plan_is_written_tried_offered_and_withdrawn(boss, mall, provider):
    answer = boss.post(page("plan_new", mall.slug), WRITTEN)
    version = PlanVersion.objects.get()
    assert answer["Location"] == page("plan_detail", mall.slug, version.plan_id)
    assert PlanTerms.from_json(version.terms) == PlanTerms(
        80_000, "discount", ((0, 100), (1_000_000, 250)), 500_000, 14, 3
    )
    detail = boss.get(answer["Location"]).text
    assert "1% of redeemed discounts; 2.5% of the month&#x27;s part above ¥10,000.00" in detail
    assert boss.get(page("plan_try", mall.slug, version.plan_id)).status_code == 200
    first = mall.today()
    values = {"provider": provider.pk, "from_day": first, "last_day": first + 30 * DAY}
    boss.post(page("plan_offer_new", mall.slug, version.plan_id), values)
    offer = PlanOffer.objects.get()
    assert (offer.version, offer.from_day, offer.until_day) == (version, first, first + 31 * DAY)
    stop = page("plan_offer_stop", mall.slug, version.plan_id, offer.pk)
    assert boss.post(stop, {"reason": "A slip"}).status_code == 302
    assert PlanOffer.objects.get().state == "withdrawn"
    again = boss.post(stop, {"reason": "Once more"})
    assert again.status_code == 422 and "answered or taken back" in again.text


def test_another_version_starts_from_the_newest(boss, mall, provider):
    plan = make_plan_offer(provider, SIMPLE).version.plan
    edit = page("plan_edit", mall.slug, plan.pk)
    assert 'name="rate_0" value="10"' in boss.get(edit).text
    same = {"base": "discount", "rate_0": "10", "maturity_days": "10", "credits_per_100_yuan": "50"}
    answer = boss.post(edit, same)
    assert answer.status_code == 422 and "Nothing differs" in answer.text
    assert boss.post(edit, same | {"rate_0": "11"}).status_code == 302
    assert plan.versions.first().number == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate_0": "101"}, "Enter 0 to 100 percent."),
        ({"rate_0": "-1"}, "Enter a percentage such as 20 or 12.5."),
        ({"rate_1": ""}, "Name the share of this tier."),
        ({"from_1": ""}, "Name the amount from which on."),
        ({"from_1": "0"}, "Each tier begins above the one before it."),
        ({"opening_fen": "-5"}, "Enter at least ¥0.00."),
        ({"opening_fen": "99999999"}, "Enter at most ¥1000000.00."),
        ({"cap_fen": "0"}, "Enter at least ¥0.01."),
        ({"maturity_days": "400"}, "less than or equal to 365"),
        ({"credits_per_100_yuan": "-1"}, "greater than or equal to 0"),
        ({"name_en": ""}, "name"),
        ({"base": "sales"}, "Select a valid choice"),
        ({"rate_0": "", "from_1": "", "rate_1": "", "cap_fen": ""}, None),
        ({"rate_0": "", "from_1": "", "rate_1": "", "cap_fen": "5"}, "A cap needs a rate."),
        ({"rate_0": "0", "from_1": "", "rate_1": "", "cap_fen": "", "opening_fen": "", "credits_per_100_yuan": ""},
         "The plan gives nothing"),
    ],
)  # fmt: skip
def test_absurd_terms_are_refused_where_they_are(boss, mall, wrong, said):
    answer = boss.post(page("plan_new", mall.slug), WRITTEN | wrong)
    assert answer.status_code == (422 if said else 302)
    assert said is None or said in answer.text
    assert PlanVersion.objects.exists() == (said is None)


def test_a_provider_reads_and_answers(partner, mall, provider):
    offer = make_plan_offer(provider, SIMPLE, from_day=mall.today())
    listed = partner.get(page("plan_offers", provider.pk)).text
    assert "Waits for an answer" in listed and 'class="nav-badge' in listed
    detail = page("plan_offer", provider.pk, offer.pk)
    assert "10% of redeemed discounts" in partner.get(detail).text
    answer = page("plan_offer_answer", provider.pk, offer.pk)
    assert "Say why." in partner.post(answer, {"answer": "decline"}).text
    assert partner.post(answer, {"answer": "magic"}).status_code == 422
    assert partner.post(answer, {"answer": "accept"})["Location"] == detail
    assert PlanOffer.objects.get().state == "accepted"
    assert "Running" in partner.get(detail).text


def test_an_accepted_offer_is_ended(boss, mall, provider):
    offer = make_offer(provider)
    stop = page("plan_offer_stop", mall.slug, offer.version.plan_id, offer.pk)
    last = mall.today()
    late = boss.post(stop, {"reason": "x", "last_day": last - DAY})
    assert late.status_code == 422 and "The last day is today at the earliest" in late.text
    assert boss.post(stop, {"reason": "x", "last_day": last}).status_code == 302
    assert PlanOffer.objects.get().until_day == last + DAY


def earned(mall, store, provider) -> None:
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))
    make_offer(provider, PlanTerms(tiers=((0, 1_000), (500_000, 2_000)), credits_per_100_yuan=50, maturity_days=365))
    use(store)
    accrue(mall)


def test_the_provider_sees_its_rewards_with_their_evidence(partner, mall, store, provider):
    earned(mall, store, provider)
    shown = partner.get(page("own_rebates", provider.pk), {"month": "2026-03-01"}).text
    for text in ("¥1.00", "¥10.00", "Not matured", "¥4,990.00 more until 20%."):
        assert text in shown
    filters = {"month": "2026-03-01", "state": "matured"}
    assert "Nothing earned" in partner.get(page("own_rebates", provider.pk), filters).text
    assert partner.get(page("own_rebates", provider.pk), {"month": "nonsense", "store": "x"}).status_code == 200


def test_rewards_as_a_file_under_the_filters_in_force(partner, mall, store, provider):
    earned(mall, store, provider)
    url, month = page("own_rebates", provider.pk), {"month": "2026-03-01"}
    head, row = csv_rows(partner.get(url, month | {"format": "csv"}))
    told = dict(zip(head, row, strict=True))
    assert (told["Base"], told["Reward"], told["Traffic credits"], told["State"]) == (
        "10.00",
        "1.00",
        "5",
        "Not matured",
    )
    assert len(csv_rows(partner.get(url, month | {"state": "matured", "format": "csv"}))) == 1
    assert (
        "month=2026-03-01&amp;format=csv"
        in partner.get(url, month, headers={"HX-Request": "true", "HX-Target": "board"}).text
    )


def test_the_mall_goes_on_to_the_coupon(boss, mall, store, provider):
    earned(mall, store, provider)
    shown = boss.get(page("provider_rebates", mall.slug, provider.pk), {"month": "2026-03-01"}).text
    assert "/coupons/" in shown


def test_traffic_credits_and_boosts(partner, mall, store, provider):
    earned(mall, store, provider)
    rule = mall.rules.get()
    day = mall.today()
    new = page("boost_new", provider.pk)
    assert "5 traffic credits left" in partner.get(new).text
    values = {"rule": rule.pk, "weight": 2, "from_day": day + DAY, "last_day": day + 2 * DAY}
    assert partner.post(new, values)["Location"] == page("credit_list", provider.pk)
    dear = partner.post(new, values)
    assert dear.status_code == 422 and "That costs 4 traffic credits; you have 1." in dear.text
    listed = partner.get(page("credit_list", provider.pk)).text
    assert "Not begun" in listed and "-4" in listed
    earnings = partner.get(page("credit_list", provider.pk), {"kind": "earned"}).context["table"]
    code = Coupon.objects.get().code
    rows = [[cell.text for cell in row] for row in earnings.body]
    assert rows == [["2026-03-10", ("Earned", "good"), store.name, rule.name, f"Coupon …{code[-4:]}", "5"]]
    assert code not in listed
    spent = partner.get(page("credit_list", provider.pk), {"kind": "spent"}).context["table"]
    assert [[cell.text for cell in row][2:] for row in spent.body] == [["–", rule.name, "–", "-4"]]


@pytest.mark.parametrize("name", ["plan_list", "plan_detail", "plan_try"])
@pytest.mark.parametrize("number", [1, 3])
def test_pages_of_the_mall_cost_the_same_for_any_number_of_rows(
    boss, mall, provider, number, name, django_assert_num_queries
):
    offer = make_plan_offer(provider)
    for _ in range(number - 1):
        make_plan_offer(make_provider(mall=mall))
        make_plan_offer(make_provider(mall=mall), version=offer.version)
    args = [mall.slug] if name == "plan_list" else [mall.slug, offer.version.plan_id]
    boss.get(page(name, *args))
    with django_assert_num_queries({"plan_list": 8, "plan_detail": 10, "plan_try": 14}[name]):
        boss.get(page(name, *args))


@pytest.mark.parametrize("name", ["plan_offers", "own_rebates", "credit_list"])
@pytest.mark.parametrize("number", [1, 3])
def test_pages_of_the_provider_cost_the_same_for_any_number_of_rows(
    partner, mall, store, provider, number, name, django_assert_num_queries
):
    earned(mall, store, provider)
    for _ in range(number - 1):
        use(store)
        make_agreement(provider=provider, store=make_store(mall=mall))
        make_plan_offer(provider)
    accrue(mall, NOON + DAY)
    query = {"month": "2026-03-01"} if name == "own_rebates" else {}
    partner.get(page(name, provider.pk), query)
    with django_assert_num_queries({"plan_offers": 8, "own_rebates": 14, "credit_list": 12}[name]):
        partner.get(page(name, provider.pk), query)


def test_trial_reads_months_before_this_one(boss, mall, store, provider):
    plan = make_plan_offer(provider).version.plan
    shown = boss.get(page("plan_try", mall.slug, plan.pk), {"months": "12", "version": plan.versions.get().pk})
    assert shown.status_code == 200 and "Nothing happened in these months" in shown.text
    assert boss.get(page("plan_try", mall.slug, plan.pk), {"months": "99", "version": "x"}).status_code == 200
