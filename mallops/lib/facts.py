"""What every fact table shares, so that the schema can be sharded by mall (one engine, one shard key).

A fact (payment, coupon, roll-up) belongs to a mall, each of its unique constraints begins with the mall, and a
fact points only at facts of its own mall, through FactForeignKey.
"""

from typing import Self

from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _


class FactForeignKey(models.ForeignKey):
    """A foreign key between two facts of one mall; joins across it also equate the mall columns."""

    def get_extra_restriction(self, alias, related_alias):
        ours, theirs = self.model._meta.get_field("mall"), self.related_model._meta.get_field("mall")
        return Exact(Col(alias, theirs), Col(related_alias, ours))


class FactQuerySet(models.QuerySet):
    def for_mall(self, mall) -> Self:
        """The rows of one mall (a Mall or its id); every query on facts begins here."""
        return self.filter(mall_id=getattr(mall, "pk", mall))


class Fact(models.Model):
    mall = models.ForeignKey("merchants.Mall", models.PROTECT, related_name="+", db_index=False, verbose_name=_("mall"))

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
