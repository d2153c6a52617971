"""The rule builder by the keyboard alone: a starting point, nested conditions, the sentence, a contradiction, saved."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .chromium import Look
from .test_pages import assert_sound

TABS = 160  # more to reach anything would be no way to work


def go_to(tab: Page, goal: Locator) -> Locator:
    """Press Tab until the control has the focus."""
    for _ in range(TABS):
        if goal.count() == 1 and goal.evaluate("element => element === document.activeElement"):
            return goal
        tab.keyboard.press("Tab")
    raise AssertionError(f"{TABS} times Tab do not lead to {goal}")


def go_back_to(tab: Page, goal: Locator) -> Locator:
    for _ in range(TABS):
        if goal.evaluate("element => element === document.activeElement"):
            return goal
        tab.keyboard.press("Shift+Tab")
    raise AssertionError(f"{TABS} times Shift+Tab do not lead to {goal}")


def choose(tab: Page, control: Locator, label: str) -> None:
    """Type the beginning of an option in a focused select."""
    tab.keyboard.type(label)
    expect(control.locator("option:checked")).to_have_text(re.compile(f"^{label}"))


def press(tab: Page, goal: Locator) -> None:
    go_to(tab, goal)
    tab.keyboard.press("Enter")


def rest(tab: Page) -> None:
    """Until all that was typed is answered: the panel waits a little before it asks."""
    tab.wait_for_timeout(700)
    tab.wait_for_load_state("networkidle")


@pytest.fixture
def builder(open_tab):
    tab = open_tab("galaxy.operator")
    tab.goto("/malls/galaxy/rules/new/")
    return tab


def test_a_rule_by_keyboard(builder):
    tab = builder
    sentence, findings = tab.locator("#sentence"), tab.locator("#findings")
    expect(sentence).to_have_text("A shopper who pays any amount anywhere in the mall gets nothing yet.")
    press(tab, tab.get_by_role("link", name="After lunch to dessert"))
    expect(sentence).to_contain_text("between 11:00 and 14:30, gets 1 ×")

    press(tab, tab.get_by_role("button", name="Add a condition"))
    fact = tab.locator("[name=c-0-fact]")
    expect(fact).to_be_focused()
    choose(tab, fact, "Visits")
    value = tab.locator("[name=c-0-value]")
    expect(value).to_be_visible()
    expect(fact).to_be_focused()  # kept over the exchange of the part
    go_to(tab, value)
    tab.keyboard.type("3")
    expect(sentence).to_contain_text("if the shopper was at the mall on at least 3 days so far, gets")

    nest(tab)
    expect(sentence).to_contain_text("if the shopper was at the mall on at least 3 days so far and (")
    expect(sentence).to_contain_text("it is Monday or the amount is at most ¥50), gets")
    expect(findings).to_contain_text("Condition 3 can never hold")

    contradict(tab)
    expect(findings).to_contain_text("It never matches: no shopper's history meets all of the conditions.")
    drop(tab)
    expect(findings).not_to_contain_text("It never matches")
    save(tab)


def nest(tab: Page) -> None:
    """A group of two conditions in the group that is there."""
    press(tab, tab.get_by_role("button", name="Add a group"))
    fact = tab.locator("[name=c-1-0-fact]")
    expect(fact).to_be_focused()
    choose(tab, fact, "Weekday")
    go_to(tab, tab.locator("[name=c-1-0-value][value='1']"))
    tab.keyboard.press("Space")
    press(tab, tab.locator("#node-c-1 > .node-tools").get_by_role("button", name="Add a condition"))
    fact = tab.locator("[name=c-1-1-fact]")
    expect(fact).to_be_focused()
    choose(tab, fact, "Amount")
    choose_op(tab, "c-1-1", "at most")
    go_to(tab, tab.locator("[name=c-1-1-value]"))
    tab.keyboard.type("50")


def choose_op(tab: Page, path: str, label: str) -> None:
    op = tab.locator(f"[name={path}-op]")
    expect(op).to_be_visible()
    choose(tab, go_to(tab, op), label)


def contradict(tab: Page) -> None:
    """Three visits, and at the same time none."""
    press(tab, tab.locator("#node-c > .node-tools").get_by_role("button", name="Add a condition"))
    fact = tab.locator("[name=c-2-fact]")
    expect(fact).to_be_focused()
    choose(tab, fact, "First visit")
    expect(tab.locator("[name=c-2-value]")).to_have_value("yes")


def drop(tab: Page) -> None:
    """The finding leads to the condition it is about, where it can be removed."""
    link = tab.locator("#findings").get_by_role("link", name="Change this condition")
    expect(link).to_have_attribute("href", "#node-c-2")
    go_to(tab, tab.locator("#node-c-2").get_by_role("button", name="Remove this condition"))
    tab.keyboard.press("Enter")
    expect(tab.locator("#node-c-2")).to_have_count(0)
    expect(tab.locator("#node-c > .node-tools button").first).to_be_focused()


def save(tab: Page) -> None:
    """By the Enter key in a field, as in any form."""
    go_back_to(tab, tab.locator("[name=name_en]"))
    tab.keyboard.press("Control+A")
    tab.keyboard.type("Dessert for regulars")
    rest(tab)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Dessert for regulars")
    expect(tab.locator("#content")).to_contain_text("on at least 3 days so far and (")


def test_an_error_keeps_what_was_typed(open_tab, watcher):
    tab = open_tab("galaxy.operator")
    tab.goto("/malls/galaxy/rules/new/")
    watcher.refused.add("/malls/galaxy/rules/new/")
    tab.get_by_role("button", name="Add a condition").click()
    tab.locator("[name=c-0-fact]").select_option("spend_fen")
    tab.locator("[name=c-0-value]").fill("much")
    tab.locator("[name=hours]").fill("noon")
    expect(tab.locator("#preview")).to_contain_text("“noon” is not a time such as 11:00-14:00.")
    rest(tab)
    tab.locator("#rule-form").get_by_role("button", name="Save draft").last.click()
    expect(tab.locator("[name=c-0-value]")).to_have_value("much")
    expect(tab.locator("#node-c-0")).to_contain_text("Enter an amount in yuan")
    expect(tab.locator("[name=hours]")).to_have_value("noon")
    tab.evaluate("scrollTo(0, 0)")
    assert_sound(tab, Look())


@pytest.mark.parametrize("look", [Look("zh-hans", "dark", 390), Look("en", "light", 1440)], ids=str)
def test_every_starting_point_is_sound(open_tab, look):
    """Also with a list to pick from open."""
    tab = open_tab("galaxy.operator", look)
    for key in ("lunch-dessert", "slow-hours", "win-back", "new-store", "kids", "welcome"):
        tab.goto(f"/malls/galaxy/rules/new/?template={key}")
        expect(tab.locator("[name=stock_1]")).not_to_have_value("")
        assert_sound(tab, look)
    tab.locator("#id_stores > summary").click()
    tab.locator("#id_stores .picker-narrow").fill("no such store")
    expect(tab.locator("#id_stores .choices label").first).to_be_hidden()
    tab.locator("#id_stores .picker-narrow").fill("")
    tab.locator("#id_stores input[type=checkbox]").first.check()
    name = tab.locator("#id_stores .choices label").first.inner_text().split(" ·")[0]
    expect(tab.locator("#id_stores .picker-chosen")).to_contain_text(name)
    expect(tab.locator("#sentence")).to_contain_text(name)
    rest(tab)
    tab.evaluate("scrollTo(0, 0)")  # out from under the panel that follows
    assert_sound(tab, look)
