"""Colours and letters of documents: the light palette of static/ui/mall.css, and fonts that need no files.

Latin letters are Helvetica's; what it lacks, such as Chinese, is left to a font of the reader's own, and what both
lack, such as emoji, is left out.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

COLOURS = {
    "bg": "#f4f6f9", "panel": "#fff", "line": "#e3e8ee", "control": "#8592a4", "ink": "#16202e", "muted": "#566274",
    "brand": "#0f5bd7", "better": "#0b58c9", "worse": "#a8430b", "c1": "#0f5bd7", "c2": "#e26b26", "c3": "#551f73",
    "c4": "#2199e1", "c5": "#9e0422", "c6": "#a25f82", "other": "#8592a4", "seq-0": "#eef4fd", "seq-1": "#c9ddfa",
    "seq-2": "#93bcf4", "seq-3": "#5591e8", "seq-4": "#1f66d2", "seq-5": "#0a3a8f", "div-0": "#f9c49e",
    "div-1": "#fde3d0", "div-2": "#e4e9ef", "div-3": "#d6e5fc", "div-4": "#a9c9f8",
}  # fmt: skip
ROLES = {
    "muted": "control", "up": "div-4", "down": "div-0", "campaign": "c2", "holiday": "c2", "launch": "c3", "note": "c4",
}  # fmt: skip
LATIN, BOLD, CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"


@lru_cache
def colour(name: str) -> Any:
    from reportlab.lib.colors import HexColor

    code = COLOURS.get(name, COLOURS["c1"])
    return HexColor(code if len(code) == 7 else "#" + "".join(2 * digit for digit in code[1:]))


def of_role(role: str) -> Any:
    """The colour of a role that figures name (docs/ui.md)."""
    return colour(ROLES.get(role, role))


def mixed(start: str, end: str, share: float) -> Any:
    """A colour between two of the palette."""
    from reportlab.lib.colors import linearlyInterpolatedColor

    return linearlyInterpolatedColor(colour(start), colour(end), 0, 1, min(max(share, 0), 1))


def blend(name: str, strength: float) -> Any:
    """A colour on white paper, as if it let some of it through."""
    from reportlab.lib.colors import linearlyInterpolatedColor, white

    return linearlyInterpolatedColor(white, colour(name), 0, 1, strength)


def know_chinese() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    if CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


@lru_cache(20_000)
def runs(text: str, bold: bool = False) -> tuple[tuple[str, str], ...]:
    """Pieces of a text, each with the font that has its letters."""
    kept = ((_font(letter, bold), letter) for letter in text if " " <= letter and ord(letter) < 0x10000)
    return tuple(
        (font, "".join(letter for _font, letter in piece)) for font, piece in groupby(kept, lambda one: one[0])
    )


@lru_cache(5_000)
def _font(letter: str, bold: bool) -> str:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return CHINESE
    return BOLD if bold else LATIN


@lru_cache(20_000)
def width(text: str, size: float, bold: bool = False) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return sum(stringWidth(piece, font, size) for font, piece in runs(text, bold))


def fit(text: str, room: float, size: float, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it does not fit."""
    if width(text, size, bold) <= room:
        return text
    while text and width(f"{text}…", size, bold) > room:
        text = text[:-1]
    return f"{text}…" if text else ""


def draw(canvas: "Canvas", x: float, y: float, text: str, size: float, ink: str = "ink", *, align="start", bold=False):
    """A text on its base line, at `x` its start, middle or end."""
    shift = {"start": 0, "center": 0.5, "end": 1}[align]
    line = canvas.beginText(x - shift * width(text, size, bold), y)
    line.setFillColor(colour(ink))
    for font, piece in runs(text, bold):
        line.setFont(font, size)
        line.textOut(piece)
    canvas.drawText(line)


def broken(text: str, room: float, size: float) -> Iterator[str]:
    """The lines of a text, broken at blanks or between Chinese letters."""
    line = ""
    for word in _words(text):
        if line and width(line + word.rstrip(), size) > room:
            yield line.rstrip()
            line = ""
        line += word
    yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        word += letter
        if letter == " " or ord(letter) > 0x2E80:
            yield word
            word = ""
    yield word
