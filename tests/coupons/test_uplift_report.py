"""Who is compared, what counts, and what a report says: on decisions and payments written straight into the ledger."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.conf import settings

from coupons.engine.control import is_held_out_of_all
from coupons.engine.terms import RuleTerms
from coupons.models import Claim, Decision, Rule, RuleVersion, UpliftReport
from coupons.models.rule import RuleState
from coupons.models.stock import Validity
from coupons.uplift import services
from coupons.uplift.cohorts import cohort_of, cohort_of_mall, steady_versions
from coupons.uplift.outcomes import Places, places_of
from coupons.uplift.report import LEAST, report_of, report_of_mall
from mallops import pipeline
from mallops.lib.tasks.models import TaskRun
from merchants.models.base import touch_mall
from merchants.queries.directory import current as directory
from payments.models import Payment, Shopper
from payments.shoppers import digest, resolve
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)  # noon in the mall
GIVEN = datetime(2026, 11, 1, 4, tzinfo=UTC)  # coupons of 7 days: valid to the end of 8 November
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
number = count(1)


@pytest.fixture
def rule(mall, store, other_store):
    """Payments at `store` earn coupons of `other_store`; a tenth is kept apart."""
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant)
    return factories.make_rule(mall=mall, stock=stock, stores=(store.pk,), holdout_bp=1_000)


def shopper(mall) -> Shopper:
    return Shopper.objects.create(mall=mall, created_at=GIVEN - 90 * DAY)


def pay(who: Shopper, store, at=GIVEN, fen: int = 10_000, refunded: int = 0) -> Payment:
    return Payment.objects.create(
        mall=store.mall, store=store, shopper=who, channel="wechat", transaction_id=f"u{next(number)}", amount_fen=fen,
        refunded_fen=refunded, paid_at=at, day=at.date(), hour=at.hour, source="test", recorded_at=at,
    )  # fmt: skip


def decide(rule: Rule, who: Shopper | None, outcome: str, at=GIVEN, trace=(), version=None) -> Decision:
    """The rule decides on a payment at a store where it is met."""
    paid = pay(who, rule.mall.stores.get(code="hotpot"), at)
    return Decision.objects.create(
        mall=rule.mall, payment=paid, rule=rule, rule_version=version or rule.version, shopper=who, outcome=outcome,
        trace=list(trace), decided_at=at,
    )  # fmt: skip


def groups(rule: Rule, treated: int = LEAST, held: int = LEAST) -> tuple[list[Shopper], list[Shopper]]:
    yes = [shopper(rule.mall) for _ in range(treated)]
    no = [shopper(rule.mall) for _ in range(held)]
    for who in yes:
        decide(rule, who, "awarded")
    for who in no:
        decide(rule, who, "held_out")
    return yes, no


def members(cohort) -> dict[int, bool]:
    return dict(zip(cohort.firsts["shopper_id"].tolist(), cohort.is_treated.tolist(), strict=True))


def outcome(report: dict, key: str) -> dict:
    return next(row for row in report["outcomes"] if row["key"] == key)


# --- Who is compared ---


def test_the_first_yes_decides_the_group(mall, rule):
    anna, bert, carl = shopper(mall), shopper(mall), shopper(mall)
    decide(rule, anna, "refused", GIVEN - 2 * HOUR)
    decide(rule, anna, "awarded")
    decide(rule, anna, "held_out", GIVEN + HOUR)
    decide(rule, bert, "held_out")
    decide(rule, bert, "awarded", GIVEN + HOUR)
    decide(rule, carl, "refused")
    decide(rule, None, "refused", GIVEN + HOUR)
    cohort = cohort_of(rule, NOW)
    assert members(cohort) == {anna.pk: True, bert.pk: False}
    assert cohort.firsts["given_at"].tolist() == [int(GIVEN.timestamp())] * 2


def test_the_window_is_the_validity_of_the_coupon(mall, rule):
    anna = shopper(mall)
    decide(rule, anna, "awarded")
    end = datetime(2026, 11, 8, 16, tzinfo=UTC)  # midnight after 8 November in Shanghai
    assert cohort_of(rule, NOW).firsts["ends_at"].tolist() == [int(end.timestamp())]
    assert len(cohort_of(rule, end).firsts) == 1
    before = cohort_of(rule, end - timedelta(seconds=1))
    assert (len(before.firsts), before.running) == (0, 1)


def test_of_several_stocks_the_longest_counts(mall, rule, other_store):
    fixed = factories.make_stock(
        mall=mall, merchant=other_store.merchant, validity=Validity.FIXED, valid_for=None,
        valid_from_day="2026-10-01", valid_until_day="2026-11-12",
    )  # fmt: skip
    rule.version.stocks.add(fixed)
    decide(rule, shopper(mall), "awarded")
    assert cohort_of(rule, NOW).firsts["ends_at"].tolist() == [int(datetime(2026, 11, 12, 16, tzinfo=UTC).timestamp())]


def another_version(rule: Rule, holdout_bp: int) -> RuleVersion:
    terms = RuleTerms.from_json(rule.version.terms).to_json() | {"holdout_bp": holdout_bp}
    version = RuleVersion.objects.create(
        rule=rule, number=rule.version.number + 1, terms=terms, published_at=GIVEN, launched_at=GIVEN
    )
    version.stocks.set(rule.version.stocks.all())
    rule.version.launched_at = rule.version.launched_at or GIVEN - DAY
    rule.version.save()
    rule.version = version
    rule.save()
    return version


def test_shoppers_met_under_another_share_are_left_out(mall, rule):
    old = rule.version
    anna, bert = shopper(mall), shopper(mall)
    decide(rule, anna, "awarded")
    new = another_version(rule, 2_000)
    decide(rule, anna, "awarded", GIVEN + HOUR, version=new)
    decide(rule, bert, "held_out", GIVEN + HOUR, version=new)
    cohort = cohort_of(rule, NOW)
    assert (members(cohort), cohort.left_out) == ({bert.pk: False}, 1)
    assert steady_versions(rule) == [new]
    again = another_version(rule, 2_000)
    assert steady_versions(rule) == [again, new]
    assert old not in steady_versions(rule)


def test_a_version_that_never_ran_changes_nothing(mall, rule):
    RuleVersion.objects.create(
        rule=rule, number=2, terms=RuleTerms(award=((1, 1),), holdout_bp=50).to_json(), published_at=GIVEN
    )
    decide(rule, shopper(mall), "awarded")
    assert len(cohort_of(rule, NOW).firsts) == 1


def test_the_mall_wide_group_says_nothing_about_one_rule(mall, rule):
    mall.holdout_bp = 5_000
    mall.save()
    everyone = [shopper(mall) for _ in range(20)]
    for who in everyone:
        decide(rule, who, "held_out")
    apart = {who.pk for who in everyone if is_held_out_of_all(settings.SHOPPER_KEY, 5_000, who.pk)}
    rule.mall.refresh_from_db()
    cohort = cohort_of(rule, NOW)
    assert set(members(cohort)) == {who.pk for who in everyone} - apart
    assert cohort.left_out == len(apart) > 0


# --- What counts ---


def test_places(mall, rule, store, other_store):
    rival = factories.make_store(mall=mall, category=other_store.category)
    factories.make_store(mall=mall)
    found = places_of(cohort_of(rule, NOW), directory(mall.pk))
    assert found == Places(frozenset({other_store.pk}), frozenset({store.pk}), frozenset({rival.pk}))


def test_what_is_spent_in_the_window_and_where(mall, rule, store, other_store):
    rival = factories.make_store(mall=mall, category=other_store.category)
    elsewhere = factories.make_store(mall=mall)
    yes, _no = groups(rule)
    anna, end = yes[0], datetime(2026, 11, 8, 16, tzinfo=UTC)
    pay(anna, other_store, GIVEN + HOUR, 2_000, refunded=500)
    pay(anna, other_store, end - timedelta(seconds=1), 4_000)
    pay(anna, rival, GIVEN + DAY, 800)
    pay(anna, store, GIVEN + DAY, 200)
    pay(anna, elsewhere, GIVEN + DAY, 100)
    pay(anna, other_store, end, 77_777)
    pay(anna, other_store, GIVEN, 77_777)  # with the decision, so before the coupon
    report = report_of(rule, NOW)
    means = {row["key"]: (row["treated"], row["held"]) for row in report["outcomes"]}
    assert means == {
        "visit": (1 / 20, 0),
        "spend_award": (5_500 / 20, 0),
        "spend_mall": (6_600 / 20, 0),
        "spend_trigger": (200 / 20, 0),
        "spend_competitors": (800 / 20, 0),
    }


def test_a_purchase_given_back_in_full_is_no_visit(mall, rule, other_store):
    yes, no = groups(rule)
    pay(yes[0], other_store, GIVEN + HOUR, 500, refunded=500)
    pay(no[0], other_store, GIVEN + HOUR, 500, refunded=499)
    visit = outcome(report_of(rule, NOW), "visit")
    assert (visit["treated"], visit["held"]) == (0, 1 / 20)


def test_the_time_before_is_as_long_as_the_window(mall, rule, other_store):
    """Who spent before spends after, in both groups; what lies further back explains nothing."""
    yes, no = groups(rule)
    window = datetime(2026, 11, 8, 16, tzinfo=UTC) - GIVEN
    for place, who in enumerate([*yes, *no]):
        pay(who, other_store, GIVEN - window + HOUR, 1_000 * (place % 5 + 1))
        pay(who, other_store, GIVEN - window, 50_000 * (place % 3 + 1))
        pay(who, other_store, GIVEN + HOUR, 2_000 * (place % 5 + 1))
    spend = outcome(report_of(rule, NOW), "spend_award")
    assert spend["reduced"] == 1
    assert spend["difference"] == pytest.approx(0, abs=1e-6)


# --- What a report says ---


def test_a_report_in_full(mall, rule, other_store):
    yes, no = groups(rule)
    for who in [*yes[:12], *no[:2]]:
        pay(who, other_store, GIVEN + HOUR)
    report = report_of(rule, NOW)
    assert {name: report[name] for name in report if name not in ("outcomes", "smallest")} == {
        "state": "measured", "share_bp": 1_000, "treated": 20, "held": 20, "running": 0, "left_out": 0,
        "since": "2026-11-01", "until": "2026-11-08",
    }  # fmt: skip
    visit = report["outcomes"][0]
    assert (visit["key"], visit["difference"]) == ("visit", pytest.approx(0.5))
    assert 0 < visit["low"] < 0.5 < visit["high"] < 1
    assert report["smallest"] == pytest.approx(0.3928, abs=1e-4)
    assert [row["key"] for row in report["outcomes"]] == ["visit", "spend_award", "spend_mall", "spend_trigger"]


@pytest.mark.parametrize(("treated", "held"), [(LEAST, LEAST - 1), (LEAST - 1, LEAST)])
def test_too_few_show_no_figures(mall, rule, treated, held):
    groups(rule, treated, held)
    report = report_of(rule, NOW)
    assert (report["state"], report["outcomes"], report["smallest"]) == ("too_few", [], None)


def test_without_a_control_group_there_is_nothing_to_tell(mall, store):
    rule = factories.make_rule(mall=mall, stores=(store.pk,))
    for _ in range(30):
        decide(rule, shopper(mall), "awarded")
    report = report_of(rule, NOW)
    assert (report["state"], report["treated"], report["outcomes"]) == ("no_control", 30, [])


def test_a_rule_that_met_nobody_yet(mall, rule):
    assert report_of(rule, NOW)["state"] == "nothing_yet"
    groups(rule)
    assert report_of(rule, GIVEN + DAY) == {
        "state": "nothing_yet", "share_bp": 1_000, "treated": 0, "held": 0, "running": 40, "left_out": 0,
        "outcomes": [], "smallest": None,
    }  # fmt: skip


def test_a_draft_that_never_ran(mall):
    draft = Rule.objects.create(mall=mall, name_en="Draft")
    assert report_of(draft, NOW)["state"] == "no_control"


def test_anywhere_has_no_trigger_store(mall, other_store, store):
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant)
    rule = factories.make_rule(mall=mall, stock=stock, holdout_bp=1_000)
    groups(rule)
    assert [row["key"] for row in report_of(rule, NOW)["outcomes"]] == ["visit", "spend_award", "spend_mall"]


def test_coupons_that_were_claimed_count_from_the_claim(mall, rule, store):
    anna = shopper(mall)
    claim = Claim.objects.create(
        mall=mall, rule=rule, kind="qr", shopper=anna, store=store, request_id="c", claimed_at=GIVEN,
        day=GIVEN.date(), hour=12,
    )  # fmt: skip
    Decision.objects.create(
        mall=mall, claim=claim, rule=rule, rule_version=rule.version, shopper=anna, outcome="awarded", trace=[],
        decided_at=GIVEN,
    )  # fmt: skip
    assert cohort_of(rule, NOW).firsts["payment_id"].tolist() == [0]


def test_another_malls_purchases_do_not_count(mall, rule, stranger):
    groups(rule)
    there = factories.make_store(mall=stranger.memberships.get().mall)
    pay(shopper(there.mall), there, GIVEN + HOUR)
    assert outcome(report_of(rule, NOW), "spend_mall")["treated"] == 0


def test_from_the_till_to_the_report(mall, rule, store, other_store):
    """Payments through the pipeline, which keeps half of the shoppers apart; who was awarded goes to the cafe."""
    rule.version.terms |= {"holdout_bp": 5_000}
    rule.version.save()
    touch_mall(mall.pk)

    def buy(names, there, at):
        events = [factories.payment_event(there, shopper=name, paid_at=at) for name in names]
        return pipeline.record_payments(mall.pk, events, source="test", now=at)

    names = [f"shopper {n}" for n in range(120)]
    buy(names, store, GIVEN)
    awarded = set(Decision.objects.filter(outcome="awarded").values_list("payment__shopper", flat=True))
    came = [name for name, who in zip(names, shoppers_of(mall, names), strict=True) if who in awarded]
    assert 30 < len(came) < 90
    buy(came, other_store, GIVEN + HOUR)
    report = report_of(rule, NOW)
    visit = report["outcomes"][0]
    assert (report["treated"], report["held"]) == (len(came), 120 - len(came))
    assert (visit["treated"], visit["held"], visit["difference"]) == (1, 0, 1)
    assert visit["low"] > 0.8


def shoppers_of(mall, names: list[str]) -> list[int]:
    """The ids of shoppers by their plain names."""
    digests = {name: digest(mall.pk, name) for name in names}
    ids = resolve(mall.pk, set(digests.values()), now=NOW)
    return [ids[digests[name]] for name in names]


# --- The whole mall ---


def test_the_mall_without_a_group(mall):
    assert report_of_mall(mall, NOW) == {"state": "no_control", "share_bp": 0}


def test_the_mall_from_its_first_ghost_issue_on(mall, rule, other_store):
    mall.holdout_bp = 5_000
    mall.save()
    assert report_of_mall(mall, NOW) == {"state": "nothing_yet", "share_bp": 5_000}
    rule.mall.refresh_from_db()
    everyone = [shopper(mall) for _ in range(80)]
    apart = [who for who in everyone if is_held_out_of_all(settings.SHOPPER_KEY, 5_000, who.pk)]
    by_rule = [["control_group", True, 1_000, "rule"]]
    by_smaller, by_mall = ([["amount", True, 0, 1], ["control_group", True, bp, "mall"]] for bp in (100, 5_000))
    decide(rule, everyone[0], "held_out", GIVEN - 2 * DAY, by_rule)
    decide(rule, everyone[0], "held_out", GIVEN - DAY, by_smaller)
    decide(rule, apart[0], "held_out", GIVEN, by_mall)
    for who in everyone:
        if who not in apart:
            pay(who, other_store, GIVEN + HOUR, 3_000)
    cohort, report = cohort_of_mall(mall, NOW), report_of_mall(mall, NOW)
    assert members(cohort) == {who.pk: who not in apart for who in everyone}
    assert set(cohort.firsts["given_at"].tolist()) == {int(GIVEN.timestamp())}
    assert (report["treated"], report["held"], report["until"]) == (80 - len(apart), len(apart), "2026-11-19")
    assert [(row["key"], row["treated"], row["held"]) for row in report["outcomes"]] == [
        ("visit_mall", 1, 0), ("spend_mall", 3_000, 0),
    ]  # fmt: skip


# --- Keeping reports ---


def test_reports_are_kept_one_for_each_rule_and_one_for_the_mall(mall, rule):
    for _ in range(2):
        services.make(rule=rule, now=NOW)
        services.make_of_mall(mall=mall, now=NOW)
    assert set(UpliftReport.objects.values_list("rule", "made_at")) == {(rule.pk, NOW), (None, NOW)}


def test_a_report_is_asked_for_once_at_a_time(mall, rule):
    assert services.ask(mall=mall, rule=rule) and not services.ask(mall=mall, rule=rule)
    assert services.ask(mall=mall) and not services.ask(mall=mall)
    assert services.is_asked(mall=mall, rule=rule) and services.is_asked(mall=mall)
    assert TaskRun.objects.count() == 2


def test_each_night_asks_for_what_can_have_changed(mall, rule):
    from coupons.tasks import study_uplift

    ended = factories.make_rule(mall=mall, state=RuleState.ENDED, holdout_bp=100)
    UpliftReport.objects.create(mall=mall, rule=ended, result={"running": 0}, made_at=NOW)
    still = factories.make_rule(mall=mall, state=RuleState.ENDED, holdout_bp=100)
    UpliftReport.objects.create(mall=mall, rule=still, result={"running": 3}, made_at=NOW)
    Rule.objects.create(mall=mall, name_en="Draft")
    assert services.ask_all() == 2
    asked = TaskRun.objects.filter(path=study_uplift.module_path).values_list("args", flat=True)
    assert sorted(asked) == [[rule.pk], [still.pk]]
    mall.holdout_bp = 100
    mall.save()
    assert services.ask_all() == 1  # the mall's; the others wait already


def test_the_tasks_make_the_reports(mall, rule):
    from coupons.tasks import study_uplift, study_uplift_of_mall

    study_uplift.func(rule.pk)
    study_uplift_of_mall.func(mall.pk)
    assert {report.result["state"] for report in UpliftReport.objects.all()} == {"nothing_yet", "no_control"}
