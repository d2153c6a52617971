"""How often the shoppers of a merchant came."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics import figures
from analytics.tables.merchant import visit_rows, visit_table
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart


def visits(counts: Sequence[int]) -> Chart:
    """`counts` of shoppers with a payment on one day of the period, on two, on three or more."""
    rows = visit_rows(counts)
    return Chart(
        id="visits",
        title=_("How often they came"),
        sub=_("Days with a payment at your stores in the period"),
        label=_("Bars: shoppers by the number of days on which they paid."),
        figure=figures.bars(
            [row["name"] for row in rows],
            [row["shoppers"] for row in rows],
            [_text(row) for row in rows],
            room=0.8,  # for both figures on a phone
        ),
        table=visit_table(rows),
    )


def _text(row) -> str:
    number = fmt.count(row["shoppers"])
    return number if row["share"] is None else f"{number} · {fmt.percent(row['share'])}"
