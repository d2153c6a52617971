"""When the mall is busy: hours of the week."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts import slots as charts
from analytics.forms.metric import HoursForm
from analytics.queries import sales
from analytics.queries.choice import Choice
from analytics.slots import slots
from mallops.lib.ui.parts import Empty

from . import board
from .sections import show_mall


@login_required
@require_GET
def mall_hours(request: HttpRequest, mall: str) -> HttpResponseBase:
    kinds = ("category", "floor", "store", "channel", "newness")
    return show_mall(request, mall, "_hours", content, title=_("Hours"), form_class=HoursForm, kinds=kinds)


def content(choice: Choice, form: HoursForm) -> board.Content:
    if not sales.knows_hours(choice):
        return {"empty": unknown(form)}
    key = form.shown
    cells = sales.hours(choice, [key], compared=True)
    now = slots(cells, choice.period, key)
    if not now:
        return board.nothing_sold(form)
    made = {"slots": charts.week(choice, key, now)}
    if choice.before:
        made["moved"] = charts.moved(choice, key, now, slots(cells, choice.before, key, side=1))
    return {"charts": made, "extremes": charts.words(choice, key, now)}


def unknown(form: HoursForm) -> Empty:
    why = _("Hours by channel or by new and returning shoppers are known for the whole mall.")
    url = form.address(category=None, floor=None, store=None)
    return Empty(_("Not known for a part of the mall"), why, url, _("Whole mall"))
