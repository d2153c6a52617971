"""The tree of business categories with sub-tree totals, and one branch of it."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.categories import courses, over_time
from analytics.charts.mix import by_category
from analytics.forms.board import BoardForm
from analytics.queries import places
from analytics.queries.choice import Choice
from analytics.queries.sales import sales
from analytics.queries.stores import net_of_categories
from analytics.tables.sales import category_rows, category_table, store_rows, store_table
from analytics.tiles import OF_STORES
from mallops.lib.ui.parts import Empty
from merchants.choices import Action
from merchants.models import Category
from merchants.views.base import open_mall

from . import board, links
from .sections import by_day_and_hour, key_figures, show_mall


@login_required
@require_GET
def category_list(request: HttpRequest, mall: str) -> HttpResponseBase:
    kinds = ("category", "floor", "channel", "newness")
    return show_mall(request, mall, "_categories", tree, title=_("Categories"), kinds=kinds)


def tree(choice: Choice, form: BoardForm) -> board.Content:
    """Two levels below the chosen category, or from the top."""
    branches = choice.place.branches(choice.category)
    shown = [one for branch in branches for one in (branch, *choice.place.branches(branch))]
    if choice.category:
        shown.insert(0, choice.category)
    found = courses(choice, net_of_categories(choice), shown)
    rows = [row | {"spark": found[row["category"].pk]} for row in category_rows(choice, sales(choice), shown)]
    of_branches = [row for row in rows if row["category"] in branches]
    link = links.to_category(form)
    made = {"shares": over_time(choice, branches, found)} if branches else {}
    if of_branches:
        made["categories"] = by_category(choice, of_branches, lambda one: {"filter": {"category": one.code}})
    return {
        "charts": made,
        "tables": {"categories": category_table(choice, rows, form.query, down=links.down(form), link=link)},
    }


@login_required
@require_GET
def category_detail(request: HttpRequest, mall: str, code: str) -> HttpResponseBase:
    whole = places.of_mall(open_mall(request, mall, Action.VIEW))
    category = next((category for category in whole.categories if category.code == code), None)
    if category is None:
        raise Http404
    place = whole.part(whole.stores_in(category))
    below = [child for child in whole.branches(category) if whole.stores_in(child)]
    crumbs = [(_("Categories"), reverse("analytics:category_list", args=[mall]))]
    crumbs += [(one.name, reverse("analytics:category_detail", args=[mall, one.code])) for one in whole.above(category)]
    return board.show(
        request, place, "analytics/_category.html", partial(category_content, below), title=category.name,
        kinds=("floor", "channel", "newness"), crumbs=crumbs, no_stores=Empty(_("No store in this category")),
    )  # fmt: skip


def category_content(below: list[Category], choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice)
    if not found.now:
        return board.nothing_sold(form)
    made = by_day_and_hour(choice, found)
    link = links.to_category(form)
    if below:
        made["categories"] = by_category(choice, category_rows(choice, found, below), lambda one: {"url": link(one)})
    rows = store_rows(choice, found)
    return {
        "tiles": key_figures(choice, found.days, OF_STORES),
        "charts": made,
        "tables": {"stores": store_table(choice, rows, form.query, link=links.to_store(form))},
    }
