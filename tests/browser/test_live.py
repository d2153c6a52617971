"""The live view asks again by itself, and not while nobody looks or somebody reads."""

import pytest
from playwright.sync_api import Page, expect

AT = "/malls/harbour/live/"
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def tab(open_tab) -> Page:
    tab = open_tab("harbour.manager")
    tab.goto(AT)
    tab.evaluate("window.asked = 0; document.addEventListener('htmx:afterSwap', () => { window.asked += 1; })")
    return tab


def until(tab: Page, expression: str) -> None:
    """Waits for what is true in the page; Playwright's own way needs a string evaluated, which the page forbids."""
    for _ in range(80):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(250)
    raise AssertionError(f"never: {expression}")


def asks(tab: Page) -> bool:
    """Whether the board is asked for when its time has come."""
    before = tab.evaluate("window.asked")
    tab.evaluate("htmx.trigger('#live', 'live-now')")
    tab.wait_for_timeout(1_500)
    return tab.evaluate("window.asked") > before


def test_asks_every_ten_seconds_and_leaves_the_history_alone(tab):
    steps = tab.evaluate("history.length")
    tab.evaluate("document.getElementById('board').dataset.old = 'yes'")
    until(tab, "!document.getElementById('board').dataset.old")
    expect(tab.locator("#live-said")).to_contain_text("Net sales")
    assert tab.evaluate("history.length") == steps
    assert tab.evaluate("document.getElementById('board').getAttribute('aria-busy')") is None


def test_pause_and_go_on(tab):
    tab.get_by_role("button", name="Pause").click()
    assert not asks(tab)
    before = tab.evaluate("window.asked")
    tab.get_by_role("button", name="Go on").click()
    until(tab, f"window.asked > {before}")
    expect(tab.get_by_role("button", name="Pause")).to_be_visible()


def test_waits_while_hidden_and_while_a_table_is_open(tab):
    tab.evaluate(HIDE, True)
    assert not asks(tab)
    before = tab.evaluate("window.asked")
    tab.evaluate(HIDE, False)
    until(tab, f"window.asked > {before}")  # at once
    tab.locator("#board details").first.evaluate("(details) => { details.open = true; }")
    assert not asks(tab)
    tab.locator("#board details").first.evaluate("(details) => { details.open = false; }")
    assert asks(tab)


def test_follows_the_filters(tab):
    tab.get_by_label("Floor", exact=True).select_option(index=1)
    tab.wait_for_url("**/live/?floor=*")
    with tab.expect_request(lambda request: request.headers.get("hx-trigger") == "live") as asked:
        tab.evaluate("document.activeElement.blur(); htmx.trigger('#live', 'live-now')")
    assert "?floor=" in asked.value.url


def test_stops_after_a_failure_until_asked_to_try_again(tab, watcher):
    tab.route(f"**{AT}", lambda route: route.abort())
    tab.evaluate("htmx.trigger('#live', 'live-now')")
    expect(tab.get_by_role("button", name="Go on")).to_be_visible()
    tab.unroute(f"**{AT}")
    tab.get_by_role("button", name="Retry").click()
    expect(tab.get_by_role("button", name="Pause")).to_be_visible()
    until(tab, "window.asked > 0")
    watcher.problems.clear()  # the failure above is meant


def test_nothing_piles_up(tab):
    """Charts that were swapped away are taken down."""
    asks(tab)
    before = tab.evaluate("document.getElementsByTagName('*').length")
    for _ in range(5):
        assert asks(tab)
    assert tab.evaluate("document.getElementsByTagName('*').length") <= before + 50
