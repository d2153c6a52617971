"""What the four kinds of files have in common: rows of text become events, or problems that name the column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext as _

from mallops.imports.models import ImportRun
from mallops.lib.csvcolumns import Column, match_header

Reader = Callable[[str], Any]


class Problem(NamedTuple):
    """Why a row was not taken: its place in the chunk, the column as the file calls it (or none), and the reason."""

    place: int
    column: str
    reason: str


@dataclass(slots=True)
class Posted:
    """What became of events. `refused` has the place of an event, the name of a column, and the reason; `advice` is
    what somebody should do afterwards."""

    added: int = 0
    known: int = 0
    refused: list[Problem] = field(default_factory=list)
    advice: str = ""


class Door:
    """Reads the rows of one kind of file and hands them to the pipeline or to a service."""

    columns: ClassVar[tuple[Column, ...]]
    event: ClassVar[type[tuple]]  # its fields are in the order of the columns
    chunk_rows: ClassVar[int] = 20_000

    def __init__(self, run: ImportRun, header: Sequence[str], now: datetime) -> None:
        self.run, self.now = run, now
        self.source = f"import:{run.pk}"
        self.header = list(header)
        self.places = match_header(self.columns, header)
        self._read = list(zip(self.readers(), (self.places.get(column.name) for column in self.columns), strict=True))

    def readers(self) -> Sequence[Reader]:
        """A reader for each column."""
        raise NotImplementedError

    def post(self, events: Sequence[Any]) -> Posted:
        """Write events down, inside the transaction of the chunk."""
        raise NotImplementedError

    def decode(self, rows: Sequence[Sequence[str]]) -> tuple[list[Any], Sequence[int], list[Problem]]:
        """The events of good rows, the place of each one's row, and the problems of bad rows."""
        try:
            return self._decode_columns(rows), range(len(rows)), []
        except (ValueError, IndexError):
            return self._decode_rows(rows)

    def _decode_columns(self, rows: Sequence[Sequence[str]]) -> list[Any]:
        """Column by column, which is much faster; fails if there is any bad cell in the chunk."""
        cells = list(zip(*rows, strict=True))
        if len(cells) != len(self.header):
            raise ValueError
        values = [repeat(None) if place is None else map(read, cells[place]) for read, place in self._read]
        return list(map(self.event._make, zip(*values, strict=False)))

    def _decode_rows(self, rows: Sequence[Sequence[str]]) -> tuple[list[Any], list[int], list[Problem]]:
        events, places, problems = [], [], []
        for place, row in enumerate(rows):
            values, bad = self._decode_row(place, row)
            if bad:
                problems += bad
            else:
                events.append(self.event._make(values))
                places.append(place)
        return events, places, problems

    def _decode_row(self, place: int, row: Sequence[str]) -> tuple[list[Any], list[Problem]]:
        width = len(self.header)
        if len(row) < width or any(cell.strip() for cell in row[width:]):
            reason = _("has %(cells)d cells, the header has %(width)d") % {"cells": len(row), "width": width}
            return [], [Problem(place, "", reason)]
        values, problems = [], []
        for read, at in self._read:
            try:
                values.append(None if at is None else read(row[at]))
            except ValueError as error:
                problems.append(Problem(place, self.header[at], str(error)))
        return values, problems

    def title(self, name: str) -> str:
        """What the file calls a column."""
        return self.header[self.places[name]] if name in self.places else name
