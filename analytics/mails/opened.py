"""Boards without a browser: the page of a saved view, as a reader would see it, with that reader's rights."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from analytics.boards import BadFilters, BareRequest, BareResponse, Board
from merchants.models import User


class NotOpened(Exception):
    """The page cannot be shown to the reader; the message says why, in the active language."""


def open_board(*, page: str, arguments: dict, query: str, user: User) -> Board:
    """`page` is the name of a URL, `arguments` are its own. Raises NotOpened where the page, the right to it or what it
    filters by is gone."""
    request = BareRequest()
    request.user, request.GET = user, QueryDict(query)
    try:
        request.path = request.path_info = reverse(page, kwargs=arguments)
        request.resolver_match = match = resolve(request.path)
        answer = match.func(request, *match.args, **match.kwargs)
    except (Http404, NoReverseMatch, Resolver404):
        raise NotOpened(_("The page does not exist any more, or is not yours to see.")) from None
    except PermissionDenied:
        raise NotOpened(_("You may not see these figures any more.")) from None
    except BadFilters as error:
        raise NotOpened(_("The filters do not fit any more: %(why)s") % {"why": error}) from None
    if not isinstance(answer, BareResponse):
        raise NotOpened(_("This page cannot be mailed."))
    return answer.board
