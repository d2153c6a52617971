"""The live view: minutes, events, today so far, and how the page asks again."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from analytics import rollups
from analytics.metrics import METRICS
from analytics.periods import latest, same_weekdays
from analytics.queries import places
from analytics.queries.choice import Choice
from analytics.queries.live import by_minute, events, so_far
from coupons.models import Redemption
from mallops import pipeline
from mallops.lib.dates import today
from payments.models import Shopper
from tests import factories

from .conftest import TODAY
from .test_pages import PART, text, tile_values

pytestmark = pytest.mark.django_db

MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=7)
HALF = datetime(2026, 11, 21, 12, 30, 30, tzinfo=UTC)  # 20:30:30 in Shanghai


@pytest.fixture(autouse=True)
def moment(now, monkeypatch):
    """Half past eight: an hour is under way."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: HALF)
    return HALF


@pytest.fixture
def choice(mall, store, other_store) -> Choice:
    return choose(mall)


def choose(mall, **picked) -> Choice:
    day = latest(1, TODAY)
    return Choice(places.of_mall(mall), day, same_weekdays(day), **picked)


@pytest.fixture
def busy(mall, store, other_store, moment):
    """Five minutes ago a payment at `store` that earns a coupon, used a minute later at `other_store`; a refund of a
    part of it; and yesterday's payment, which is not live."""
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant, name_en="Ten off")
    factories.make_rule(mall=mall, stock=stock, stores=(store.pk,), on_trigger_refund="keep")
    at = moment - 5 * MINUTE
    event = factories.payment_event(store, paid_at=at, amount_fen=12_300, shopper="anna")
    ((coupon,),) = [receipt.coupons for receipt in pay(mall, event, now=at)]
    redeem(mall, coupon.code, other_store, at + MINUTE)
    refund = factories.refund_event(event, amount_fen=2_300, refunded_at=at + 2 * MINUTE)
    pipeline.record_refunds(mall.pk, [refund], source="test", now=at + 2 * MINUTE)
    pay(mall, factories.payment_event(other_store, paid_at=moment - 21 * HOUR), now=moment)


def pay(mall, *events, now):
    return pipeline.record_payments(mall.pk, list(events), source="test", now=now)


def redeem(mall, code, store, at):
    return pipeline.redeem(
        mall_id=mall.pk, code=code, store_id=store.pk, order_fen=8_000, request_id=f"q{code}", source="test", now=at
    )


# --- What happened ---


def test_minutes(choice, busy, moment):
    minute = moment.replace(second=0)
    assert by_minute(choice, moment - HOUR, moment) == {
        minute - 5 * MINUTE: {"payments": 1, "gross_fen": 12_300, "issued": 1},
        minute - 4 * MINUTE: {"redeemed": 1, "discount_fen": 1_000, "coupon_sales_fen": 8_000},
        minute - 3 * MINUTE: {"refunds": 1, "refund_fen": 2_300},
    }


def test_minutes_of_a_store(mall, store, other_store, busy, moment):
    def at(chosen) -> dict:
        found = by_minute(choose(mall, store=chosen), moment - HOUR, moment)
        return {name: number for row in found.values() for name, number in row.items() if not name.endswith("_fen")}

    assert at(store) == {"payments": 1, "issued": 1, "refunds": 1}
    assert at(other_store) == {"redeemed": 1}


def test_undone_redemptions_are_taken_off(mall, choice, busy, moment):
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=Redemption.objects.get().pk, request_id="u", reason="", source="test",
        now=moment - MINUTE,
    )  # fmt: skip
    assert by_minute(choice, moment - 2 * MINUTE, moment) == {moment.replace(second=0) - MINUTE: {"reversals": 1}}
    assert METRICS["redeemed"].value(so_far(choice, ["redeemed"], moment).now) == 0


def test_events_are_the_newest_first(choice, busy, moment):
    found = events(choice, moment - HOUR, moment, 20)
    assert [(event.kind, event.amount_fen) for event in found] == [
        ("refund", 2_300), ("redeemed", 1_000), ("payment", 12_300), ("issued", 0),
    ]  # fmt: skip
    assert [event.kind for event in events(choice, moment - HOUR, moment, 2)] == ["refund", "redeemed"]


def test_of_this_mall_only(busy, moment):
    other = factories.make_store(mall=factories.make_mall())
    pay(other.mall, factories.payment_event(other, paid_at=moment - MINUTE), now=moment)
    found = by_minute(choose(other.mall), moment - HOUR, moment)
    assert [row["payments"] for row in found.values()] == [1]
    assert len(events(choose(other.mall), moment - HOUR, moment, 20)) == 1


# --- Today against the same weekday ---


