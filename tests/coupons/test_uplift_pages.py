"""The pages of what was brought, and the words of a report."""

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.models import UpliftReport
from coupons.uplift import drawing, sentences
from merchants.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


def row(key: str = "visit", unit: str = "share", **values) -> dict:
    ends = {"treated": 0.254, "held": 0.106, "difference": 0.148, "low": -0.012, "high": 0.034, "reduced": 0.0}
    return {"key": key, "unit": unit, **ends, **values}


def result(*outcomes: dict, **values) -> dict:
    state = "measured" if outcomes else "no_control"
    return {
        "state": state, "share_bp": 1_000, "treated": 453, "held": 47, "running": 0, "left_out": 0,
        "outcomes": list(outcomes), "smallest": 0.174, "since": "2026-10-09", "until": "2026-11-21", **values,
    }  # fmt: skip


SPENT = row(
    "spend_award", "fen", treated=10_181, held=5_069, difference=4_834.4, low=-924.0, high=11_625.2, reduced=0.05
)


@pytest.fixture
def rule(mall):
    return factories.make_rule(mall=mall, holdout_bp=1_000)


def keep(mall, rule, found: dict) -> UpliftReport:
    return UpliftReport.objects.create(mall=mall, rule=rule, result=found, made_at=timezone.now())


def rule_page(rule) -> str:
    return reverse("coupons:rule_uplift", args=[rule.mall.slug, rule.pk])


# --- Words ---


@pytest.mark.parametrize(
    ("ends", "said", "short"),
    [
        ((-0.012, 0.034), "No effect can be seen yet: between −1.2 and +3.4 points.", "No effect seen yet"),
        ((0.0, 0.1), "No effect can be seen yet: between 0.0 and +10.0 points.", "No effect seen yet"),
        ((0.022, 0.221), "Brought more shoppers to the award stores: between +2.2 and +22.1 points.", "More visits"),
        (
            (-0.05, -0.0104),
            "Fewer of the awarded shoppers came than of those kept apart: between −5.0 and −1.0 points.",
            "Fewer visits",
        ),
    ],
)
def test_the_verdict_claims_no_more_than_its_interval(ends, said, short):
    found = result(row(low=ends[0], high=ends[1]))
    assert sentences.verdict(found) == said
    assert sentences.short(found)[0] == short


def test_the_verdict_on_the_mall():
    found = result(row("visit_mall", low=0.01, high=0.02))
    assert sentences.verdict(found, of_mall=True) == "Brought more shoppers to the mall: between +1.0 and +2.0 points."


@pytest.mark.parametrize(
    ("state", "begins"),
    [("no_control", "Nobody is kept apart"), ("too_few", "Too few shoppers to compare yet: 453 awarded, 47 kept apart"),
     ("nothing_yet", "Nothing to compare yet")],
)  # fmt: skip
def test_why_there_is_no_verdict(state, begins):
    found = result(state=state)
    assert sentences.verdict(found).startswith(begins)
    assert sentences.short(found)[1] == "off"


def test_what_could_have_been_found():
    assert "a rise of 17.4 points is found in 4 of 5 cases" in sentences.detectable(result(row()))
    assert sentences.detectable(result(smallest=None)) == ""


def test_amounts_have_a_sign():
    told = [sentences.difference(SPENT, SPENT[end], "¥") for end in ("difference", "low", "high")]
    assert told == ["+¥48.34", "−¥9.24", "+¥116.25"]
    assert sentences.difference(SPENT, 0.2, "¥") == "¥0.00"


def test_remarks_count_who_is_missing():
    assert sentences.remarks(result()) == []
    running, left = sentences.remarks(result(running=1, left_out=1_200))
    assert running == "1 more shopper can still use the coupon and is not counted yet."
    assert left.startswith("1,200 shoppers are left out")


# --- Drawing ---


def test_intervals_of_one_unit_share_a_scale():
    share, here, there = drawing.draw(
        [row(low=0.0, high=0.5, difference=0.25), row(unit="fen", low=-100, high=100, difference=0),
         row(unit="fen", low=-50, high=0, difference=-25)]
    )  # fmt: skip
    assert share == (8, 8, 192, 100)
    assert here == (100, 8, 192, 100)
    assert there == (100, 54, 100, 77)


