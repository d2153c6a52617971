"""How claims are described in OpenAPI."""

from rest_framework import serializers

from .schema import GivenCoupon


class ClaimPosition(serializers.Serializer):
    latitude = serializers.FloatField(min_value=-90, max_value=90, help_text="Degrees of WGS 84; not kept.")
    longitude = serializers.FloatField(min_value=-180, max_value=180)


class ClaimRequest(serializers.Serializer):
    rule = serializers.IntegerField(required=False, help_text="Id of the rule, or a code in its place.")
    code = serializers.CharField(required=False, help_text="Token of a claim code, from the end of its address.")
    store = serializers.CharField(required=False, help_text="Code of the store where it happens.")
    shopper = serializers.CharField(max_length=128, help_text="Kept only as a keyed digest.")
    request_id = serializers.CharField(max_length=64, help_text="The same id again gets the same answer.")
    position = ClaimPosition(required=False, help_text="Needed by a rule for shoppers nearby.")
    device = serializers.CharField(max_length=128, required=False, help_text="Kept only as a keyed digest.")


class ClaimedCoupon(GivenCoupon):
    url = serializers.URLField(help_text="The shopper's page of the coupon.")


class ClaimAnswer(serializers.Serializer):
    status = serializers.ChoiceField(["created", "known"])
    id = serializers.IntegerField()
    coupons = ClaimedCoupon(many=True)


class ClaimLinkRequest(serializers.Serializer):
    code = serializers.CharField()
    shopper = serializers.CharField(max_length=128)


class ClaimLink(serializers.Serializer):
    url = serializers.URLField()
    seconds = serializers.IntegerField(help_text="How long it opens for the shopper.")
