"""Callers of the API."""

import json

import pytest

from merchants.services import credentials


@pytest.fixture
def mall_key(mall, manager):
    return credentials.issue(mall=mall, provider=None, label="till", by=manager)[1]


@pytest.fixture
def provider_key(mall, provider, manager):
    return credentials.issue(mall=mall, provider=provider, label="pos", by=manager)[1]


@pytest.fixture
def call(client, mall_key):
    """call(method, path below /api/v1/, data=None, key=the mall's)"""

    def send(method, path, data=None, key=mall_key):
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        content = {} if method == "get" else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"/api/v1/{path}", headers=headers, **content)

    return send


@pytest.fixture
def post(call, mall_key):
    return lambda path, data, key=mall_key: call("post", path, data, key)


@pytest.fixture
def wrong():
    """The fields a response complains about."""
    return lambda response: {error["field"] for error in response.json()["errors"]}
