"""The manual says what the registry says."""

from django.conf import settings
from django.utils import translation

from analytics.metrics import METRICS, Metric


def row(metric: Metric) -> str:
    terms = [f"({terms})" if " " in terms and metric.per else terms for terms in (metric.formula, metric.per) if terms]
    formula = " / ".join(terms)
    return f"| {metric.label} | {metric.definition} | {metric.basis} | `{formula}` |"


def test_every_figure_is_in_the_manual_as_it_is_defined():
    manual = (settings.BASE_DIR / "docs" / "dashboards.md").read_text()
    with translation.override("en"):
        expected = [row(metric) for metric in METRICS.values()]
    written = [line for line in manual.splitlines() if line.startswith("| ") and line.endswith("` |")]
    assert written == expected, "\n".join(["docs/dashboards.md shall have these rows:", *expected])
