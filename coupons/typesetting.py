"""Text in Latin and Chinese letters broken into lines. Widths are in heights of the type. Pure."""

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

LETTER = 0.56  # of a Latin letter, on average; a Chinese one is as wide as it is high
STICKY = "，。、！？：；)） "  # begin no line


def wrap(text: str, room: float, at_most: int) -> Sequence[str]:
    """Break a text into lines that fit the room, by words where there are any; what `at_most` lines cannot hold is cut
    with an ellipsis."""
    lines, line = [], ""
    for word in _words(text, longest=int(room / LETTER)):
        if line and _width(line + word.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    return lines if len(lines) <= at_most else [*lines[: at_most - 1], f"{lines[at_most - 1][:-1]}…"]


def _words(text: str, longest: int) -> Iterator[str]:
    """Words with the blanks after them, the longest cut; each Chinese letter is one, with the mark after it."""
    word = ""
    for letter in text:
        ends = word and (_is_wide(letter) or _is_wide(word[-1]) or word[-1] == " ") and letter not in STICKY
        if ends or len(word) >= longest:
            yield word
            word = ""
        word += letter
    if word:
        yield word


def _width(text: str) -> float:
    return sum(1.0 if _is_wide(letter) else LETTER for letter in text)


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"
