import pytest

from mallops.lib.counting import counted
from merchants.models import Mall, Store
from tests import factories

pytestmark = pytest.mark.django_db


def test_counts_of_several_tables_in_one_query(mall, store, other_store, django_assert_num_queries):
    factories.make_store(mall=factories.make_mall())
    stores = Store.objects.filter(mall=mall)
    with django_assert_num_queries(1):
        found = counted({"all": stores, "none": stores.filter(code="none"), "malls": Mall.objects.all()})
    assert dict(found) == {"all": 2, "malls": 2}
    assert (found["none"], counted({"one": stores})["one"]) == (0, 2)
