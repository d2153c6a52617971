"""A service provider from its application, made on a phone, to its first page; and what the mall takes back."""

from playwright.sync_api import Page, expect

from .chromium import Look
from .test_pages import assert_sound

PHONE = Look(width=390)
LICENCE = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}
FALSE = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}


def test_an_applicant_is_approved_invited_and_granted_one_thing_more(open_tab, the_site, watcher):
    phone = open_tab(look=PHONE)
    phone.goto("/malls/galaxy/apply/")
    watcher.refused.add("/malls/galaxy/apply/")
    fill_in(phone, FALSE)
    expect(phone.locator("form.form-stack")).to_contain_text("licence.pdf is not a PDF, PNG or JPEG file.")
    assert_sound(phone, PHONE)
    fill_in(phone, LICENCE)
    phone.wait_for_url("**/apply/sent/")

    office = open_tab("galaxy.manager")
    office.goto("/malls/galaxy/providers/")
    office.get_by_role("link", name="Review").click()
    office.get_by_role("link", name="Meadow Tills").click()
    with office.expect_download() as licence:
        office.get_by_role("link", name="licence.pdf").click()
    assert licence.value.suggested_filename == "licence.pdf"
    office.get_by_role("button", name="Approve").click()
    expect(office.get_by_role("heading", level=1)).to_have_text("Meadow Tills")

    join(open_tab(), the_site.mailed_link("lin@meadow.example", "/invitations/"))
    row = office.locator("dl div", has_text="Acquiring")
    row.get_by_role("button", name="Grant").click()
    expect(office.locator("dl div", has_text="Acquiring")).to_contain_text("Granted")
    take_back(office)


def fill_in(tab: Page, licence: dict) -> None:
    """The application; what a refused form lets stand is written once more."""
    for name, text in (
        ("name_en", "Meadow Tills"), ("registration_number", "91310115MADEMO777X"), ("contact_name", "Lin"),
        ("contact_email", "lin@meadow.example"),
    ):  # fmt: skip
        tab.locator(f"[name={name}]").fill(text)
    tab.get_by_label("SaaS").check()
    tab.locator("[name=licence]").set_input_files(licence)
    tab.get_by_role("button", name="Send application").click()


def join(guest: Page, address: str) -> None:
    """The contact person makes an account, and finds the provider's profile."""
    guest.goto(address)
    guest.locator("[name=username]").fill("meadow")
    guest.locator("[name=password1]").fill("quite-another-one")
    guest.locator("[name=password2]").fill("quite-another-one")
    guest.get_by_role("button", name="Create account and join").click()
    guest.get_by_role("link", name="Profile").click()
    expect(guest.locator("main")).to_contain_text("SaaS")
    guest.locator("[name=contact_phone]").fill("021 5555")
    guest.get_by_role("button", name="Save").click()
    expect(guest.locator("[name=contact_phone]")).to_have_value("021 5555")


def take_back(office: Page) -> None:
    office.locator("dl div", has_text="SaaS").get_by_role("link", name="Take back").click()
    office.locator("[name=reason]").fill("No tills after all")
    office.get_by_role("button", name="Take back").click()
    expect(office.locator("dl div", has_text="SaaS").first).to_contain_text("Taken back")
    expect(office.locator(".timeline").last).to_contain_text("No tills after all")
