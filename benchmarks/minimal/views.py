from rest_framework import generics, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from .models import Entry, Key


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        try:
            return Key.objects.get(key=request.headers["Authorization"].removeprefix("Bearer ")), None
        except Key.DoesNotExist as error:
            raise AuthenticationFailed from error


class EntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Entry
        fields = ["id", "reference", "store", "amount_fen", "paid_at"]


class EntryView(generics.CreateAPIView):
    authentication_classes = [KeyAuthentication]
    queryset = Entry.objects.all()
    serializer_class = EntrySerializer
