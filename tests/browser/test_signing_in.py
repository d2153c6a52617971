"""Coming in and going out, language and colours, passwords, invitations, and what is not one's own."""

import pytest
from playwright.sync_api import Page, expect

from . import site
from .chromium import Look, sign_in
from .test_pages import LOOKS, assert_sound


def test_signing_in_changing_language_and_colours_signing_out(open_tab):
    tab = open_tab(look=Look("en", "light"))
    tab.goto("/malls/harbour/stores/")
    fill_in_sign_in(tab, "harbour.viewer", "not the password")
    expect(tab.get_by_role("alert")).to_be_visible()
    fill_in_sign_in(tab, "harbour.viewer", site.PASSWORD)
    tab.wait_for_url("**/malls/harbour/stores/")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Stores")

    tab.get_by_role("button", name="切换到中文").click()
    expect(tab.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(tab).to_have_url(f"{tab.url}")
    expect(tab.locator("#sidebar .brand-name")).to_have_text("港湾广场")

    colours = tab.locator("[data-theme-toggle]")
    for theme in ("light", "dark"):
        colours.click()
        expect(tab.locator("html")).to_have_attribute("data-bs-theme", theme)
    tab.reload()
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "dark")

    tab.locator("[lang=en]").click()
    expect(tab.locator("html")).to_have_attribute("lang", "en")
    tab.get_by_role("button", name="Account").click()
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/accounts/login/")
    tab.goto("/malls/harbour/")
    expect(tab.locator("[name=password]")).to_be_visible()


def fill_in_sign_in(tab: Page, username: str, password: str) -> None:
    tab.locator("[name=login]").fill(username)
    tab.locator("[name=password]").fill(password)
    tab.get_by_role("button", name="Sign in").click()


def test_forgotten_password_is_set_anew(open_tab, the_site):
    tab = open_tab()
    tab.goto("/accounts/login/")
    tab.get_by_role("link", name="Forgot").click()
    tab.locator("[name=email]").fill("harbour.partner@example.com")
    tab.locator("main form button, form.form-stack button").last.click()
    tab.wait_for_url("**/password/reset/done/")
    tab.goto(the_site.mailed_link("harbour.partner@example.com", "/password/reset/key/"))
    assert_sound(tab, Look())
    tab.locator("[name=password1]").fill("quite-another-one")
    tab.locator("[name=password2]").fill("quite-another-one")
    tab.locator("form.form-stack button").click()
    tab.wait_for_url("**/password/reset/key/done/")
    sign_in(tab, "harbour.partner", "quite-another-one")
    expect(tab.locator("#sidebar")).to_be_visible()


def test_colleague_is_invited_and_joins(open_tab, the_site, watcher):
    tab = open_tab("harbour.manager")
    tab.goto("/malls/harbour/")
    tab.get_by_role("link", name="People").click()
    tab.get_by_label("E-mail").fill("nova@example.com")
    tab.locator("form.form-stack [name=role]").select_option("mall_viewer")
    tab.get_by_role("button", name="Send invitation").click()
    expect(tab.get_by_role("group", name="Open invitations")).to_contain_text("nova@example.com")

    address = the_site.mailed_link("nova@example.com", "/invitations/")
    for look in LOOKS:
        page = open_tab(look=look)
        page.goto(address)
        assert_sound(page, look)
    guest = open_tab()
    guest.goto(address)
    guest.locator("[name=username]").fill("nova")
    guest.locator("[name=password1]").fill("a-new-password-of-hers")
    guest.locator("[name=password2]").fill("a-new-password-of-hers")
    guest.get_by_role("button", name="Create account and join").click()
    guest.wait_for_url("**/malls/harbour/")
    watcher.refused.add(address)
    guest.goto(address)  # it works once
    expect(guest.get_by_role("button", name="Create account and join")).to_have_count(0)


@pytest.mark.parametrize("address", ["/merchants/1/", "/merchants/1/stocks/", "/merchants/1/redemptions/"])
def test_owner_does_not_see_another_merchant(open_tab, watcher, address):
    tab = open_tab("harbour.owner")
    watcher.refused.add(address)
    assert tab.goto(address).status == 404
    expect(tab.get_by_role("heading", name="Page not found")).to_be_visible()
    tab.get_by_role("link", name="To the start page").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Pearl Lane Beverages")
