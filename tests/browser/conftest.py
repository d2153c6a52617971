"""A site, a browser, and tabs in which a reader is signed in."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from . import chromium, site
from .chromium import Look, Watcher
from .site import Site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = chromium.found()
    if path is None and os.environ.get("MALLOPS_REQUIRE_BROWSER") == "1":
        pytest.fail("No Chromium was found, and MALLOPS_REQUIRE_BROWSER asks for one")
    return path or pytest.skip("no Chromium was found (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def the_site(chromium_path: str, tmp_path_factory) -> Iterator[Site]:
    with site.running(tmp_path_factory.mktemp("site")) as running:
        yield running


# Not for the whole session: while Playwright runs, Django takes the thread for an asynchronous one.
@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    with chromium.started(chromium_path) as browser:
        yield browser


@dataclass
class Readers:
    """Signs readers of the demonstration in, once each; after that their cookies are known."""

    browser: Browser
    site: Site

    def __post_init__(self) -> None:
        self.states: dict[str, dict | None] = {"": None}

    def open(self, who: str, look: Look) -> BrowserContext:
        if who not in self.states:
            first = chromium.open_context(self.browser, self.site.url, Look())
            chromium.sign_in(first.new_page(), who, site.PASSWORD)
            self.states[who] = first.storage_state()
            first.close()
        return chromium.open_context(self.browser, self.site.url, look, self.states[who])


@pytest.fixture(scope="package")
def readers(browser: Browser, the_site: Site) -> Readers:
    return Readers(browser, the_site)


@pytest.fixture
def watcher(the_site: Site) -> Iterator[Watcher]:
    """Looks over every tab of the test; what it notes fails the test at its end."""
    watcher = Watcher(the_site.host)
    yield watcher
    assert watcher.problems == []


@pytest.fixture
def open_tab(readers: Readers, watcher: Watcher) -> Iterator[Callable[..., Page]]:
    """`open_tab("galaxy.owner", Look(...))`: a tab of that reader; without a name, of nobody."""
    contexts = []

    def open_tab(who: str = "", look: Look = Look()) -> Page:  # noqa: B008 (it is frozen)
        context = readers.open(who, look)
        contexts.append(context)
        watcher.watch(context)
        return context.new_page()

    yield open_tab
    for context in contexts:
        context.close()
