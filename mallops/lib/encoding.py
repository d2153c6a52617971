"""Which encoding a text file is in, found out line by line without taking it into memory."""

import codecs
import tempfile
from functools import partial
from typing import BinaryIO

from django.utils.translation import gettext as _

MAX_LINE = 64 * 1024  # bytes of one line
_BLOCK = 1 << 20
UTF8, _GB18030, UTF16 = "utf-8", "gb18030", "utf-16"
_MARKS = {
    codecs.BOM_UTF8: UTF8,
    b"\x84\x31\x95\x33": _GB18030,
    codecs.BOM_UTF16_LE: UTF16,
    codecs.BOM_UTF16_BE: UTF16,
}
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class BadFile(ValueError):
    """The file as a whole cannot be read; the message is a translated sentence."""


def detect_encoding(file: BinaryIO) -> tuple[str, int]:
    """The encoding of a text file and the length of its byte-order mark. Raises BadFile if it is none.

    Without a mark: UTF-8, unless most of the first thousand lines beyond ASCII cannot be UTF-8; then GB18030.
    """
    file.seek(0)
    head = file.read(4096)
    if not head.strip():
        raise BadFile(_("The file is empty."))
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding, len(mark)
    if head.startswith(_SPREADSHEETS):
        raise BadFile(_("This is a spreadsheet or an archive. Save it as CSV (UTF-8) and upload that file."))
    if b"\0" in head:
        raise BadFile(_("This is not a text file. Save the table as CSV (UTF-8) and upload that file."))
    file.seek(0)
    return (UTF8 if _looks_like_utf8(file) else _GB18030), 0


def _looks_like_utf8(file: BinaryIO, enough: int = 1000) -> bool:
    votes = []
    for line in iter(partial(file.readline, MAX_LINE), b""):
        if not line.isascii():
            votes.append(_is_utf8(line))
            if len(votes) == enough:
                break
    return sum(votes) * 2 >= len(votes)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def as_utf8(file: BinaryIO) -> BinaryIO:
    """A copy on disk: line ends of UTF-16 cannot be found bytewise. The same each time, to resume in."""
    copy = tempfile.TemporaryFile()
    decoder = codecs.getincrementaldecoder(UTF16)("replace")
    file.seek(0)
    for block in iter(partial(file.read, _BLOCK), b""):
        copy.write(decoder.decode(block).encode(UTF8, "replace"))
    copy.write(decoder.decode(b"", final=True).encode(UTF8, "replace"))
    return copy
