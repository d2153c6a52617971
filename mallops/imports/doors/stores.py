"""Stores with their categories, floors and merchants."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mallops.imports import cells
from mallops.lib.csvcolumns import Column
from merchants.services.directory_import import KNOWN, REFUSED, StoreRow, category_path, import_stores

from .base import Door, Posted, Problem, Reader

ONE_NAME = gettext_lazy("A new store needs one of its two names.")
NEW_MERCHANT = gettext_lazy("Used when the merchant is new.")


def optional(read: Reader) -> Reader:
    def read_or_none(text: str) -> Any:
        return read(text.strip()) if text.strip() else None

    return read_or_none


def text_of(longest: int) -> Reader:
    return optional(lambda text: cells.plain(text, longest))


def read_category(text: str) -> tuple[tuple[str, str], ...]:
    path = category_path(cells.plain(text, 400))
    if not path:
        raise ValueError(_("is empty"))
    if len(path) > 5 or any(len(name) > 120 for names in path for name in names):
        raise ValueError(_("has more than five levels, or a name of more than 120 characters"))
    return path


class StoreDoor(Door):
    event = StoreRow
    chunk_rows = 2_000
    columns = (
        Column("store", "门店编号", gettext_lazy("The store's own code, at most 40 characters."), "hotpot"),
        Column("name_en", "英文名", ONE_NAME, "Red Pot", required=False),
        Column("name_zh", "中文名", ONE_NAME, "红锅", required=False),
        Column("category", "业态", gettext_lazy("Path from the top; each step in English, Chinese or both."),
               "Food|餐饮/Hotpot|火锅"),
        Column("floor", "楼层", gettext_lazy("Such as B1 or L2."), "L4", required=False),
        Column("unit", "铺位", gettext_lazy("Such as L2-05."), "L4-12", required=False),
        Column("merchant", "商户编号", gettext_lazy("Empty: the store's code."), "m-redpot", required=False),
        Column("merchant_name", "商户名称", NEW_MERCHANT, "红锅餐饮有限公司", required=False),
        Column("registration_number", "统一社会信用代码", NEW_MERCHANT, "", required=False),
        Column("closed_on", "撤店日期", gettext_lazy("A day such as 2026-03-31, or empty."), "", required=False),
    )  # fmt: skip

    def readers(self) -> Sequence[Reader]:
        code, name = cells.identifier, text_of(120)
        return (
            lambda text: code(text, 40), name, name, read_category, text_of(12), text_of(20),
            optional(lambda text: code(text, 40)), name, text_of(40), optional(cells.day),
        )  # fmt: skip

    def post(self, events: Sequence[Any]) -> Posted:
        receipts = import_stores(mall=self.run.mall, rows=events, actor=self.run.created_by)
        posted = Posted()
        for place, receipt in enumerate(receipts):
            if receipt.status == REFUSED:
                posted.refused.append(Problem(place, self.title(receipt.field), receipt.reason))
            elif receipt.status == KNOWN:
                posted.known += 1
            else:
                posted.added += 1
        return posted
