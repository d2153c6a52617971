"""CSV in and out: never more than a chunk in memory, no formula reaches a spreadsheet."""

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from .encoding import MAX_LINE, UTF8, UTF16, BadFile, as_utf8, detect_encoding

MAX_LINES = 50  # lines that one record (quoted text with line ends in it) may take
AT_ONCE = 500  # rows in a piece of a streamed answer
_FORMULA = re.compile(r"\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class BadLine(ValueError):
    """One line cannot be read; the message is a translated phrase."""


# --- In ---


@dataclass(slots=True)
class Chunk:
    """Records, the lines on which they begin, and the lines that are no record: number, why and text."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.broken)


def open_csv(file: BinaryIO) -> "CsvReader":
    """A reader whose `header` is the first record. Raises BadFile for what is empty, binary or headless."""
    encoding, start = detect_encoding(file)
    if encoding == UTF16:
        file, encoding, start = as_utf8(file), UTF8, 0
    file.seek(start)
    reader = CsvReader(file, encoding, _delimiter(file.readline(MAX_LINE)))
    reader.resume(start, 0)
    first = reader.take(1)
    if not first.rows:
        why = first.broken[0][1] if first.broken else _("it is empty")
        raise BadFile(_("The first line is not a header: %(why)s.") % {"why": why})
    reader.header = first.rows[0]
    return reader


def _delimiter(first_line: bytes) -> str:
    return max(",", ";", "\t", key=lambda mark: first_line.count(mark.encode()))


class CsvReader:
    """The records of a CSV file in bounded memory.

    Between two calls of `take`, `position` (bytes) and `line` say how far it was read and `resume` goes on.
    A broken line costs only itself: reading goes on with the next, also after a quote that is never closed.
    """

    def __init__(self, file: BinaryIO, encoding: str, delimiter: str) -> None:
        self.encoding = encoding
        self.header: list[str] = []
        self.line = 0
        self.ended = False
        self._file = file
        self._delimiter = delimiter
        self.size = file.seek(0, os.SEEK_END)
        self.resume(0, 0)

    @property
    def position(self) -> int:
        return self._file.tell()

    def resume(self, position: int, line: int) -> None:
        self._file.seek(position)
        self.line = line
        self._restart()

    def take(self, count: int) -> Chunk:
        """The next records, at most `count` together with broken lines; blank lines are passed over."""
        chunk = Chunk()
        while not self.ended and len(chunk) < count:
            try:
                self._fill(chunk, count)
            except (csv.Error, UnicodeDecodeError, BadLine) as error:
                chunk.broken.append(self._skip(error))
        return chunk

    def _fill(self, chunk: Chunk, count: int) -> None:
        rows, lines, count = chunk.rows, chunk.lines, count - len(chunk.broken)
        for row in self._records:
            if any(row):
                rows.append(row)
                lines.append(self.line - self._taken + 1)
            self._taken = 0
            if len(rows) >= count:
                return
        self.ended = True

    def _restart(self) -> None:
        self._taken = 0  # lines of the record that is being read
        self._first = b""
        self._records = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        """Lines for the csv module, which asks for one more as long as a quote is open."""
        readline, encoding = self._file.readline, self.encoding
        while raw := readline(MAX_LINE):
            if self._taken == 0:
                self._first = raw
            elif self._taken == 1:
                self._second = self._file.tell() - len(raw)
            elif self._taken >= MAX_LINES:
                raise BadLine
            self._taken += 1
            self.line += 1
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                self._pass_line_end()
                raise BadLine(_("is longer than %(limit)d bytes") % {"limit": MAX_LINE})
            if b"\0" in raw:
                raise BadLine(_("contains NUL characters"))
            yield raw.decode(encoding)

    def _pass_line_end(self) -> None:
        while (rest := self._file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass

    def _skip(self, error: Exception) -> tuple[int, str, str]:
        """Give up the first line of the record in hand; what was read beyond it is read again on its own."""
        number = self.line - self._taken + 1
        text = self._first.decode(self.encoding, "replace").rstrip("\r\n")
        why = str(error) if isinstance(error, BadLine) else self._why(error)
        if self._taken > 1:
            self.line = number
            self._file.seek(self._second)
            why = _("opens a quote that is not closed")
        self._restart()
        return number, why, text[:1000].replace("\0", "\N{REPLACEMENT CHARACTER}")

    def _why(self, error: Exception) -> str:
        if isinstance(error, UnicodeDecodeError):
            return _("is not text in %(encoding)s") % {"encoding": self.encoding.upper()}
        if "unexpected end" in str(error):
            return _("opens a quote that is not closed")
        return _("has a quote or a line end in a wrong place")


# --- Out ---


def safe_cell(value: Any) -> Any:
    """The value as it may stand in a file for spreadsheets: text that would run as a formula gets a quote."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def write_rows(stream: io.TextIOBase, rows: Iterable[Sequence[Any]]) -> None:
    csv.writer(stream).writerows([safe_cell(cell) for cell in row] for row in rows)


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Rows as text for a streamed answer, some at a time. Begins with a byte-order mark, by which Excel knows UTF-8."""
    yield "\ufeff"
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        text = io.StringIO()
        write_rows(text, some)
        yield text.getvalue()
