"""The report of an import: one line for each thing wrong, with the row as it stood in the file."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from mallops.lib.csvio import safe_cell

from .models import ImportRun


class Report:
    """Appends to the run's report file, which is made with the first line.

    The run keeps how many bytes of it belong to committed chunks; what a lost attempt wrote beyond is cut off.
    """

    def __init__(self, run: ImportRun, header: Sequence[str]) -> None:
        self.run, self.header = run, header

    def add(self, lines: Iterable[tuple[int, str, str, Sequence[str]]]) -> None:
        """Lines of (line in the file, column, reason, the row). The caller saves the run."""
        lines = sorted(lines, key=lambda line: line[0])
        if not lines:
            return
        if not self.run.report:
            self._begin()
        with Path(self.run.report.path).open("r+", encoding="utf-8", newline="") as file:
            file.truncate(self.run.report_bytes)
            file.seek(0, os.SEEK_END)
            self._write(file, ([*line[:3], *line[3]] for line in lines))
            self.run.report_bytes = file.tell()

    def _begin(self) -> None:
        name = default_storage.generate_filename(f"imports/reports/{self.run.pk}.csv")
        path = Path(default_storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            self._write(file, [[_("Line"), _("Column"), _("Reason"), *self.header]])
            self.run.report_bytes = file.tell()
        self.run.report = name

    @staticmethod
    def _write(file: Any, rows: Iterable[Sequence[Any]]) -> None:
        csv.writer(file).writerows([safe_cell(cell) for cell in row] for row in rows)
