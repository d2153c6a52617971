"""The statements of the month of docs/settlements.md, computed there by hand."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from mallops import ledger_check
from merchants.models import Merchant
from settlements.models import Statement
from settlements.queries.statements import line_rows
from settlements.services import statements as services

from .stated import Desk
from .test_worked_example import example, happen  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
ROW = re.compile(r"^\| (\w+) \| ([^:|]+): ([^|]+) \| (\d+) \| (-?[\d.]+) \|$", re.MULTILINE)


def said_in_docs() -> list[tuple[str, str, str, int, int]]:
    """Party, account, kind, number of entries, fen."""
    text = (Path(settings.BASE_DIR) / "docs" / "settlements.md").read_text(encoding="utf-8")
    table = text.split("<!-- example: statements -->")[1].split("<!-- end -->")[0]
    rows = [(*said, int(count), round(float(yuan) * 100)) for *said, count, yuan in ROW.findall(table)]
    assert len(rows) == 6
    return rows


@pytest.fixture
def desk(example):  # noqa: F811
    happen(example)
    example.wait(timedelta(days=6))
    desk = Desk(example)
    example.close()
    return desk


def test_lines_and_totals_are_those_of_the_docs(desk):
    silk = Statement.objects.get(merchant__name_en="Silk")
    lantern = Statement.objects.get(provider__name_en="Lantern")
    found = [
        (row.party.name, line.account.get_kind_display(), line.get_kind_display(), line.count, line.amount_fen)
        for row in (silk, lantern)
        for line in line_rows(row)
    ]
    assert found == said_in_docs()
    assert (silk.total_fen, lantern.total_fen) == (933, -267)


def test_the_dispute_and_the_payments_of_the_docs(desk):
    desk.issue()
    desk.dispute(2)
    desk.settle(2, fen=120)
    desk.agree()
    assert desk.pay().total_fen == 933
    lantern = Statement.objects.get(provider__name_en="Lantern")
    step = {"statement": lantern, "by": desk.manager, "now": desk.world.now}
    for take, more in ((services.issue, {}), (services.agree, {}), (services.pay, {"reference": "b"})):
        take(**step, **more)
    desk.world.wait(timedelta(days=30))
    desk.world.close()
    february = Statement.objects.filter(month=date(2026, 2, 1))
    assert {row.party.name: row.total_fen for row in february} == {"Silk": 120}
    silk = Merchant.objects.get(name_en="Silk")
    balances = desk.world.balances()
    assert (balances["bank", None, None], balances["paid", silk.pk, None]) == (666, -933)
    assert sum(balances.values()) == 0 and list(ledger_check.problems(desk.mall)) == []
