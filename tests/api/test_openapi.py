"""The description of the API covers all of it."""

import json
import re

import pytest
from django.core.management import call_command

from tests.test_urls_access import every_url


def test_every_address_is_described_without_a_complaint(tmp_path):
    file = tmp_path / "openapi.json"
    call_command("spectacular", format="openapi-json", file=str(file), validate=True, fail_on_warn=True)
    described = {re.sub(r"{\w+}", "{}", path) for path in json.loads(file.read_text())["paths"]}
    served = {"/" + re.sub(r"<[\w:]+>", "{}", route) for route, _name in every_url() if route.startswith("api/v1/")}
    assert served - described == {"/api/v1/openapi.json"}


@pytest.mark.django_db
def test_anybody_may_read_it(client):
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json()["info"]["title"] == "MallOps"
