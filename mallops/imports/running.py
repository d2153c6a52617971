"""Takes one file through its door, chunk by chunk; the page's task and the command both come here.

Each chunk is one transaction, which also moves on `read_bytes`: wherever an import stops, it goes on from there,
and no row counts twice. With all-or-nothing the whole file is one transaction, undone if a single row is bad.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from django.db import OperationalError, reset_queries, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mallops.lib.csvio import BadFile, Chunk, open_csv
from mallops.lib.garbage import without_gc
from mallops.lib.tasks.progress import Cancelled
from mallops.pipeline import ATTEMPTS, is_passing

from .doors import DOORS
from .doors.base import Posted, Problem
from .models import ImportRun, ImportState
from .report import Report

COUNTS = ("read_bytes", "read_lines", "rows", "added", "known", "bad", "report", "report_bytes", "message")


class Context(Protocol):
    """What a task's RunContext offers, and the command's stand-in for it."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None: ...

    def fenced(self) -> AbstractContextManager: ...


def run_file(run: ImportRun, file: BinaryIO, context: Context) -> None:
    """Import a file, from where an earlier attempt stopped; what became of it stands in `run`.

    Raises what the context raises to stop the work; a Cancelled one is noted on the run first.
    """
    try:
        importer = Importer(run, file, context)
        if run.all_or_nothing:
            importer.take_all_or_nothing()
        else:
            importer.take_good_rows()
    except BadFile as error:
        close(run, ImportState.REFUSED, str(error))
    except Cancelled:
        run.refresh_from_db()
        close(run, ImportState.CANCELLED, "")
        raise


def close(run: ImportRun, state: str, message: str) -> None:
    run.state, run.message, run.finished_at = state, message[:500], timezone.now()
    run.save(update_fields=["state", "message", "finished_at"])


class Importer:
    def __init__(self, run: ImportRun, file: BinaryIO, context: Context) -> None:
        self.run, self.context = run, context
        self.reader = open_csv(file)
        self.door = DOORS[run.kind](run, self.reader.header, timezone.now())
        if run.read_bytes:
            self.reader.resume(run.read_bytes, run.read_lines)
        self.report = Report(run, self.reader.header)
        run.state, run.encoding, run.total_bytes = ImportState.RUNNING, self.reader.encoding, self.reader.size
        run.save(update_fields=["state", "encoding", "total_bytes"])

    def take_good_rows(self) -> None:
        self._take_chunks(self._commit)
        self._refuse_if_empty()
        close(self.run, ImportState.DONE, self.run.message)

    def _commit(self, steps: Callable[[], None]) -> None:
        """Do the steps of a chunk in one transaction, again if the database broke a deadlock at our cost."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.context.fenced():
                    return steps()
            except OperationalError as error:
                if attempt == ATTEMPTS or not is_passing(error):
                    raise

    def take_all_or_nothing(self) -> None:
        with transaction.atomic():
            self._take_chunks(lambda steps: steps())
            self._refuse_if_empty()
            with self.context.fenced():
                close(self.run, ImportState.DONE, self.run.message)
            transaction.set_rollback(self.run.bad > 0)
        if self.run.bad:
            self._tell_nothing_taken()

    def _tell_nothing_taken(self) -> None:
        self.run.added = self.run.known = 0
        self.run.save(update_fields=COUNTS)
        close(self.run, ImportState.REFUSED, _("Nothing was taken over, because some rows are bad."))

    def _refuse_if_empty(self) -> None:
        if not self.run.rows:
            raise BadFile(_("There are no rows below the header."))

    def _take_chunks(self, commit: Callable[[Callable[[], None]], None]) -> None:
        while not self.reader.ended:
            chunk = self.reader.take(self.door.chunk_rows)
            if chunk:
                before = {name: getattr(self.run, name) for name in COUNTS}
                with without_gc():
                    commit(lambda chunk=chunk, before=before: self._take_chunk(chunk, before))
            self.context.progress(self.reader.position, self.reader.size)
            reset_queries()  # in debug mode Django keeps every statement, here megabytes long

    def _take_chunk(self, chunk: Chunk, before: dict) -> None:
        for name, value in before.items():  # a repeated attempt begins anew
            setattr(self.run, name, value)
        events, places, problems = self.door.decode(chunk.rows)
        posted = self.door.post(events) if events else Posted()
        problems += [problem._replace(place=places[problem.place]) for problem in posted.refused]
        self._count(chunk, posted, problems)
        self.report.add(self._report_lines(chunk, problems))
        self.run.save(update_fields=COUNTS)

    def _count(self, chunk: Chunk, posted: Posted, problems: list[Problem]) -> None:
        run = self.run
        run.rows += len(chunk)
        run.added += posted.added
        run.known += posted.known
        run.bad += len({problem.place for problem in problems}) + len(chunk.broken)
        run.message = posted.advice or run.message
        run.read_bytes, run.read_lines = self.reader.position, self.reader.line

    def _report_lines(self, chunk: Chunk, problems: list[Problem]):
        for place, column, reason in problems:
            yield chunk.lines[place], column, reason, chunk.rows[place]
        for line, reason, text in chunk.broken:
            yield line, "", reason, [text]
