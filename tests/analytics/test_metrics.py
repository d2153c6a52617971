from fractions import Fraction

import pytest

from analytics.metrics import METRICS, add, measures_of
from analytics.rollups import MEASURES

SUMS = {
    "payments": 3, "gross_fen": 10_000, "refunds": 1, "refund_fen": 1_250, "issued": 8, "redeemed": 5, "reversals": 1,
    "discount_fen": 900, "reversed_fen": 200, "coupon_sales_fen": 7_000, "reversed_sales_fen": 1_000,
    "expired": 2, "revoked": 1, "shown": 6, "new_shoppers": 2, "shoppers": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("net_sales", 8_750),
        ("gross_sales", 10_000),
        ("transactions", 3),
        ("average_ticket", 3_333),
        ("refunded", 1_250),
        ("refund_rate", Fraction(1, 8)),
        ("issued", 8),
        ("redeemed", 4),
        ("redemption_rate", Fraction(1, 2)),
        ("expired", 2),
        ("revoked", 1),
        ("discount", 700),
        ("coupon_sales", 6_000),
        ("refunds", 1),
        ("shown", 6),
        ("shoppers", 3),
        ("new_shoppers", 2),
        ("returning_shoppers", 1),
        ("average_refund", 1_250),
        ("refund_frequency", Fraction(1, 3)),
        ("show_rate", Fraction(3, 4)),
        ("coupon_ticket", 1_500),
        ("coupon_return", 857),  # fen of sales for each yuan of discount: 100 * 6,000 / 700
        ("undone", 1),
    ],
)
def test_value(key, value):
    assert METRICS[key].value(SUMS) == value


def test_every_metric_is_named_by_its_key():
    assert all(key == metric.key for key, metric in METRICS.items())


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_metric_is_made_of_measures_and_explained(metric):
    assert metric.measures
    assert metric.label and metric.definition and metric.basis
    assert metric.help == f"{metric.definition} {metric.basis}"


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_without_cells_amounts_are_zero_and_quotients_unknown(metric):
    assert metric.value({}) == (None if metric.per or metric.distinct else 0)
    assert metric.plain(None) == ""


@pytest.mark.parametrize(("gross", "payments", "ticket"), [(5, 2, 3), (7, 2, 4), (10, 3, 3), (20, 3, 7), (1, 3, 0)])
def test_average_ticket_rounds_half_up(gross, payments, ticket):
    assert METRICS["average_ticket"].value({"gross_fen": gross, "payments": payments}) == ticket


def test_texts_by_unit():
    assert METRICS["net_sales"].text(123_456_789) == "¥1,234,567.89"
    assert METRICS["net_sales"].text(1_05, "R$") == "R$1.05"
    assert METRICS["net_sales"].short(123_456_789) == "¥1.23M"
    assert METRICS["transactions"].text(32_234) == "32,234"
    assert METRICS["refund_rate"].text(Fraction(1, 8)) == "12.5%"
    assert METRICS["refund_rate"].text(None) == "–"


def test_plain_numbers_for_files():
    assert METRICS["net_sales"].plain(-123_456_789) == "-1234567.89"
    assert METRICS["transactions"].plain(32_234) == 32_234
    assert METRICS["redemption_rate"].plain(Fraction(25, 2)) == "1250.0"


def test_change_of_a_rate_is_in_points_and_fewer_refunds_are_better():
    rate = METRICS["refund_rate"].change(Fraction(1, 100), Fraction(3, 100))
    assert (rate.text, rate.tone) == ("-2.0 pp", "better")
    sales = METRICS["net_sales"].change(90, 100)
    assert (sales.text, sales.tone) == ("-10.0%", "worse")
    assert METRICS["discount"].change(90, 100).tone == "flat"


def test_different_shoppers_are_no_measure_to_sum():
    assert [key for key, metric in METRICS.items() if metric.distinct][:2] == ["shoppers", "returning_shoppers"]
    assert measures_of(["shoppers", "returning_shoppers"]) == ("new_shoppers",)
    assert METRICS["returning_shoppers"].value({"new_shoppers": 2}) is None


def test_what_is_not_known_has_no_value():
    assert METRICS["redeemed"].value({"redeemed": None, "reversals": None}) is None
    assert METRICS["redemption_rate"].value({"redeemed": 1, "issued": None}) is None
    assert add([{"issued": None, "payments": 1}, {"issued": 3, "payments": 2}]) == {"issued": None, "payments": 3}


def test_additive_metrics_are_made_of_measures():
    known = {key for key, metric in METRICS.items() if metric.measures <= set(MEASURES)}
    assert {"net_sales", "refunds", "new_shoppers", "shown", "coupon_sales"} <= known


def test_sums_add_up_by_measure():
    assert add([{"a": 1, "b": 2}, {"b": 3}, {}]) == {"a": 1, "b": 5}
    assert measures_of(["net_sales", "refund_rate"]) == ("gross_fen", "refund_fen")
