"""Phones and the offers they open."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from coupons.services import claim_codes
from tests.factories import make_rule, make_stock


@pytest.fixture(autouse=True)
def _nobody_has_tried(db):
    cache.clear()


@pytest.fixture
def offer(mall, store):
    """A rule by QR code, with the address of its claim page as `offer().page`."""

    def offer(at=None, **terms):
        stock = make_stock(mall=mall, merchant=store.merchant)
        rule = make_rule(mall=mall, stock=stock, **{"trigger": "qr", **terms})
        rule.code = claim_codes.make(rule=rule, store=at, by=None)
        rule.page = f"/c/{rule.code.token}/"
        return rule

    return offer


class Phone(Client):
    """Someone's phone: keeps its cookies, and presses the button of a page."""

    def open(self, page: str):
        self.last = self.get(page)
        return self.last

    def press(self, page: str, **fields):
        """Press the button of the page as it was last opened."""
        (request_id,) = re.findall(r'name="request_id" value="([0-9a-f-]+)"', self.last.content.decode())
        return self.post(page, {"request_id": request_id, **fields})

    def claim(self, page: str, **fields):
        self.open(page)
        return self.press(page, **fields)


@pytest.fixture
def phone():
    return Phone()
