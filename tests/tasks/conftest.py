"""A database of its own for tests with several processes, on whichever server the suite runs."""

import os
import uuid

import pytest
from django.conf import settings
from django.db import connections


@pytest.fixture
def process_database(tmp_path, django_db_blocker):
    """(environment for child processes, alias for this process) of a fresh, empty database."""
    server = settings.DATABASES["default"]
    name = f"mallops_storm_{uuid.uuid4().hex[:8]}"
    postgres = server["ENGINE"].endswith("postgresql")
    with django_db_blocker.unblock():
        if postgres:
            # The suite's own test database may be in a transaction, and CREATE DATABASE cannot be.
            entrance = connections["default"].copy("entrance")
            entrance.settings_dict["NAME"] = "postgres"
            with entrance.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
            place = f"{server['HOST']}:{server['PORT'] or 5432}"
            url = f"postgres://{server['USER']}:{server['PASSWORD']}@{place}/{name}"
        else:
            url = f"sqlite:///{tmp_path / 'storm.sqlite3'}"
        connections.databases["storm"] = {
            **connections["default"].settings_dict,
            "NAME": name if postgres else str(tmp_path / "storm.sqlite3"),
        }
        yield {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "CRITICAL"}, "storm"
        connections["storm"].close()
        del connections["storm"]
        del connections.databases["storm"]
        if postgres:
            with entrance.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            entrance.close()
