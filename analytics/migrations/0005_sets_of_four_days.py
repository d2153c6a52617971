from itertools import groupby

from django.db import migrations, models
from pyroaring import BitMap64

SPAN = models.CharField(choices=[("day", "Day"), ("four", "Four"), ("month", "Month")], max_length=5)
TABLES = {"analytics_mallvisitors": "EXTERNAL", "analytics_storevisitors": "MAIN"}


def add_fours(apps, schema_editor):
    """The sets of four days, of those of the days there are."""
    model = apps.get_model("analytics", "MallVisitors")
    days = model.objects.filter(span="day").order_by("mall_id", "day")
    for (mall_id, first), sets in groupby(days.iterator(50), key=lambda row: (row.mall_id, first_of_four(row.day))):
        united = BitMap64().union(*(BitMap64.deserialize(bytes(row.shoppers)) for row in sets))
        model.objects.create(mall_id=mall_id, span="four", day=first, shoppers=united.serialize())


def first_of_four(day):
    return day.replace(day=day.day - (day.day - 1) % 4)


def drop_fours(apps, schema_editor):
    apps.get_model("analytics", "MallVisitors").objects.filter(span="four").delete()


def keep_plain(apps, schema_editor):
    """Sets are compact already: to unpack them takes half the time of reading a year, and to fetch those of stores
    from beside their table as much again. What is there stays as it is until it grows or is made anew."""
    if schema_editor.connection.vendor == "postgresql":
        for table, storage in TABLES.items():
            schema_editor.execute(f"ALTER TABLE {table} ALTER shoppers SET STORAGE {storage}")


class Migration(migrations.Migration):
    dependencies = [("analytics", "0004_months")]

    operations = [
        migrations.AlterField("mallvisitors", "span", SPAN),
        migrations.AlterField("storevisitors", "span", SPAN),
        migrations.RunPython(keep_plain, migrations.RunPython.noop),
        migrations.RunPython(add_fours, drop_fours),
    ]
