"""What all figures share."""

from html import escape
from typing import Any

Figure = dict[str, Any]


def plain(text: str) -> str:
    """Text as Plotly shall show it: it takes some tags for markup."""
    return escape(text, quote=False)
