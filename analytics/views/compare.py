"""Two to five stores side by side."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from analytics.charts import compare as charts
from analytics.forms.metric import CompareForm
from analytics.metrics import METRICS, Sums
from analytics.queries import places, visitors
from analytics.queries.choice import Choice
from analytics.queries.places import Place
from analytics.queries.sales import sales
from analytics.queries.stores import hours_of_stores, steps_of_stores
from analytics.tables.compare import side_by_side
from analytics.tiles import tile
from mallops.lib.ui.parts import Empty
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board, links

FEWEST, MOST = 2, 5
OF_HOURS = ("net_sales", "transactions", "average_ticket")  # other metrics are not told by hour for a store


@login_required
@require_GET
def store_compare(request: HttpRequest, mall: str) -> HttpResponseBase:
    whole = places.of_mall(open_mall(request, mall, Action.VIEW))
    wanted = list(dict.fromkeys(filter(None, request.GET.getlist("store"))))
    place = chosen(whole, wanted)
    stores_url = reverse("analytics:store_list", args=[mall])

    def content(choice: Choice, form: CompareForm) -> board.Content:
        if len(place.stores) < FEWEST:
            return {"empty": too_few(stores_url)}
        return compared(choice, form) | {"ignored": ignored(wanted, place)}

    return board.show(
        request, place, "analytics/_compare.html", content, title=_("Compare stores"), kinds=(),
        form_class=CompareForm, no_stores=too_few(stores_url), crumbs=[(_("Stores"), stores_url)],
    )  # fmt: skip


def chosen(whole: Place, codes: list[str]) -> Place:
    """The first few of the stores that the mall has, in the order asked for."""
    known = {store.code: store for store in whole.stores}
    return whole.part([known[code] for code in codes if code in known][:MOST])


def ignored(wanted: list[str], place: Place) -> str:
    """What is said of codes that are not shown."""
    left = len(wanted) - len(place.stores)
    if not left:
        return ""
    text = ngettext(
        "%(count)s store was left out: not of this mall, or more than %(most)s.",
        "%(count)s stores were left out: not of this mall, or more than %(most)s.", left,
    )  # fmt: skip
    return text % {"count": left, "most": MOST}


def too_few(url: str) -> Empty:
    return Empty(_("Choose two to five stores"), _("Tick them in the list of stores."), url, _("Stores"))


def compared(choice: Choice, form: CompareForm) -> board.Content:
    sums, link = of_stores(choice), links.to_store(form)
    tiles = []
    for store in choice.place.stores:
        now, before = sums[store.pk]
        made = tile(choice, form.shown, now, before or {}, spark=())
        tiles.append(replace(made, label=store.name, url=link(store)))
    return {
        "tiles": tiles,
        "charts": drawn(choice, form.shown),
        "tables": {"stores": side_by_side(choice, CompareForm.metrics, sums)},
    }


def of_stores(choice: Choice) -> dict[int, tuple[Sums, Sums | None]]:
    """By store id the sums of the period and, if there are any, of the compared days."""
    stores, found = choice.place.stores, sales(choice)

    def sums(side: int) -> dict[int, Sums]:
        people = visitors.by_store(choice, stores, side)
        return {one.pk: {**found.stores.get((side, one.pk), {}), "shoppers": people.get(one.pk)} for one in stores}

    now, before = sums(0), sums(1) if choice.before else {}
    return {store.pk: (now[store.pk], before.get(store.pk)) for store in stores}


def drawn(choice: Choice, key: str) -> dict:
    """By day and by hour; different shoppers are not told by day for a store, so there sales are drawn."""
    by_day = "net_sales" if METRICS[key].distinct else key
    by_hour = key if key in OF_HOURS else "net_sales"
    stores = choice.place.stores
    return {
        "days": charts.by_day(choice, by_day, steps_of_stores(choice, stores, [by_day])),
        "hours": charts.by_hour(choice, by_hour, hours_of_stores(choice, stores, [by_hour])),
    }
