"""A site, a browser, and tabs in which a reader is signed in."""

import os
from collections.abc import Callable, Iterator

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


class Readers:
    """Signs readers of the demonstration in, once each, and keeps their windows, whose caches spare much work."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.states: dict[str, dict] = {}
        self.windows: dict[tuple[str, Look], BrowserContext] = {}

    def window(self, who: str, look: Look) -> BrowserContext:
        """Of a reader in a look; who is not signed in gets a new one each time."""
        if not who:
            return chromium.open_context(self.browser, self.site.url, look)
        if (who, look) not in self.windows:
            state = self.states.get(who) or self.sign_in(who)
            self.windows[who, look] = chromium.open_context(self.browser, self.site.url, look, state)
        return self.windows[who, look]

    def sign_in(self, who: str) -> dict:
        window = chromium.open_context(self.browser, self.site.url, Look())
        chromium.sign_in(window.new_page(), who, site.PASSWORD)
        self.states[who] = window.storage_state()
        window.close()
        return self.states[who]


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
    tabs = []

    def open_tab(who: str = "", look: Look = Look()) -> Page:  # noqa: B008 (it is frozen)
        tab = readers.window(who, look).new_page()
        watcher.watch(tab)
        tabs.append(tab)
        return tab

    yield open_tab
    for tab in tabs:
        tab.close()