def test_an_interval_of_nothing_is_in_the_middle():
    assert drawing.draw([row(low=0, high=0, difference=0)]) == [(100, 100, 100, 100)]


def test_the_picture_is_read_out():
    picture = drawing.picture(drawing.Drawn(100, 8, 192, 100), "−¥1.00 to ¥1.00")
    assert 'role="img" aria-label="−¥1.00 to ¥1.00"' in picture
    assert "style" not in picture


# --- Pages ---


def test_page_of_a_rule(client, mall, rule, manager):
    keep(mall, rule, result(row(), SPENT, running=499))
    client.force_login(manager)
    text = client.get(rule_page(rule)).text
    for expected in (
        "No effect can be seen yet: between −1.2 and +3.4 points.", "25.4%", "10.6%", "+¥48.34", "−¥9.24 to +¥116.25",
        "Newcombe", "CUPED", "10% of shoppers", "499 more shoppers", "2026-10-09 – 2026-11-21",
    ):  # fmt: skip
        assert expected in text


@pytest.mark.parametrize("outcomes", [(row(),), (row(), SPENT, SPENT)])
def test_page_takes_the_same_queries_whatever_it_shows(
    client, mall, rule, manager, outcomes, django_assert_num_queries
):
    keep(mall, rule, result(*outcomes))
    client.force_login(manager)
    with django_assert_num_queries(9):
        client.get(rule_page(rule))


def test_without_a_control_group_no_figure_is_shown(client, mall, rule, manager):
    keep(mall, rule, result())
    client.force_login(manager)
    text = client.get(rule_page(rule)).text
    assert "Nobody is kept apart as a control group" in text
    assert reverse("coupons:rule_edit", args=[mall.slug, rule.pk]) in text
    assert "Interval drawn" not in text


def test_page_before_the_first_report(client, mall, rule, manager):
    client.force_login(manager)
    assert "No report yet" in client.get(rule_page(rule)).text


def test_button_makes_the_report_and_the_page_waits_for_it(client, mall, rule, manager):
    client.force_login(manager)
    renew = reverse("coupons:rule_uplift_renew", args=[mall.slug, rule.pk])
    assert "This page shows it when it is done." in client.post(renew, follow=True).text
    answer = client.post(renew, follow=True)
    assert "The report is being made already." in answer.text
    assert f'hx-get="{rule_page(rule)}" hx-trigger="load delay:2s"' in answer.text


def test_viewers_have_no_button(client, mall, rule):
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    assert "Work it out now" not in client.get(rule_page(rule)).text


@pytest.mark.parametrize("rules", [1, 3])
def test_page_of_the_mall_lists_the_rules(client, mall, manager, rules, django_assert_num_queries):
    for _ in range(rules):
        keep(mall, factories.make_rule(mall=mall), result(row()))
    client.force_login(manager)
    with django_assert_num_queries(10):
        answer = client.get(reverse("coupons:mall_uplift", args=[mall.slug]))
    assert len(answer.context["rules"].page) == rules
    assert "No shopper is kept apart from all rules" in answer.text
    assert "−1.2 to +3.4 points" in answer.text


def test_page_of_the_mall_with_its_group(client, mall, manager):
    mall.holdout_bp = 500
    mall.save()
    client.force_login(manager)
    page = reverse("coupons:mall_uplift", args=[mall.slug])
    assert "No report yet" in client.get(page).text
    keep(mall, None, result(row("visit_mall", low=0.01, high=0.02)))
    assert "Brought more shoppers to the mall: between +1.0 and +2.0 points." in client.get(page).text
    client.post(reverse("coupons:mall_uplift_renew", args=[mall.slug]))
    assert 'hx-trigger="load delay:2s"' in client.get(page).text


def test_reports_of_other_malls_are_not_listed(client, mall, manager, stranger):
    there = stranger.memberships.get().mall
    keep(there, factories.make_rule(mall=there), result(row()))
    client.force_login(manager)
    assert not client.get(reverse("coupons:mall_uplift", args=[mall.slug])).context["rules"].page.object_list
