"""What is set aside for loading comes back."""

import gc
import logging

import pytest
from django.db import connection

from mallops.demo.swift import swiftly

ASKED = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}


def strictness():
    with connection.cursor() as cursor:
        cursor.execute(ASKED[connection.vendor])
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_afterwards_everything_is_as_before(settings):
    settings.DEBUG = True
    before = strictness()
    with pytest.raises(ValueError), swiftly():
        assert strictness() in (1, "off")
        assert not gc.isenabled() and not settings.DEBUG
        assert not logging.getLogger("mallops.notices").isEnabledFor(logging.INFO)
        raise ValueError
    assert strictness() == before
    assert gc.isenabled() and settings.DEBUG
    assert logging.getLogger("mallops.notices").isEnabledFor(logging.INFO)


@pytest.mark.django_db
def test_within_a_transaction_commits_are_left_alone():
    before = strictness()
    with swiftly():
        assert strictness() == before
