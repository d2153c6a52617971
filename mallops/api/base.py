"""What all doors of the API share: what a key may do, how often, and the sandbox."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import BasePermission
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from mallops.lib.cache import not_kept
from merchants.choices import Scope


class Scoped(BasePermission):
    """The key was given the scope of the view."""

    message = _("This key may not do that: it lacks the scope.")

    def has_permission(self, request, view) -> bool:
        return bool(request.user) and request.user.may(view.scope)


class OfMall(Scoped):
    """The key is the mall's own, for all its stores: others reach stores, not rules."""

    message = _("This needs a key of the mall itself, for all its stores and with this scope.")

    def has_permission(self, request, view) -> bool:
        return super().has_permission(request, view) and request.user.reach is None


class Door(APIView):
    """A view of the API. `scope` is what a key needs to use it. With a key of the sandbox everything runs and is
    answered, and then rolled back."""

    scope: str
    permission_classes = [Scoped]

    def dispatch(self, request, *args, **kwargs):
        with ExitStack() as self._around:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if getattr(request.user, "is_sandbox", False):
            self._around.enter_context(nothing_lasts())

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        caller = getattr(request, "_user", None)
        if caller:
            for name, value in caller.allowance.headers.items():
                response[name] = value
            if caller.is_sandbox:
                response["MallOps-Sandbox"] = "true"
        return response


@contextmanager
def nothing_lasts() -> Iterator[None]:
    """What is written inside is rolled back, and nothing compiled from it is kept."""
    with not_kept(), transaction.atomic():
        yield
        transaction.set_rollback(True)


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200


class MallViewSet(Door, GenericViewSet):
    """Things of the caller's mall, by their ids; those of other malls do not exist."""

    scope = Scope.RULES
    permission_classes = [OfMall]
    pagination_class = Pages

    def get_queryset(self):
        return super().get_queryset().filter(mall=getattr(self.request.user, "mall_id", None))

    def get_serializer_context(self) -> dict:
        return super().get_serializer_context() | {"mall_id": getattr(self.request.user, "mall_id", None)}

    def checked(self, data, **kwargs):
        """A serializer that has accepted the data. Raises ValidationError naming each field."""
        serializer = self.get_serializer(data=data, **kwargs)
        serializer.is_valid(raise_exception=True)
        return serializer
