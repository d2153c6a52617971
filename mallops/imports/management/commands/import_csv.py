import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from mallops.imports.models import ImportKind, ImportRun, ImportState
from mallops.imports.running import run_file
from merchants.models import Mall


class Bar:
    """Shows progress; the command's stand-in for the context of a task."""

    def __init__(self, size: int) -> None:
        self._bar = tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=None)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def fenced(self) -> AbstractContextManager:
        return transaction.atomic()

    def close(self) -> None:
        self._bar.close()


class Command(BaseCommand):
    help = "Import a CSV file of stores, payments, refunds or redemptions. Running it twice adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The file; docs/imports.md describes the columns.")
        parser.add_argument("--mall", required=True, help="Short name of the mall.")
        parser.add_argument("--kind", required=True, choices=ImportKind.values)
        parser.add_argument("--all-or-nothing", action="store_true", help="Take no row if one is bad.")
        parser.add_argument("--award", action="store_true", help="Award coupons for recent payments.")

    def handle(self, *, file: Path, mall: str, kind: str, all_or_nothing: bool, award: bool, **options: Any) -> None:
        found = Mall.objects.filter(slug=mall).first()
        if found is None:
            raise CommandError(f"There is no mall “{mall}”.")
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        run = ImportRun.objects.create(
            mall=found, kind=kind, file_name=file.name[-200:], all_or_nothing=all_or_nothing, award=award
        )
        bar = Bar(file.stat().st_size)
        with file.open("rb") as stream:
            run_file(run, stream, bar)
        bar.close()
        self.tell(run)

    def tell(self, run: ImportRun) -> None:
        self.stdout.write(f"{run.rows} rows: {run.added} added, {run.known} known already, {run.bad} bad.")
        if run.report:
            self.stdout.write(f"Report: {run.report.path}")
        if run.state != ImportState.DONE or run.bad:
            raise CommandError(run.message or f"{run.bad} rows are bad.", returncode=1 if run.added or run.known else 2)
        if run.message:
            self.stdout.write(run.message)
