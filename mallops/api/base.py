"""What the parts of the API that set things up share: only a mall's own key opens them."""

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import BasePermission
from rest_framework.viewsets import GenericViewSet


class OfMall(BasePermission):
    """The key is the mall's own: a provider's reaches stores, not rules."""

    def has_permission(self, request, view) -> bool:
        return bool(request.user) and request.user.reach is None


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200


class MallViewSet(GenericViewSet):
    """Things of the caller's mall, by their ids; those of other malls do not exist."""

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
