"""The main story, by clicking: a stock, a rule, a payment through the API, the coupon it earns, its redemption."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from .chromium import Look


def test_from_stock_to_redemption(open_tab):
    office = open_tab("harbour.operator")
    stock = make_stock(office)
    make_rule(office)
    agree(open_tab("harbour.owner"))
    launch(open_tab("harbour.manager"))
    coupon = pay(open_tab("harbour.manager"), stock)

    counter = open_tab("harbour.cashier", Look(width=390))
    redeem_twice(counter, coupon)

    find(office, coupon)
    life = office.locator(".timeline li")
    expect(life).to_have_count(2)
    expect(life.filter(has_text="Issued")).to_contain_text("A$88.00")
    expect(life.filter(has_text="Redeemed")).to_contain_text("A$5.00 off an order of A$40.00")


def make_stock(tab: Page) -> int:
    """Returns its number."""
    tab.goto("/malls/harbour/")
    tab.get_by_role("link", name="Coupon stocks").click()
    tab.get_by_role("link", name="New stock").click()
    tab.locator("[name=name_en]").fill("Five off tea")
    tab.locator("[name=code]").fill("five-off-tea")
    tab.locator("[name=merchant]").select_option(label="Pearl Lane Beverages Pty Ltd")
    tab.locator("[name=kind][value=percent_off]").check()
    expect(tab.locator("[name=value_fen]")).to_be_hidden()
    tab.locator("[name=kind][value=amount_off]").check()
    tab.locator("[name=value_fen]").fill("5")
    tab.locator("[name=min_spend_fen]").fill("20")
    tab.locator("[name=quantity]").fill("100")
    tab.get_by_role("button", name="Save stock").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Five off tea")
    return int(re.search(r"/stocks/(\d+)/$", tab.url)[1])


def make_rule(tab: Page) -> None:
    """The sentence beside the form says what the rule says while it is written."""
    tab.get_by_role("link", name="Rules", exact=True).click()
    tab.get_by_role("link", name="New rule").click()
    tab.locator("[name=name_en]").fill("Tea for eighty")
    tab.locator("[name=stock_1]").select_option(label="Five off tea")
    sentence = tab.locator("#preview .strong")
    expect(sentence).to_contain_text("Five off tea")
    expect(sentence).not_to_contain_text("A$80")
    tab.locator("[name=min_fen]").fill("80")
    expect(sentence).to_contain_text("A$80 or more")
    tab.get_by_role("button", name="Save draft").click()
    tab.get_by_role("button", name="Propose").click()
    tab.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(tab.locator(".page-sub .state")).to_have_text("Waiting for consent")


def agree(tab: Page) -> None:
    """The merchant whose coupons are given says yes."""
    tab.goto("/")
    tab.get_by_role("link", name="Consents").click()
    tab.get_by_role("link", name="Tea for eighty").click()
    tab.get_by_role("button", name="Agree").click()
    expect(tab.locator(".state").first).to_have_text("Accepted")


def launch(tab: Page) -> None:
    tab.goto("/malls/harbour/rules/")
    tab.get_by_role("link", name="Tea for eighty").click()
    tab.get_by_role("button", name="Launch").click()
    tab.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(tab.locator(".page-sub .state")).to_have_text("Live")


def pay(tab: Page, stock: int) -> str:
    """Payments with a key made for them just now, until a shopper outside the mall's control group (6 %) pays; returns
    the code of the coupon of this stock."""
    tab.goto("/malls/harbour/credentials/")
    tab.get_by_label("Label").fill("Till of the food court")
    tab.get_by_role("button", name="Create key").click()
    key = tab.locator("#new-key").inner_text()
    tab.goto("/malls/harbour/credentials/")
    expect(tab.locator("#new-key")).to_have_count(0)
    for shopper in range(10):
        payment = {
            "store": "G09", "channel": "card", "transaction_id": f"browser-{shopper}", "amount_fen": 8_800,
            "paid_at": datetime.now(UTC).isoformat(), "shopper": f"browser-{shopper}",
        }  # fmt: skip
        answer = tab.request.post("/api/v1/payments", data=payment, headers={"Authorization": f"Bearer {key}"})
        assert answer.status == 201, answer.text()
        codes = [one["code"] for one in answer.json().get("coupons", ()) if one["stock"] == stock]
        if codes:
            break
    (code,) = codes
    return code


def redeem_twice(tab: Page, code: str) -> None:
    """A double click, and then the same code again."""
    enter(tab, code)
    expect(tab.locator("dd.redeem-amount")).to_have_text("A$35.00")
    tab.get_by_role("button", name="Redeem").dblclick()
    tab.wait_for_url(re.compile(r"/redemptions/\d+/$"))
    expect(tab.get_by_role("heading", name="Redeemed")).to_be_visible()
    tab.get_by_role("link", name="Next coupon").click()
    expect(tab.locator(".redeem-list li").filter(has_text=f"…{code[-4:]}")).to_have_count(1)


def enter(tab: Page, code: str) -> None:
    tab.goto("/")
    tab.get_by_role("link", name="Pearl Lane Tea").click()
    tab.locator("[name=code]").fill(code.lower())
    tab.locator("[name=order_fen]").fill("40")
    tab.get_by_role("button", name="Check").click()


def find(tab: Page, code: str) -> None:
    tab.get_by_role("link", name="Find a coupon").click()
    tab.locator("#filters input").first.fill(code)
    tab.locator("#filters input").first.press("Enter")
    expect(tab.locator("#board tbody tr")).to_have_count(1)
    tab.locator("#board tbody a").first.click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text(code[-4:])
