"""One service provider from its application to a paid statement. All but the last steps are taken last month, by the
clock of the site, so that there is a month to close."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from . import chromium, site
from .chromium import Look
from .conftest import Readers
from .test_pages import assert_sound

ZONE = ZoneInfo("Asia/Shanghai")
NAME, ADDRESS = "Larkspur Operations", "wen@larkspur.example"
PHONE = Look(width=390)
LICENCE = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}
STORE = "B110"  # of Sweet Cloud, whose owner can sign in; operated by another provider until now
Sight = Callable[[Page, str], None]


@pytest.fixture
def days() -> dict[str, date]:
    """The story begins on the 20th of last month; the store is handed over two days later."""
    last_month = (datetime.now(ZONE).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    return {"month": last_month, "begins": last_month.replace(day=20), "serves": last_month.replace(day=22)}


@pytest.fixture
def at(the_site, days) -> Iterator[Callable[[str, time], None]]:
    """Sets the site's clock to a moment of the story; afterwards it goes right again."""
    yield lambda day, moment: the_site.set_clock(datetime.combine(days[day], moment, ZONE))
    the_site.set_clock(None)


@pytest.fixture
def seats(browser: Browser, the_site, watcher) -> Iterator[Callable[[], Callable[..., Page]]]:
    """`seats()`: another set of windows, whose sessions begin at the site's time; each then opens tabs by name."""
    made: list[Readers] = []

    def sit_down() -> Callable[..., Page]:
        readers = Readers(browser, the_site)
        made.append(readers)

        def open_tab(who: str = "", look: Look = Look()) -> Page:  # noqa: B008 (it is frozen)
            tab = readers.window(who, look).new_page()
            watcher.watch(tab)
            return tab

        return open_tab

    yield sit_down
    for readers in made:
        for window in readers.windows.values():
            window.close()


@pytest.fixture
def see(tmp_path: Path) -> Sight:
    """A page as it stands is sound, and kept as a picture."""

    def see(tab: Page, name: str) -> None:
        assert_sound(tab, Look())
        tab.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    return see


def test_from_application_to_paid_statement(the_site, watcher, seats, at, days, see):
    at("begins", time(10))
    open_tab = seats()
    apply(open_tab(look=PHONE))
    office = open_tab("galaxy.manager")
    approve(office, see)
    provider = open_tab()
    join(provider, the_site.mailed_link(ADDRESS, "/invitations/"))
    offer_plan(office, days)
    accept_plan(provider, see)
    hand_over(office, days)
    agree(open_tab("galaxy.owner"), see)

    at("serves", time(12, 10))
    key = new_key(office)
    redeem(the_site, office, key, days)
    see_rebate(provider, see)

    the_site.set_clock(None)
    open_tab = seats()
    office, provider = open_tab("galaxy.manager"), open_tab()
    chromium.sign_in(provider, "larkspur", site.PASSWORD)
    close_month(office, see)
    issue(office, days, see)
    agree_to_statement(provider, see)
    pay(office)
    expect_paid(provider, see)


def apply(phone: Page) -> None:
    phone.goto("/malls/galaxy/apply/")
    for name, text in (
        ("name_en", NAME), ("name_zh", "翠雀运营"), ("registration_number", "91310115MADEMO778X"),
        ("contact_name", "Wen"), ("contact_email", ADDRESS),
    ):  # fmt: skip
        phone.locator(f"[name={name}]").fill(text)
    phone.get_by_label("Operations").check()
    phone.locator("[name=licence]").set_input_files(LICENCE)
    phone.get_by_role("button", name="Send application").click()
    phone.wait_for_url("**/apply/sent/")


