"""What the cells of a page say, without its markup."""

from typing import Any

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from mallops.lib.ui.tables import Cell


def text_of(value: Any) -> str:
    """Without markup, where it is known to be such."""
    return strip_tags(value) if isinstance(value, SafeString) else str(value)


def written(cell: Cell) -> str:
    """A cell in one line; of a state its text."""
    shown = cell.value[:1] if isinstance(cell.value, tuple | list) else [cell.text]
    return " · ".join(text_of(part) for part in (*shown, cell.sub) if part)
