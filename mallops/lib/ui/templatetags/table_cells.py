"""The cells of ``ui/table.html``. In Python: a page has hundreds, and a template takes ten times as long for each."""

from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from mallops.lib.ui.tables import NONE, Cell

from .ui import change_pill, share_bar, sparkline

register = template.Library()

SHORT = 10  # characters: a day, and most names in Chinese, which may break after any character


@register.simple_tag
def table_cell(cell: Cell, first: bool = False) -> SafeString:
    """A cell with all that is in it; the first of a row is the row's head."""
    start, end = ('<th scope="row"', "</th>") if first else ("<td", "</td>")
    names = " ".join(filter(None, [cell.column.css, fit(cell)]))
    css = f' class="{names}"' if names else ""
    body = BODIES.get(cell.column.kind, linked)(cell)
    sub = f'<span class="sub">{shown(cell.sub)}</span>' if cell.sub else ""
    return mark_safe(f"{start}{css}>{body}{sub}{end}")  # every value went through shown()


def fit(cell: Cell) -> str:
    """The class that keeps a day or a short name on one line, and that of a longer text, which gets a least width."""
    if cell.column.kind != "text" or cell.column.align == "end" or isinstance(cell.text, SafeString):
        return ""
    return "nowrap" if max(len(str(text)) for text in (cell.text, cell.sub or "")) <= SHORT else "words"


def shown(value: Any) -> str:
    """Text as a template shows it: escaped, numbers and days in the language's way."""
    return conditional_escape(value if isinstance(value, str) else localize(value))


def linked(cell: Cell, body: str | None = None) -> str:
    body = shown(cell.text) if body is None else body
    return f'<a href="{escape(cell.url)}">{body}</a>' if cell.url else body


def change(cell: Cell) -> str:
    return change_pill(cell.value) if cell.value else NONE


def share(cell: Cell) -> str:
    return share_bar(cell.value) + shown(cell.text)


def state(cell: Cell) -> str:
    text, tone = cell.value
    return linked(cell, f'<span class="state tone-{escape(tone)}">{shown(text)}</span>')


def spark(cell: Cell) -> str:
    return sparkline(cell.value, "spark-cell")


def mono(cell: Cell) -> str:
    return f'<span class="mono">{linked(cell)}</span>'


BODIES = {"change": change, "share": share, "state": state, "spark": spark, "mono": mono}
