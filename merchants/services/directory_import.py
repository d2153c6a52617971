"""Stores from a list, with the categories, floors and merchants they name. The same list twice changes nothing."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from merchants.models import Category, Floor, Mall, Merchant, Store, User
from merchants.models.base import touch_mall

from . import audit

ADDED, CHANGED, KNOWN, REFUSED = "added", "changed", "known", "refused"
_FLOOR = re.compile(r"(?P<below>B|-|地下|负)?[LF层]?(?P<number>\d{1,3})[F层楼]?", re.IGNORECASE)
_STORE_FIELDS = ("name_zh", "name_en", "category_id", "floor_id", "merchant_id", "unit", "closed_on")


class StoreRow(NamedTuple):
    """A line of the list; empty and None leave things as they are. `category` is the path from the top, as (en, zh)."""

    code: str
    name_en: str | None
    name_zh: str | None
    category: tuple[tuple[str, str], ...]
    floor: str | None = None
    unit: str | None = None
    merchant: str | None = None
    merchant_name: str | None = None
    registration_number: str | None = None
    closed_on: date | None = None


class StoreReceipt(NamedTuple):
    """What became of a row; a refused one names the field and the reason."""

    status: str
    field: str = ""
    reason: str = ""


@transaction.atomic
def import_stores(*, mall: Mall, rows: Sequence[StoreRow], actor: User | None) -> list[StoreReceipt]:
    """Add the stores that are new, bring the others up to date. A receipt per row, in order.

    A new store without a merchant gets one of its own code and name. Merchants that exist are not changed.
    """
    taking = _Taking(mall)
    receipts = [taking.take(row) for row in rows]
    taking.save()
    if taking.new or taking.changed:
        counts = {"added": [0, len(taking.new)], "changed": [0, len(taking.changed)]}
        audit.record(actor=actor, mall=mall, action="stores_imported", obj=mall, changes=counts)
    return receipts


class _Taking:
    """The directory of a mall in memory, while rows are laid over it."""

    def __init__(self, mall: Mall) -> None:
        self.mall = mall
        self.stores = {store.code: store for store in Store.objects.filter(mall=mall)}
        self.merchants = {merchant.code: merchant for merchant in Merchant.objects.filter(mall=mall)}
        self.floors = {floor.code: floor for floor in Floor.objects.filter(mall=mall)}
        self.tree = _Tree(mall)
        self.new: list[Store] = []
        self.new_merchants: list[Merchant] = []
        self.changed: dict[str, Store] = {}

    def take(self, row: StoreRow) -> StoreReceipt:
        store = self.stores.get(row.code)
        if store is None:
            return self._add(row)
        before = [getattr(store, name) for name in _STORE_FIELDS]
        self._lay_over(store, row)
        if [getattr(store, name) for name in _STORE_FIELDS] == before:
            return StoreReceipt(KNOWN)
        if store.pk:
            self.changed[store.code] = store
        return StoreReceipt(CHANGED)

    def _add(self, row: StoreRow) -> StoreReceipt:
        if not (row.name_en or row.name_zh):
            return StoreReceipt(REFUSED, "name_en", _("is needed for a new store"))
        store = Store(mall=self.mall, code=row.code)
        self._lay_over(store, row._replace(merchant=row.merchant or row.code))
        self.stores[row.code] = store
        self.new.append(store)
        return StoreReceipt(ADDED)

    def _lay_over(self, store: Store, row: StoreRow) -> None:
        store.category = self.tree.at(row.category)
        for name in ("name_en", "name_zh", "unit", "closed_on"):
            if value := getattr(row, name):
                setattr(store, name, value)
        if row.floor:
            store.floor = self._floor(row.floor)
        if row.merchant:
            store.merchant = self._merchant(row)

    def _floor(self, code: str) -> Floor:
        if code not in self.floors:
            match = _FLOOR.fullmatch(code)
            level = int(match["number"]) * (-1 if match["below"] else 1) if match else 0
            self.floors[code] = Floor.objects.create(mall=self.mall, code=code, level=level)
        return self.floors[code]

    def _merchant(self, row: StoreRow) -> Merchant:
        merchant = self.merchants.get(row.merchant)
        if merchant is None:
            names = {"name_en": row.name_en or "", "name_zh": row.name_zh or ""}
            if row.merchant_name:
                names = {_language_field(row.merchant_name): row.merchant_name}
            merchant = self.merchants[row.merchant] = Merchant(
                mall=self.mall, code=row.merchant, registration_number=row.registration_number or "", **names
            )
            self.new_merchants.append(merchant)
        return merchant

    def save(self) -> None:
        Merchant.objects.bulk_create(self.new_merchants)
        for store in [*self.new, *self.changed.values()]:
            store.merchant = store.merchant  # takes over the id that a new merchant has now
        Store.objects.bulk_create(self.new)
        Store.objects.bulk_update(self.changed.values(), _STORE_FIELDS)
        touch_mall(self.mall.pk)


class _Tree:
    """The mall's categories by parent and any of their names."""

    def __init__(self, mall: Mall) -> None:
        self.mall = mall
        self.found: dict[tuple[int | None, str], Category] = {}
        self.codes: set[str] = set()
        for category in Category.objects.filter(mall=mall):
            self._remember(category)

    def at(self, path: Sequence[tuple[str, str]]) -> Category | None:
        """The category at the end of a path; what is missing on the way is made."""
        category = None
        for names in path:
            parent = category
            keys = [(parent.pk if parent else None, name.casefold()) for name in names if name]
            category = next((self.found[key] for key in keys if key in self.found), None)
            if category is None:
                category = self._make(parent, *names)
        return category

    def _make(self, parent: Category | None, name_en: str, name_zh: str) -> Category:
        category = Category.objects.create(
            mall=self.mall, parent=parent, name_en=name_en, name_zh=name_zh, code=self._free_code(name_en),
            position=len(self.codes),
        )  # fmt: skip
        self._remember(category)
        return category

    def _remember(self, category: Category) -> None:
        self.codes.add(category.code)
        for name in (category.name_en, category.name_zh, category.code):
            if name:
                self.found.setdefault((category.parent_id, name.casefold()), category)

    def _free_code(self, name: str) -> str:
        wanted = slugify(name)[:32] or "category"
        code, number = wanted, 1
        while code in self.codes:
            number += 1
            code = f"{wanted}-{number}"
        return code


def category_path(text: str) -> tuple[tuple[str, str], ...]:
    """The steps of a path such as ``Food|餐饮/Hotpot|火锅`` as (English, Chinese); a step may have one of them only."""
    return tuple(_both_names(step.strip()) for step in text.split("/") if step.strip())


def _both_names(step: str) -> tuple[str, str]:
    first, bar, second = (part.strip() for part in step.partition("|"))
    if bar:
        return (first, second) if _language_field(first) == "name_en" else (second, first)
    return (first, "") if _language_field(first) == "name_en" else ("", first)


def _language_field(name: str) -> str:
    return "name_zh" if any("\u4e00" <= letter <= "\u9fff" for letter in name) else "name_en"
