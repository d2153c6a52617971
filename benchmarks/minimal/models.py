import secrets

from django.db import models


class Key(models.Model):
    key = models.CharField(max_length=64, unique=True, default=secrets.token_hex)
    name = models.CharField(max_length=60)
    is_authenticated = True


class Entry(models.Model):
    reference = models.CharField(max_length=64, unique=True)
    store = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()
    paid_at = models.DateTimeField()