@pytest.mark.parametrize("folded", [False, True])
def test_compared_day_ends_at_the_same_time_of_day(mall, store, choice, moment, folded):
    """20:30:30: of last week the hours before 20:00, and of that hour what came before 20:30:30."""
    amounts = {-2 * HOUR: 100, -31 * MINUTE: 20, -30 * MINUTE: 3, -timedelta(seconds=1): 4_000, timedelta(): 50_000,
               HOUR: 600_000}  # fmt: skip
    then = [factories.payment_event(store, paid_at=moment - WEEK + since, amount_fen=amount)
            for since, amount in amounts.items()]  # fmt: skip
    pay(mall, *then, factories.payment_event(store, paid_at=moment - MINUTE, amount_fen=7), now=moment)
    while folded and rollups.fold(mall.pk):
        pass
    day = so_far(choice, ["net_sales", "transactions"], moment)
    assert (day.now, day.before["gross_fen"], day.before["payments"]) == (
        {"gross_fen": 7, "payments": 1, "refund_fen": 0}, 4_123, 4,
    )  # fmt: skip
    assert day.hours[20]["gross_fen"] == 7


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/Sao_Paulo", "Australia/Sydney", "America/New_York"])
def test_in_any_zone(mall, store, moment, zone):
    mall.time_zone = zone
    mall.save()
    pay(mall, factories.payment_event(store, paid_at=moment - WEEK - MINUTE, amount_fen=5), now=moment)
    day = latest(1, today(zone, moment))
    found = so_far(Choice(places.of_mall(mall), day, same_weekdays(day)), ["net_sales"], moment)
    assert found.before["gross_fen"] == 5


# --- The page ---


@pytest.fixture
def url(mall):
    return reverse("analytics:live", args=[mall.slug])


def test_page(client, manager, url, store, other_store, busy):
    client.force_login(manager)
    answer = client.get(url)
    shown = text(answer)
    assert tile_values(answer) == ["¥100.00", "1", "¥123.00", "1", "1"]
    assert f"{store.name}: ¥123.00 paid by WeChat Pay" in shown
    assert f"{other_store.name}: coupon “Ten off” redeemed, ¥10.00 off an order of ¥80.00" in shown
    assert f"{store.name}: coupon “Ten off” given" in shown and f"{store.name}: ¥23.00 given back" in shown
    assert "2026-11-21 · 1 day · compared with 2026-11-14" in " ".join(re.sub("<[^>]+>", "", shown).split())
    assert 'hx-trigger="every 10s' in shown and 'aria-live="polite"' in shown


def test_nobody_is_named(client, manager, url, busy):
    client.force_login(manager)
    shown = text(client.get(url))
    shopper = Shopper.objects.get(identities__isnull=False)
    for secret in ("anna", shopper.identities.get().digest, f"#{shopper.pk}<"):
        assert secret not in shown


def test_the_minute_under_way_is_not_drawn(client, manager, mall, store, url, moment):
    pay(mall, factories.payment_event(store, paid_at=moment - timedelta(seconds=5)), now=moment)
    pay(mall, factories.payment_event(store, paid_at=moment.replace(second=0) - 60 * MINUTE), now=moment)
    client.force_login(manager)
    chart = client.get(url).context["charts"]["payments"]
    (trace,) = chart.figure["data"]
    assert (len(trace["x"]), trace["x"][0], trace["x"][-1]) == (60, "2026-11-21T19:30:00", "2026-11-21T20:29:00")
    assert (trace["y"][0], sum(trace["y"])) == (1, 1)


def test_asking_again_leaves_no_trace_in_the_history(client, manager, url, busy):
    client.force_login(manager)
    by_itself = client.get(url, headers=PART | {"HX-Trigger": "live"})
    assert "HX-Push-Url" not in by_itself
    assert 'hx-swap-oob="innerHTML:#live-said"' in text(by_itself)
    assert client.get(url, headers=PART | {"HX-Trigger": "filters"})["HX-Push-Url"] == url
    assert "hx-swap-oob" not in text(client.get(url))


def test_quiet_hour(client, manager, store, url):
    client.force_login(manager)
    shown = text(client.get(url))
    assert "No payment in these minutes" in shown and "No coupon in these minutes" in shown
    assert "Nothing happened in the last hour" in shown


@pytest.mark.parametrize("query", [{"store": "nothing"}, {"category": "x" * 5_000}, {"floor": "'"}])
def test_bad_filters(client, manager, url, busy, query):
    client.force_login(manager)
    answer = client.get(url, query, headers=PART)
    assert answer.status_code == 200 and 'role="alert"' in text(answer)


@pytest.mark.parametrize("stores", [1, 3])
def test_query_count_does_not_grow(client, manager, mall, url, busy, stores, moment, django_assert_num_queries):
    for _ in range(stores - 1):
        more = factories.make_store(mall=mall, floor=factories.make_floor(mall=mall))
        pay(mall, factories.payment_event(more, paid_at=moment - MINUTE), now=moment)
    client.force_login(manager)
    with django_assert_num_queries(21):
        assert client.get(url, headers=PART).status_code == 200


@pytest.mark.parametrize("persona", ["owner", "cashier", "provider_manager", "stranger"])
def test_others_see_nothing(client, request, url, busy, persona):
    client.force_login(request.getfixturevalue(persona))
    assert client.get(url).status_code == 404
