"""The counter in a browser: scanning, going on without connection, sending what waits."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from coupons import offline
from coupons.models import Coupon, Stock

from .chromium import Look

# A desktop browser has no BarcodeDetector, and a test no camera: both are played.
CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ['qr_code']; }
  async detect() { return window.scanned ? [{ rawValue: window.scanned }] : []; }
};
navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream(1);
"""


@pytest.fixture
def counter(open_tab) -> Iterator[Page]:
    """The counter of Pearl Lane Tea, on a phone."""
    tab = open_tab("harbour.cashier", Look(width=390))
    tab.add_init_script(CAMERA)
    tab.goto("/")
    tab.get_by_role("link", name="Pearl Lane Tea").click()
    expect(tab.locator("#redeem-scan")).to_be_visible()
    yield tab
    tab.context.set_offline(False)
    tab.evaluate("localStorage.removeItem('mall-redemptions')")


@pytest.fixture
def scanned(open_tab, counter, the_site, settings) -> Iterator[str]:
    """The texts of QR codes of coupons that can be used here now."""
    settings.SHOPPER_KEY = the_site.shopper_key.encode()
    data = counter.locator("#redeem-data").evaluate("element => ({ ...element.dataset })")
    office = open_tab("harbour.manager")
    return iter([sealed(int(data["mall"]), *one) for one in usable_codes(office, json.loads(data["stocks"]))])


def usable_codes(office: Page, stocks: dict) -> list[tuple[str, str]]:
    """Stock and code of three coupons that a store takes."""
    office.goto("/malls/harbour/coupons/?state=issued")
    names = {terms["name"]: code for code, terms in stocks.items()}
    links = office.locator("#board tbody tr").evaluate_all(
        "rows => rows.map(row => [row.innerText, row.querySelector('a').getAttribute('href')])"
    )
    fitting = [(code, href) for text, href in links for name, code in names.items() if name in text][:3]
    assert len(fitting) == 3, f"no coupons of {sorted(names)} in {links}"
    return [(stock, code_at(office, href)) for stock, href in fitting]


def code_at(office: Page, href: str) -> str:
    office.goto(href)
    shown = office.get_by_role("heading", level=1).inner_text()
    return "".join(re.search(r"\w{4}-\w{4}-\w{4}", shown)[0].split("-"))


def sealed(mall: int, stock: str, code: str) -> str:
    now = datetime.now(UTC)
    day = timedelta(days=1)
    return offline.seal(
        Coupon(mall_id=mall, code=code, stock=Stock(code=stock), valid_from=now - day, expires_at=now + day)
    )


def enter(tab: Page, code: str, order: str = "400") -> None:
    tab.locator("[name=code]").fill(code)
    tab.locator("[name=order_fen]").fill(order)
    tab.get_by_role("button", name="Check").click()


def test_scanned_code_is_redeemed(counter, scanned):
    text = next(scanned)
    counter.evaluate("text => { window.scanned = text; }", "https://example.com/poster")
    counter.get_by_role("button", name="Scan with the camera").click()
    expect(counter.locator("#redeem-problem")).to_have_text("This is not the QR code of a coupon.")
    counter.evaluate("text => { window.scanned = text; }", text)
    counter.get_by_role("button", name="Scan with the camera").press("Enter")
    expect(counter.locator("[name=code]")).to_have_value(text)
    expect(counter.locator("[name=order_fen]")).to_be_focused()
    expect(counter.locator("video")).to_be_hidden()
    counter.keyboard.type("400")
    counter.keyboard.press("Enter")
    counter.get_by_role("button", name="Redeem").click()
    counter.wait_for_url(re.compile(r"/redemptions/\d+/$"))
    expect(counter.get_by_role("heading", name="Redeemed")).to_be_visible()


def test_taken_without_connection_and_sent_later(counter, scanned):
    text = next(scanned)
    counter.context.set_offline(True)
    expect(counter.get_by_text("No connection.")).to_be_visible()
    enter(counter, text)
    taken = counter.locator("#redeem-taken")
    expect(taken).to_be_focused()
    expect(taken).to_contain_text("it is sent when the connection is back", ignore_case=True)
    waiting = counter.locator("#redeem-queue li")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("Waiting")
    enter(counter, text)
    expect(counter.locator("#redeem-problem")).to_have_text("This coupon was taken here already and waits to be sent.")
    counter.context.set_offline(False)
    expect(counter.locator("#redeem-queue")).to_be_hidden()
    counter.reload()
    tail = text.split(".")[1][-4:]
    expect(counter.locator(".redeem-list li").filter(has_text=f"…{tail}")).to_have_count(1)


def test_used_elsewhere_meanwhile_is_a_dispute(counter, scanned, open_tab):
    text = next(scanned)
    counter.context.set_offline(True)
    enter(counter, text)
    expect(counter.locator("#redeem-queue li")).to_have_count(1)
    elsewhere = open_tab("harbour.cashier", Look(width=1440))
    elsewhere.goto(counter.url)
    enter(elsewhere, text)
    elsewhere.get_by_role("button", name="Redeem").click()
    elsewhere.wait_for_url(re.compile(r"/redemptions/\d+/$"))
    counter.context.set_offline(False)
    expect(counter.locator("#redeem-queue li")).to_contain_text("This coupon was redeemed already.")
    counter.get_by_role("button", name="Seen").click()
    expect(counter.locator("#redeem-queue")).to_be_hidden()
    elsewhere.get_by_role("link", name="Disputes").click()
    expect(elsewhere.locator("#board tbody tr").first).to_contain_text("Open")
    settle_dispute(open_tab("harbour.manager"))


def settle_dispute(office: Page) -> None:
    office.goto("/malls/harbour/disputes/")
    office.locator("#board tbody a").first.click()
    office.locator("[name=note]").fill("The mall bears it")
    office.get_by_role("button", name="Settle").click()
    expect(office.locator(".page-sub .state")).to_have_text("Settled")
    expect(office.locator(".facts")).to_contain_text("The mall bears it")


def test_what_cannot_be_checked_without_connection_is_refused(counter, scanned):
    text = next(scanned)
    prefix, code, stock, start, end, signature = text.split(".")
    counter.context.set_offline(True)
    problem = counter.locator("#redeem-problem")
    for entered, order, said in (
        (code, "400", "There is no connection. Without it only a scanned QR code can be checked."),
        (f"{prefix}.{code}.{stock}.{start}.{int(end) + 9}.{signature}", "400", "not made by this mall"),
        (f"{prefix}.{code}.{stock}.{start}.{end}.nonsense", "400", "not made by this mall"),
        (text, "nothing", "Enter the amount of the order."),
        (text, "0.01", "below the minimum"),
    ):
        enter(counter, entered, order)
        expect(problem).to_contain_text(said)
    expect(counter.locator("#redeem-queue")).to_be_hidden()
