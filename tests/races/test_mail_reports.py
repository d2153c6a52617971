"""Mail reports that several workers find due at the same moment."""

from datetime import UTC, datetime

import pytest

from . import jobs, mail_jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]
COUNT, WORKERS = 100, 6
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def world(arena):
    world = arena.alone(jobs.build)
    arena.alone(mail_jobs.write, world, COUNT)
    return world


def test_each_period_is_asked_for_once(arena, world):
    arena.at_once(mail_jobs.ask, [(NOW,)] * WORKERS)
    assert arena.alone(mail_jobs.asked) == arena.alone(mail_jobs.reports)


def test_without_the_condition_of_the_update_mails_are_sent_twice(arena, world, figure):
    arena.take_out("mail claim")
    arena.at_once(mail_jobs.ask, [(NOW,)] * WORKERS)
    asked = arena.alone(mail_jobs.asked)
    figure(f"{len(asked)} mails for {COUNT} reports")
    assert len(asked) > COUNT
