"""The month of docs/rebates.md, computed there by hand."""

import re
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q, Sum

from mallops import ledger_check
from settlements.maturity import mature
from settlements.models import CreditLine
from settlements.plans import PlanTerms
from settlements.queries.balances import trial_balance
from settlements.services.boosts import boost
from tests.factories import make_rule, make_stock

from .earning import MARCH, NOON, accrue, amounts, make_offer, undo, use

DAY = timedelta(days=1)
PLAN = PlanTerms(
    opening_fen=5_000, tiers=((0, 1_000), (2_500, 2_000)), cap_fen=600, maturity_days=10, credits_per_100_yuan=50
)


def said_in_docs() -> dict[str, tuple[float, ...]]:
    text = (Path(settings.BASE_DIR) / "docs" / "rebates.md").read_text(encoding="utf-8")
    table = text.split("<!-- example: rebates -->")[1].split("<!-- end -->")[0]
    rows = re.findall(r"^\| ([A-Z][^|]+) \| ([-\d.]+) \| ([-\d.]+) \| ([-\d.]+) \|$", table, re.MULTILINE)
    assert len(rows) == 4
    return {name: tuple(float(figure) for figure in figures) for name, *figures in rows}


def test_the_month_comes_to_what_the_docs_say(mall, store, provider):
    provider.agreements.update(from_day=date(2026, 3, 5))
    rule = make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))
    make_offer(provider, PLAN)
    uses = [use(store) for _ in range(6)]
    assert accrue(mall) == 7
    assert amounts(mall) == [100, 100, 150, 200, 50, 0]
    undo(uses[1], NOON + DAY)
    assert mature(mall, date(2026, 3, 20), now=NOON + 10 * DAY) == 6
    undo(uses[2], NOON + 12 * DAY)
    days = {"from_day": date(2026, 3, 23), "until_day": date(2026, 3, 25)}
    boost(provider=provider, rule=rule, weight=5, **days, now=NOON + 12 * DAY, by=None)
    found = {
        row.account.get_kind_display(): (row.debits_fen / 100, row.credits_fen / 100, row.balance_fen / 100)
        for row in trial_balance(mall, MARCH)
        if row.account.kind.startswith("rebate")
    }
    lines = CreditLine.objects.aggregate(
        out=Sum("credits", filter=Q(credits__lt=0)), into=Sum("credits", filter=Q(credits__gt=0)), left=Sum("credits")
    )
    found["Traffic credits"] = (-lines["out"], lines["into"], lines["left"])
    assert found == said_in_docs()
    assert list(ledger_check.problems(mall)) == []
