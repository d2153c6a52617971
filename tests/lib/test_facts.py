"""What every fact table keeps to, so that the schema can be split up by mall."""

import re

import pytest
from django.apps import apps
from django.db import models

from coupons.models import Coupon
from mallops.lib.facts import Fact, FactForeignKey

FACTS = [model for model in apps.get_models() if issubclass(model, Fact)]


def test_there_are_facts():
    assert {"Payment", "Refund", "Coupon", "Redemption", "StoreDay", "RollupDelta"} <= {
        model.__name__ for model in FACTS
    }


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_unique_constraints_and_indexes_begin_with_the_mall(model):
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            assert constraint.fields[0] == "mall", constraint.name
    for index in model._meta.indexes:
        assert index.fields[0] == "mall", index.name
    assert not model._meta.unique_together
    assert not [field.name for field in model._meta.fields if field.unique and not field.primary_key]


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_facts_point_at_facts_within_their_mall(model):
    for field in model._meta.fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Fact):
            assert isinstance(field, FactForeignKey), field.name


@pytest.mark.parametrize("model", [model for model in apps.get_models() if not issubclass(model, Fact)])
def test_dimensions_never_point_at_facts(model):
    related = [field.related_model for field in model._meta.get_fields() if field.is_relation and field.concrete]
    assert not [each for each in related if isinstance(each, type) and issubclass(each, Fact)]


def test_join_of_two_facts_equates_their_malls():
    sql = str(Coupon.objects.for_mall(1).filter(payment__amount_fen=1).query)
    (join,) = re.findall(r'INNER JOIN "payments_payment" ON (.*) WHERE', sql)
    assert '"payments_payment"."mall_id"' in join and '"coupons_coupon"."mall_id"' in join
