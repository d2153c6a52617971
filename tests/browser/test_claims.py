"""Coupons without a payment, by clicking: a code made and scanned, an offer nearby, a hand-out, the coupon itself."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from .chromium import Look
from .test_pages import LOOKS, assert_sound

PHONE = Look(width=390)
RULES = {"scan": "Scan for a tea", "near": "A sweet when you are near", "back": "We have missed you"}
MIDDLE = {"latitude": 31.2304, "longitude": 121.4737}  # of the demonstration's first mall


@pytest.fixture
def office(open_tab) -> Page:
    return open_tab("galaxy.manager")


def open_rule(tab: Page, name: str, button: str) -> None:
    """A rule's codes or hand-outs, by links."""
    tab.goto("/malls/galaxy/rules/")
    tab.get_by_role("link", name=RULES[name]).first.click()
    tab.get_by_role("link", name=button).click()


def claim_page(tab: Page, name: str) -> str:
    """The path of the first claim page of a rule, from the operator's list."""
    open_rule(tab, name, "Codes and posters")
    return urlsplit(tab.locator(".copy-field input").first.input_value()).path


def test_a_code_is_made_scanned_and_the_coupon_redeemed(open_tab, office):
    open_rule(office, "scan", "Codes and posters")
    office.locator("[name=store]").select_option(index=3)
    office.get_by_role("button", name="Make a code").click()
    expect(office.locator(".claim-code")).to_have_count(4)
    with office.expect_download() as poster:
        office.get_by_role("link", name="Poster (PDF)").first.click()
    assert poster.value.suggested_filename.endswith(".pdf")

    phone = open_tab(look=PHONE)
    code = claim_until_given(phone, claim_page(office, "scan"))
    phone.locator("a.phone-coupon").click()
    expect(phone.locator(".phone-letters")).to_have_text(code)
    expect(phone.locator(".state")).to_have_text("Ready to use")
    assert phone.locator(".qr svg").bounding_box()["width"] > 180


def claim_until_given(phone: Page, path: str) -> str:
    """Press the button; who is drawn into the control group tries as somebody else. Returns the code."""
    for _ in range(6):
        phone.goto(path)
        phone.get_by_role("button", name="Get the coupon").click()
        phone.wait_for_load_state()
        if phone.locator("a.phone-coupon").count():
            return phone.locator("a.phone-coupon .mono").inner_text()
        phone.context.clear_cookies()
    raise AssertionError("six strangers in the control group")


def test_nearby_asks_the_browser_for_the_position(open_tab, office, watcher):
    path = claim_page(office, "near")
    watcher.refused.add(path)
    phone = open_tab(look=PHONE)
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({**MIDDLE, "latitude": MIDDLE["latitude"] + 0.02})
    phone.goto(path)
    phone.get_by_role("button", name="Get the coupon").click()
    expect(phone.locator(".banner")).to_contain_text("2.2 km away")
    phone.context.set_geolocation({**MIDDLE, "latitude": MIDDLE["latitude"] + 0.001})
    phone.goto(path)
    phone.get_by_role("button", name="Get the coupon").click()
    expect(phone.locator("a.phone-coupon")).to_be_visible()


def test_nearby_without_leave_says_how_to_give_it(open_tab, office):
    path = claim_page(office, "near")
    phone = open_tab(look=PHONE)
    phone.goto(path)
    button = phone.get_by_role("button", name="Get the coupon")
    button.click()
    expect(phone.locator("[data-status]")).to_contain_text(re.compile("not given|could not be found"))
    expect(button).to_be_enabled()


def test_a_hand_out_runs_to_its_end(office):
    open_rule(office, "back", "Hand-outs")
    button = office.get_by_role("button", name="Hand out now")
    expect(button).to_be_visible()
    button.click()
    office.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(office.locator("#board .state")).to_have_text("Done", timeout=30_000)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_sound(open_tab, office, look):
    path = claim_page(office, "scan")
    phone = open_tab(look=look)
    phone.goto(path)
    assert_sound(phone, look)
    phone.locator(".phone-form button").click()
    phone.wait_for_load_state()
    assert_sound(phone, look)
    if phone.locator("a.phone-coupon").count():
        phone.locator("a.phone-coupon").click()
        assert_sound(phone, look)
    desk = open_tab("galaxy.manager", look)
    for name, button in (("scan", "Codes and posters"), ("back", "Hand-outs")):
        open_rule(office, name, button)
        desk.goto(office.url)
        expect(desk.locator(".panel").first).to_be_visible()
        assert_sound(desk, look)
    run = office.locator("#board tbody a").first
    if run.count():
        desk.goto(run.get_attribute("href"))
        assert_sound(desk, look)
