from datetime import UTC, date, datetime

import pytest

TODAY = date(2026, 11, 21)


@pytest.fixture
def now(monkeypatch) -> datetime:
    """20:00 of TODAY in Shanghai, the moment at which pages are opened."""
    moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return moment
