"""PUT /shoppers/contact: where a shopper wants notices."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.choices import Scope
from payments import contacts, shoppers

from .base import Door, OfMall
from .schema import described
from .shoppers import ShopperFields

LANGUAGES = dict(settings.LANGUAGES)


class Contact(serializers.Serializer):
    shopper = serializers.CharField(max_length=128, write_only=True)
    mail = serializers.EmailField(allow_null=True, write_only=True, help_text="null: forget the address.")
    language = serializers.ChoiceField(list(LANGUAGES), default="zh-hans")


class ContactFields(ShopperFields):
    def mail(self) -> str | None:
        found = self.data.get("mail")
        if "mail" not in self.data:
            self.wrong("mail", _("is required"))
        elif found is not None and not is_mail(found):
            self.wrong("mail", _("takes a mail address, or nothing to forget it"))
        return found

    def language(self) -> str:
        found = self.data.get("language", "zh-hans")
        if not isinstance(found, str) or found not in LANGUAGES:
            self.wrong("language", _("takes one of: %s") % ", ".join(LANGUAGES))
        return found


def is_mail(value: object) -> bool:
    try:
        validate_email(value if isinstance(value, str) else "")
    except ValidationError:
        return False
    return True


class ContactView(Door):
    """PUT: let a shopper have notices by mail, or no longer. The address is kept encrypted."""

    scope = Scope.SHOPPERS
    permission_classes = [OfMall]

    @described(Contact, done={200: Contact})
    def put(self, request: Request) -> Response:
        fields = ContactFields(request.data, frozenset({"shopper", "mail", "language"}))
        shopper, mail, language = fields.shopper(request.user), fields.mail(), fields.language()
        fields.refuse()
        now, mall_id = timezone.now(), request.user.mall_id
        shopper_id = shoppers.resolve(mall_id, {shopper}, now=now)[shopper]
        if mail is None:
            contacts.forget(mall_id=mall_id, shopper_id=shopper_id)
        else:
            contacts.keep(mall_id=mall_id, shopper_id=shopper_id, address=mail, language=language, now=now)
        return Response({"language": language})
