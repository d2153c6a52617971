#!/usr/bin/env python
"""Take the Olist orders through the import door and compare every total with plain pandas on the raw files.

    .venv/bin/python scripts/check_real_data.py DIRECTORY

DIRECTORY holds the raw files of the "Brazilian E-Commerce Public Dataset by Olist" (.csv or .csv.gz); none of it
stays in the project. Works on a database of its own in a temporary directory. docs/real-data.md explains the mapping.
Ends with code 0 if everything is equal to the cent.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MALL, ZONE = "olist", "America/Sao_Paulo"
CHANNELS = {"credit_card": "card", "debit_card": "card"}  # boleto, voucher and the rest: other
REFUNDED = {"canceled", "unavailable"}
NO_CATEGORY = "no category"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    raw = read_raw(parser.parse_args().directory)
    sales = sales_of(raw)
    with tempfile.TemporaryDirectory() as directory:
        set_up(directory)
        for kind, frame in {
            "stores": stores_of(raw),
            "payments": payments_of(sales),
            "refunds": refunds_of(sales),
        }.items():
            take(kind, frame, Path(directory))
        fold()
        differences = compare(sales)
    print(
        "\n".join(differences) or "All equal: per store, per category and per month, in the ledger and in the roll-ups."
    )
    return 1 if differences else 0


# --- Raw files, with nothing of MallOps ---


def read_raw(directory: Path) -> dict:
    import pandas as pd

    names = {
        "orders": "olist_orders_dataset",
        "items": "olist_order_items_dataset",
        "tenders": "olist_order_payments_dataset",
        "customers": "olist_customers_dataset",
        "sellers": "olist_sellers_dataset",
        "products": "olist_products_dataset",
        "translation": "product_category_name_translation",
    }
    raw = {}
    for short, name in names.items():
        file = next(
            (directory / f"{name}{end}" for end in (".csv", ".csv.gz") if (directory / f"{name}{end}").exists()),
            None,
        )
        if file is None:
            sys.exit(f"{directory} has no {name}.csv or {name}.csv.gz")
        raw[short] = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        print(f"{name}: {len(raw[short]):,} rows")
    return raw


def cents(column):
    return (column.astype(float) * 100).round().astype("int64")


def categories_of(raw: dict):
    """Each seller's category: that of most of its items, the first by name among equals."""
    english = dict(raw["translation"].itertuples(index=False))
    products = raw["products"].set_index("product_id")["product_category_name"]
    names = raw["items"]["product_id"].map(products).fillna("")
    names = names.map(lambda name: english.get(name, name) or NO_CATEGORY)
    counted = raw["items"].assign(category=names).groupby(["seller_id", "category"]).size().reset_index(name="items")
    best = counted.sort_values(["items", "category"], ascending=[False, True]).drop_duplicates("seller_id")
    return best.set_index("seller_id")["category"]


def sales_of(raw: dict):
    """One row per order and seller: what was paid (price and freight), when, by whom, and what was given back."""
    items = raw["items"].assign(fen=cents(raw["items"]["price"]) + cents(raw["items"]["freight_value"]))
    sales = items.groupby(["order_id", "seller_id"], as_index=False)["fen"].sum()
    sales["number"] = sales.groupby("order_id").cumcount() + 1
    tenders = raw["tenders"].assign(fen=cents(raw["tenders"]["payment_value"]))
    main_tender = (
        tenders.sort_values("fen", ascending=False).drop_duplicates("order_id").set_index("order_id")["payment_type"]
    )
    orders = raw["orders"].merge(raw["customers"][["customer_id", "customer_unique_id"]], on="customer_id", how="left")
    sales = sales.merge(orders, on="order_id", how="left")
    sales["channel"] = sales["order_id"].map(main_tender).map(CHANNELS).fillna("other")
    sales["category"] = sales["seller_id"].map(categories_of(raw))
    sales["paid_at"] = sales["order_purchase_timestamp"]
    sales["refunded"] = sales["order_status"].isin(REFUNDED)
    zero, back = int((sales["fen"] == 0).sum()), int(sales["refunded"].sum())
    empty = len(set(raw["orders"]["order_id"]) - set(items["order_id"]))
    print(f"{len(sales):,} sales (order and seller), {back:,} of them refunded")
    print(f"Left out: {zero} sales of zero, {empty} orders without items")
    return sales[sales["fen"] > 0].assign(refunded_at=refund_times(sales))


