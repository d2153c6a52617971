"""Who pays, as a number."""

import pytest

from coupons import payers


@pytest.mark.parametrize(("number", "party"), [(0, (None, None)), (7, (7, None)), (-7, (None, 7))])
def test_a_number_names_one_party_and_back(number, party):
    assert payers.party(number) == party
    assert payers.payer(*party) == number


def test_merchants_and_providers_are_told_apart():
    assert payers.merchants([0, 3, -3, 5]) == {3, 5}
    assert payers.providers([0, 3, -3, 5]) == {3}
