"""What the mall's own systems tell about shoppers: tags, and cars in the car park."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.choices import Scope
from payments import parking, tags
from payments.shoppers import digest
from payments.validation import is_identity

from .authentication import Caller
from .base import Door, OfMall
from .parsing import Fields
from .problems import Problem
from .schema import Stay, StayLeft, Tags, described

TAGS_AT_MOST = 50


class ShopperFields(Fields):
    def shopper(self, caller: Caller) -> str | None:
        """The digest of the shopper whom the request names."""
        found = self.text("shopper", is_identity, _("takes 1 to 128 characters"))
        return found and digest(caller.mall_id, found)

    def tags(self) -> list[str]:
        found = self.data.get("tags")
        if not isinstance(found, list) or len(found) > TAGS_AT_MOST or not all(map(is_tag, found)):
            self.wrong("tags", _("takes a list of at most 50 texts of 1 to 40 characters"))
        return found


def is_tag(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 40 and value.isprintable()


class TagsView(Door):
    """PUT: let a shopper have exactly these tags."""

    scope = Scope.SHOPPERS
    permission_classes = [OfMall]

    @described(Tags, done={200: Tags})
    def put(self, request: Request) -> Response:
        fields = ShopperFields(request.data, frozenset({"shopper", "tags"}))
        shopper, wanted = fields.shopper(request.user), fields.tags()
        fields.refuse()
        kept = tags.replace(
            mall_id=request.user.mall_id, shopper=shopper, tags=[tag.strip() for tag in wanted], now=timezone.now()
        )
        return Response({"tags": kept})


class StaysView(Door):
    """POST: a shopper's car came into the car park. The same stay again is answered 200."""

    scope = Scope.SHOPPERS
    permission_classes = [OfMall]

    @described(Stay, done={200: Stay, 201: Stay}, problems=(409,))
    def post(self, request: Request) -> Response:
        now, mall_id = timezone.now(), request.user.mall_id
        fields = ShopperFields(request.data, frozenset({"shopper", "stay_id", "entered_at"}))
        shopper, stay_id = fields.shopper(request.user), fields.external_id("stay_id")
        entered_at = fields.moment("entered_at", now)
        fields.refuse()
        try:
            new = parking.enter(mall_id=mall_id, shopper=shopper, stay_id=stay_id, entered_at=entered_at, now=now)
        except parking.OtherShopper as error:
            raise Problem(409, "other_shopper", _("This stay is known for another shopper.")) from error
        return Response({"stay_id": stay_id}, status=201 if new else 200)


class StayLeftView(Door):
    """PUT: the car of a stay left."""

    scope = Scope.SHOPPERS
    permission_classes = [OfMall]

    @described(StayLeft, done={200: StayLeft}, problems=(404, 422))
    def put(self, request: Request, stay_id: str) -> Response:
        fields = ShopperFields(request.data, frozenset({"left_at"}))
        left_at = fields.moment("left_at", timezone.now())
        fields.refuse()
        try:
            stay = parking.leave(mall_id=request.user.mall_id, stay_id=stay_id, left_at=left_at)
        except ValueError as error:
            raise Problem(422, "left_before_entering", _("The car would have left before it came.")) from error
        if stay is None:
            raise Http404
        return Response({"stay_id": stay_id, "left_at": stay.left_at.isoformat()})
