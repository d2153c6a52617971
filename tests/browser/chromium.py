"""The browser: found, started, signed in, watched."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing but the pages under test may talk to anybody.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOCALES = {"en": "en-US", "zh-hans": "zh-CN"}  # what the browser asks for, where the account says nothing
SIZES = {1440: {"width": 1440, "height": 900}, 390: {"width": 390, "height": 844}}


def found() -> str | None:
    """The path of an installed Chromium; MALLOPS_CHROMIUM names one that lies elsewhere."""
    return os.environ.get("MALLOPS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Look:
    """How a page is looked at: language, colours, width."""

    language: str = "en"
    theme: str = "light"
    width: int = 1440

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


def open_context(browser: Browser, base: str, look: Look, state: dict | None = None) -> BrowserContext:
    context = browser.new_context(
        base_url=base,
        viewport=SIZES[look.width],
        has_touch=look.width < 768,
        color_scheme=look.theme,
        reduced_motion="reduce",
        storage_state=state,
        locale=LOCALES[look.language],
    )
    context.set_default_timeout(15_000)
    return context


def sign_in(page: Page, username: str, password: str) -> None:
    """By the form, as everyone does."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("form.form-stack button").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def settle(page: Page) -> None:
    """Show the whole page once, so that what is drawn on sight is drawn, and wait until it and all parts fetched by
    themselves are there."""
    show_charts(page)
    page.wait_for_function("() => !document.querySelector('.htmx-request, [aria-busy=true]')")
    page.evaluate("scrollTo(0, 0)")


def show_charts(page: Page) -> None:
    page.evaluate("""async () => {
      for (const chart of document.querySelectorAll('mall-chart')) {
        chart.scrollIntoView();
        await new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
      }
    }""")
    page.wait_for_function(
        "() => [...document.querySelectorAll('mall-chart')].every((chart) => "
        "chart.matches('.is-drawn, .is-failed') || !chart.checkVisibility())"
    )


def height(page: Page) -> int:
    """Of the whole page."""
    return page.evaluate("document.documentElement.scrollHeight")


@dataclass
class Watcher:
    """Notes what a page must not do: errors in the console (a breach of the CSP is one), requests to other hosts."""

    host: str
    problems: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # paths that are meant to answer 4xx

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        meant = re.match("Failed to load resource.* 4", message.text) and (
            urlsplit(message.location["url"]).path in self.refused
        )
        if message.type in ("error", "warning") and not meant:
            self.problems.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.problems.append(f"request to another host: {request.url}")
