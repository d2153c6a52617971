"""A past of one day, which has only just begun: nobody has paid yet."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mallops.demo import marks
from mallops.demo.days import Days
from mallops.demo.dealings import LONG_ENOUGH
from mallops.demo.load import Request, load
from mallops.imports.models import ImportRun
from mallops.ledger_check import problems

LAST = date(2026, 10, 31)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_day_that_has_only_just_begun(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    night = datetime(2026, 10, 30, 17, 38, tzinfo=UTC)
    load(Request(night, days=1, seed=7, scale=0.1), say=lambda line: None)
    assert not ImportRun.objects.exists()
    assert [problem for mall in marks.demo_malls() for problem in problems(mall)] == []


@pytest.mark.parametrize("length", [LONG_ENOUGH, LONG_ENOUGH + timedelta(days=1), timedelta(days=17)])
def test_a_hand_over_has_a_day_for_each_step(length):
    days = Days(None, LAST - length, LAST)
    assert days.first < days.ago(32) < days.ago(28) < days.ago(24) and days.ago(16) < days.ago(4)
