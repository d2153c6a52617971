"""No page looks up or keeps a text that it has not read: PostgreSQL refuses a NUL."""

import re

import pytest
from django.db import transaction
from django.test import Client

from .test_urls_access import PAGES, Page, World, world  # noqa: F401

NUL = "1\x00"
IN_ADDRESSES = {"page", "size", "sort", "export", "template", "from", "rule", "kind", "q", "next"}


def names_in(client: Client, url: str) -> set[str]:
    """The fields of a page's forms, and what addresses may say without one."""
    answer = client.get(url)
    shown = "" if answer.streaming else answer.content.decode("utf-8", "replace")
    return (IN_ADDRESSES | set(re.findall(r'name="([^"]+)"', shown))) - {"csrfmiddlewaretoken"}


def stumbles(world: World, page: Page) -> list[str]:  # noqa: F811
    url, client = world.url(page), world.client("superuser" if "superuser" in page.ok else "anonymous")
    data = dict.fromkeys(names_in(client, url) | page.data.keys(), NUL)
    wrong = []
    for method in ("get", "post"):
        client.raise_request_exception = False
        with transaction.atomic():
            if getattr(client, method)(url, data).status_code >= 500:
                wrong.append(f"{method} {url}")
            transaction.set_rollback(True)
    return wrong


@pytest.mark.parametrize("group", range(4))
def test_a_nul_is_answered(world, group):  # noqa: F811
    assert [wrong for page in PAGES[group::4] for wrong in stumbles(world, page)] == []
