import io
from contextlib import contextmanager

import pytest
from django.db import transaction

from mallops.imports.models import ImportKind, ImportRun
from mallops.imports.running import run_file
from mallops.lib.tasks.progress import Cancelled

PAYMENT_HEADER = "store,channel,transaction_id,amount,paid_at,shopper\n"


class Now:
    """A context that lets the work run through; `stop_after` chunks it raises `error`."""

    def __init__(self, stop_after: int | None = None, error: type[Exception] = Cancelled) -> None:
        self.stop_after, self.error, self.said = stop_after, error, []

    def progress(self, done, total=None, note=""):
        self.said.append((done, total))
        if len(self.said) == self.stop_after:
            raise self.error

    @contextmanager
    def fenced(self):
        with transaction.atomic():
            yield


@pytest.fixture
def take(mall):
    """Import text or bytes as a kind of file; gives the run back."""

    def take(
        kind: str, data: str | bytes, context: Now | None = None, run: ImportRun | None = None, **fields
    ) -> ImportRun:
        data = data.encode() if isinstance(data, str) else data
        run = run or ImportRun.objects.create(mall=mall, kind=kind, file_name="a.csv", **fields)
        run_file(run, io.BytesIO(data), context or Now())
        run.refresh_from_db()
        return run

    return take


@pytest.fixture
def take_payments(take, store, other_store):
    def take_payments(rows: str, *args, **fields) -> ImportRun:
        return take(ImportKind.PAYMENTS, PAYMENT_HEADER + rows, *args, **fields)

    return take_payments


def counts(run: ImportRun) -> tuple:
    return run.state, run.rows, run.added, run.known, run.bad


def report_lines(run: ImportRun) -> list[str]:
    """The lines of the report without its head."""
    return run.report.open("rb").read().decode("utf-8-sig").splitlines()[1:] if run.report else []
