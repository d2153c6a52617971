"""A merchant's stores beside those of their categories, without a figure of any other (`analytics.standings`)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.standings import quartiles
from analytics.forms.board import BoardForm
from analytics.forms.partners import StandingForm
from analytics.queries.choice import Choice
from analytics.queries.standings import FALLING, standings
from analytics.standings import LEAST_OTHERS, LEAST_STORES
from analytics.tables.standings import rank_table
from merchants.choices import Action
from merchants.views.base import open_merchant

from . import board
from .merchant import show


@login_required
@require_GET
def merchant_benchmark(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)

    def content(choice: Choice, form: BoardForm) -> board.Content:
        compared = standings(merchant, choice)
        return {
            "charts": {key: quartiles(choice, key, compared) for key in FALLING},
            "tables": {"ranks": rank_table(compared)},
        }

    return show(
        request, merchant, "_merchant_benchmark", content, title=_("Rank in the category"), kinds=(),
        form_class=StandingForm, least_stores=LEAST_STORES, least_others=LEAST_OTHERS,
    )  # fmt: skip
