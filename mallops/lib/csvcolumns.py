"""The columns of a file: their names in both languages, and which cell of a row is which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mallops.lib.csvio import BadFile


@dataclass(frozen=True, slots=True)
class Column:
    """`name` and `zh` are what a header may say; `help` (lazy) explains it on the page and in the template."""

    name: str
    zh: str
    help: str
    example: str
    required: bool = True

    @property
    def names(self) -> set[str]:
        return {normal(self.name), normal(self.zh)}


def normal(text: str) -> str:
    """A header without what people write differently; 交易单号 and 交易号 are the same."""
    return "".join(text.lower().split()).replace("_", "").replace("-", "").replace("单号", "号")


def match_header(columns: Iterable[Column], header: Sequence[str]) -> dict[str, int]:
    """The place of each known column. Other columns are left alone. Raises BadFile for what is missing or doubled."""
    found = [normal(cell) for cell in header]
    places: dict[str, int] = {}
    for column in columns:
        at = [place for place, name in enumerate(found) if name in column.names]
        if len(at) > 1:
            raise BadFile(_("The column “%(column)s” is there more than once.") % {"column": column.name})
        if at:
            places[column.name] = at[0]
    missing = [f"{column.name} ({column.zh})" for column in columns if column.required and column.name not in places]
    if missing:
        raise BadFile(
            _("The header lacks: %(missing)s. It says: %(found)s.")
            % {"missing": ", ".join(missing), "found": ", ".join(cell[:30] for cell in header[:12])}
        )
    return places