def refund_times(sales):
    """No time is given for refunds: a day after the purchase."""
    import pandas as pd

    return (pd.to_datetime(sales["paid_at"]) + pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d %H:%M:%S")


# --- The files for the door ---


def stores_of(raw: dict):
    import pandas as pd

    sellers = raw["sellers"]
    return pd.DataFrame({
        "store": sellers["seller_id"],
        "name_en": sellers["seller_city"].str.title() + " " + sellers["seller_id"].str[:6],
        "category": sellers["seller_id"].map(categories_of(raw)).fillna(NO_CATEGORY),
    })  # fmt: skip


def payments_of(sales):
    import pandas as pd

    return pd.DataFrame({
        "store": sales["seller_id"],
        "channel": sales["channel"],
        "transaction_id": sales["order_id"] + "-" + sales["number"].astype(str),
        "amount": sales["fen"].map(lambda fen: f"{fen // 100}.{fen % 100:02d}"),
        "paid_at": sales["paid_at"],
        "shopper": sales["customer_unique_id"],
    })  # fmt: skip


def refunds_of(sales):
    refunded = payments_of(sales)[sales["refunded"]]
    return refunded.assign(refund_id=refunded["transaction_id"], refunded_at=sales["refunded_at"])


# --- Through the door, and back out of the database ---


def set_up(directory: str) -> None:
    sys.path.insert(0, str(ROOT))
    os.environ |= {"MALLOPS_VAR_DIR": directory, "DJANGO_SETTINGS_MODULE": "mallops.settings"}
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from merchants.models import Mall

    call_command("migrate", verbosity=0)
    Mall.objects.create(slug=MALL, name_en="Olist", time_zone=ZONE, currency="R$")


def take(kind: str, frame, directory: Path) -> None:
    from django.core.management import call_command

    file = directory / f"{kind}.csv"
    frame.to_csv(file, index=False)
    for attempt in ("first", "again"):
        began = time.perf_counter()
        print(f"{kind}, {attempt}: ", end="", flush=True)
        call_command("import_csv", str(file), mall=MALL, kind=kind, all_or_nothing=True)
        print(f"  {time.perf_counter() - began:.1f} s")


def fold() -> None:
    """What the background worker does every few seconds."""
    from analytics import rollups
    from merchants.models import Mall

    while rollups.fold(Mall.objects.get(slug=MALL).pk):
        pass


def compare(sales) -> list[str]:
    """Sums of payments and refunds in every cut, ours against those of the raw files."""
    refunded = sales[sales["refunded"]]
    expected = {
        ("payments", "store"): sales.groupby("seller_id")["fen"].sum(),
        ("payments", "category"): sales.groupby("category")["fen"].sum(),
        ("payments", "month"): sales.groupby(sales["paid_at"].str[:7])["fen"].sum(),
        ("refunds", "store"): refunded.groupby("seller_id")["fen"].sum(),
        ("refunds", "category"): refunded.groupby("category")["fen"].sum(),
        ("refunds", "month"): refunded.groupby(refunded["refunded_at"].str[:7])["fen"].sum(),
    }
    found = {"ledger": in_ledger(), "roll-ups": in_rollups()}
    differences = []
    for (what, cut), series in expected.items():
        raw = {key: int(fen) for key, fen in series.items()}
        print(f"{what} by {cut}: {len(raw):,} sums, {sum(raw.values()) / 100:,.2f} in all")
        for place, ours in found.items():
            sums = ours[what, cut]
            differences += [
                f"{place}, {what} by {cut} {key}: {sums.get(key, 0)} instead of {raw.get(key, 0)} cents"
                for key in sorted(raw.keys() | sums.keys())
                if raw.get(key, 0) != sums.get(key, 0)
            ]
    return differences


def in_ledger() -> dict:
    from payments.models import Payment, Refund

    return {
        (what, cut): sums(model.objects.filter(mall__slug=MALL), cut, "amount_fen")
        for what, model in (("payments", Payment), ("refunds", Refund))
        for cut in ("store", "category", "month")
    }


def in_rollups() -> dict:
    from analytics.models import StoreDay

    return {
        (what, cut): sums(StoreDay.objects.filter(mall__slug=MALL), cut, measure)
        for what, measure in (("payments", "gross_fen"), ("refunds", "refund_fen"))
        for cut in ("store", "category", "month")
    }


def sums(rows, cut: str, measure: str) -> dict[str, int]:
    from django.db.models import CharField, F, Sum
    from django.db.models.functions import Cast, Substr

    month = Substr(Cast("day", CharField()), 1, 7)
    key = {"store": F("store__code"), "category": F("store__category__name_en"), "month": month}[cut]
    totals = rows.values(key=key).annotate(fen=Sum(measure)).order_by()
    return {row["key"]: row["fen"] for row in totals if row["fen"]}


if __name__ == "__main__":
    sys.exit(main())