def approve(office: Page, see: Sight) -> None:
    office.goto("/malls/galaxy/providers/")
    office.get_by_role("link", name="Review").click()
    office.get_by_role("link", name=NAME).click()
    see(office, "application")
    office.get_by_role("button", name="Approve").click()
    expect(office.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(office.locator("dl div", has_text="Operations")).to_contain_text("Granted")


def join(guest: Page, address: str) -> None:
    guest.goto(address)
    guest.locator("[name=username]").fill("larkspur")
    guest.locator("[name=password1]").fill(site.PASSWORD)
    guest.locator("[name=password2]").fill(site.PASSWORD)
    guest.get_by_role("button", name="Create account and join").click()
    expect(guest.locator("#sidebar")).to_contain_text(NAME)


def offer_plan(office: Page, days: dict[str, date]) -> None:
    """A share of the whole order, due at once."""
    office.goto("/malls/galaxy/plans/new/")
    office.locator("[name=name_en]").fill("Newcomers")
    office.get_by_label("the whole order").check()
    office.locator("[name=rate_0]").fill("5")
    office.locator("[name=maturity_days]").fill("0")
    office.get_by_role("button", name="Write plan").click()
    office.get_by_role("link", name="Offer").click()
    office.locator("[name=provider]").select_option(label=NAME)
    office.locator("[name=from_day]").fill(str(days["begins"]))
    submit(office)
    expect(office.locator("main")).to_contain_text(NAME)


def submit(tab: Page) -> None:
    """By the first button of the page's form."""
    tab.locator("main form .form-actions button").first.click()


def accept_plan(provider: Page, see: Sight) -> None:
    provider.get_by_role("link", name="Rebate plans").first.click()
    provider.locator("main tbody a").first.click()
    see(provider, "offer")
    provider.get_by_role("button", name="Accept").click()
    expect(provider.locator("main")).to_contain_text("Running")


def hand_over(office: Page, days: dict[str, date]) -> None:
    """From the provider that has the store."""
    office.goto(f"/malls/galaxy/agreements/?capability=operations&search={STORE}")
    office.locator("main tbody a[href*='/agreements/']").first.click()
    office.get_by_role("link", name="Hand over").click()
    office.locator("[name=provider]").select_option(label=NAME)
    office.locator("[name=from_day]").fill(str(days["serves"]))
    office.get_by_label("Without a last day").check()
    submit(office)
    expect(office.locator("main")).to_contain_text(NAME)


def agree(owner: Page, see: Sight) -> None:
    owner.goto("/")
    owner.get_by_role("link", name="Agreements").first.click()
    owner.locator("main tbody tr", has_text=NAME).get_by_role("link").first.click()
    see(owner, "agreement")
    owner.get_by_role("button", name="Agree").click()
    expect(owner.locator("main")).to_contain_text("Agree")


def new_key(office: Page) -> str:
    office.goto("/malls/galaxy/credentials/")
    office.locator("[name=label]").fill("Tills of the story")
    submit(office)
    return office.locator("#new-key").inner_text()


def redeem(the_site, office: Page, key: str, days: dict[str, date]) -> None:
    """A hotpot at noon earns a sweet, which is used at the store half an hour later."""
    noon = datetime.combine(days["serves"], time(12, 5), ZONE)
    payment = {"store": "L501", "channel": "wechat", "transaction_id": "STORY-1", "amount_fen": 40_000,
               "paid_at": noon.isoformat(), "shopper": "member-story"}  # fmt: skip
    (coupon,) = call(office, key, "payments", payment)["coupons"]
    use = {"store": STORE, "code": coupon["code"], "order_fen": 20_000, "request_id": "story-1"}
    assert call(office, key, "redemptions", use)["discount_fen"] > 0


def call(office: Page, key: str, path: str, data: dict) -> dict:
    answer = office.context.request.post(f"/api/v1/{path}", data=data, headers={"Authorization": f"Bearer {key}"})
    assert answer.status == 201, answer.text()
    return answer.json()


def see_rebate(provider: Page, see: Sight) -> None:
    """What the running month will come to is there before anything is reckoned or booked."""
    provider.get_by_role("link", name="Rebates").first.click()
    see(provider, "rebates")


def close_month(office: Page, see: Sight) -> None:
    office.goto("/malls/galaxy/months/")
    see(office, "months")
    office.get_by_role("button", name="Close").first.click()
    office.get_by_role("dialog").get_by_role("button", name="Continue").click()
    row = office.locator("main tbody tr").nth(1)  # below the running month
    expect(row).to_contain_text("Closed", timeout=60_000)  # a worker sums it; then the page comes anew by itself


def issue(office: Page, days: dict[str, date], see: Sight) -> None:
    office.goto(f"/malls/galaxy/statements/?month={days['month']}&search=Larkspur")
    office.locator("main tbody a[href*='/statements/']").first.click()
    see(office, "statement-draft")
    office.get_by_role("button", name="Issue").click()
    office.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(office.locator(".state").first).to_have_text("Issued")


def agree_to_statement(provider: Page, see: Sight) -> None:
    provider.get_by_role("link", name="Statements").first.click()
    provider.locator("main tbody a[href*='/statements/']").first.click()
    expect(provider.locator("main")).to_contain_text("¥10")  # 5 % of an order of ¥200
    see(provider, "statement")
    provider.get_by_role("button", name="Agree").click()
    provider.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(provider.locator(".state").first).to_have_text("Agreed")


def pay(office: Page) -> None:
    office.reload()
    office.locator("[name=reference]").fill("TT-0001")
    office.get_by_role("button", name="Note as paid").click()
    expect(office.locator(".state").first).to_have_text("Paid")


def expect_paid(provider: Page, see: Sight) -> None:
    provider.reload()
    expect(provider.locator(".state").first).to_have_text("Paid")
    expect(provider.locator("main")).to_contain_text("TT-0001")
    see(provider, "paid")
