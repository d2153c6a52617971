"""Tables: a column specification, sorting by a whitelist in the URL, pages. Drawn by ``ui/table.html``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mallops.lib.format import NONE, count, percent

PAGE_SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Empty:
    """Why there is nothing, and one thing to do about it: ``ui/empty.html``."""

    title: str
    text: str = ""
    url: str = ""
    action: str = ""
    icon: str = "empty"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` names a dict key or attribute of the row, dots follow relations; or give `value`."""

    key: str
    label: str
    align: Literal["start", "end", "center"] = "start"
    format: Callable[[Any], Any] | None = None  # value -> text (or safe HTML)
    sortable: bool | str = False  # a text names the key or database field to sort by
    url: Callable[[Any], str | None] | None = None  # row -> link of the cell
    sub: Callable[[Any], Any] | None = None  # row -> second line
    kind: Literal["text", "change", "share", "state", "spark", "mono", "moment", "html"] = "text"
    value: Callable[[Any], Any] | None = None  # row -> value
    title: str = ""  # definition, shown on hover of the head
    hide_on_phone: bool = False
    width: Literal["", "s", "m", "l"] = ""  # the same in tables that stand below each other; "": what is left
    export: bool = True

    def raw(self, row: Any) -> Any:
        return self.value(row) if self.value else _follow(row, self.key)

    @property
    def css(self) -> str:
        align = {"end": "num", "center": "align-center", "start": ""}[self.align]
        whole = "text-nowrap" if self.kind == "moment" else ""
        width = f"col-{self.width}" if self.width else ""
        return " ".join(filter(None, (align, whole, width, "hide-sm" if self.hide_on_phone else "")))


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    value: Any
    text: Any
    url: str | None
    sub: Any


@dataclass(frozen=True, slots=True)
class Head:
    column: Column
    aria_sort: str  # "ascending", "descending" or "" when the table is sorted by another column
    query: str  # the address that sorts by this column, "" when it cannot


@dataclass
class Table:
    """Rows of one page, sorted and paged as the query string asks and the columns allow."""

    columns: Sequence[Column]
    rows: QuerySet | Sequence[Any]
    params: Mapping[str, str] = field(default_factory=dict)  # request.GET
    label: str = ""  # names the table for screen readers
    default_sort: str = ""
    page_size: int | None = PAGE_SIZES[1]  # None: everything on one page
    target: str = ""  # id of the element that htmx swaps; empty: ordinary links
    empty: Empty = Empty(_("Nothing here"))
    prefix: str = ""  # of the parameters sort, page and size, when a page has two tables

    @cached_property
    def sort(self) -> str:
        """Key of the column sorted by, "-" before it for descending; anything not allowed is the default."""
        wanted = self.params.get(f"{self.prefix}sort", "")
        allowed = {column.key for column in self.columns if column.sortable}
        return wanted if wanted.removeprefix("-") in allowed else self.default_sort

    @cached_property
    def sorted_rows(self) -> QuerySet | Sequence[Any]:
        column = next((c for c in self.columns if c.key == self.sort.removeprefix("-")), None)
        if column is None:
            return self.rows
        by = column.sortable if isinstance(column.sortable, str) else column.key
        descending = self.sort.startswith("-")
        if isinstance(self.rows, QuerySet):
            expression = F(by.replace(".", "__"))
            order = expression.desc(nulls_last=True) if descending else expression.asc(nulls_last=True)
            return self.rows.order_by(order, "pk")
        read = column.raw if by == column.key else lambda row: _follow(row, by)
        known = [row for row in self.rows if read(row) is not None]
        return sorted(known, key=read, reverse=descending) + [row for row in self.rows if read(row) is None]

    @cached_property
    def page(self) -> Page:
        if self.page_size is None:
            return Paginator(self.sorted_rows, max(len(self.sorted_rows), 1)).page(1)
        wanted = self.params.get(f"{self.prefix}size", "")
        size = int(wanted) if wanted in map(str, PAGE_SIZES) else self.page_size
        return Paginator(self.sorted_rows, size).get_page(self.params.get(f"{self.prefix}page"))

    @property
    def heads(self) -> Iterator[Head]:
        for column in self.columns:
            mine = self.sort.removeprefix("-") == column.key
            aria_sort = ("descending" if self.sort.startswith("-") else "ascending") if mine else ""
            first, second = (column.key, f"-{column.key}") if column.align != "end" else (f"-{column.key}", column.key)
            query = self.query(sort=second if self.sort == first else first, page=None) if column.sortable else ""
            yield Head(column, aria_sort, query)

    @property
    def body(self) -> Iterator[list[Cell]]:
        for row in self.page:
            yield [self._cell(column, row) for column in self.columns]

    def _cell(self, column: Column, row: Any) -> Cell:
        value = column.raw(row)
        if column.format and value is not None:
            text = column.format(value)
        elif column.kind == "share":
            text = percent(value)
        else:
            text = NONE if value is None or value == "" else value
        return Cell(
            column,
            value,
            text,
            column.url(row) if column.url else None,
            column.sub(row) if column.sub else None,
        )

    def query(self, **changes: str | int | None) -> str:
        """The query string of this page with some of sort, page and size changed; None takes one away."""
        query = self.params.copy() if isinstance(self.params, QueryDict) else QueryDict(mutable=True)
        if not isinstance(self.params, QueryDict):
            query.update(self.params)
        for name, value in changes.items():
            query.pop(f"{self.prefix}{name}", None)
            if value is not None:
                query[f"{self.prefix}{name}"] = str(value)
        return f"?{query.urlencode()}"

    @property
    def page_links(self) -> list[tuple[str, str]]:
        """Text and address of the pager: numbers, with an ellipsis where pages are left out (no address)."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        return [(str(n), self.query(page=n) if isinstance(n, int) else "") for n in numbers]

    @property
    def page_text(self) -> str:
        return str(self.page.number)

    @property
    def previous_query(self) -> str:
        return self.query(page=self.page.previous_page_number())

    @property
    def next_query(self) -> str:
        return self.query(page=self.page.next_page_number())

    @property
    def sizes(self) -> list[tuple[int, str]]:
        return [(size, self.query(size=size, page=None)) for size in PAGE_SIZES]

    @property
    def summary(self) -> str:
        total = self.page.paginator.count
        return ngettext("%(count)s row", "%(count)s rows", total) % {"count": count(total)}


def tick(name: str, value: Any, form: str, label: str) -> SafeString:
    """A box by which a row is chosen for a form elsewhere on the page."""
    box = '<input class="form-check-input" type="checkbox" name="{}" value="{}" form="{}" aria-label="{}">'
    return format_html(box, name, value, form, label)


def _follow(row: Any, key: str) -> Any:
    for name in key.split("."):
        row = row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)
    return row
