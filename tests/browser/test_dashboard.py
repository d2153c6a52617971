"""A manager works with the overview: filters change a part of the page and its address, and Back undoes them."""

import re

from playwright.sync_api import Page, expect

from . import chromium


def test_filters_change_the_board_and_back_restores_it(open_tab):
    tab = open_tab("harbour.manager")
    tab.goto("/malls/harbour/")
    tab.evaluate("window.sameDocument = true")
    month = days_shown(tab)

    tab.get_by_role("radio", name="7 days").check()
    tab.wait_for_url("**/malls/harbour/?period=7d")
    expect(tab.locator("#board .range-line")).to_contain_text("7 days")
    week = days_shown(tab)
    assert week != month

    tab.get_by_label("Category", exact=True).select_option(index=1)
    tab.wait_for_url(re.compile(r"\?period=7d&category=\w+$"))
    assert tab.evaluate("window.sameDocument"), "the page was loaded anew"

    tab.go_back()
    tab.wait_for_url("**/malls/harbour/?period=7d")
    expect(tab.get_by_label("Category", exact=True)).to_have_value("")
    assert days_shown(tab) == week
    tab.go_back()
    expect(tab).to_have_url(re.compile("/malls/harbour/$"))
    expect(tab.locator("#filters [value='30d']")).to_be_checked()
    assert days_shown(tab) == month


def days_shown(tab: Page) -> str:
    return tab.locator("#board .range-line strong").inner_text()


def test_charts_are_drawn_and_have_their_numbers_beside(open_tab):
    tab = open_tab("harbour.manager")
    tab.goto("/malls/harbour/")
    chromium.settle(tab)
    charts = tab.locator("mall-chart")
    assert charts.count() >= 3
    for chart in charts.all():
        expect(chart.locator("svg.main-svg").first).to_be_visible()
    numbers = tab.locator("details.as-table").first
    expect(numbers.locator("tbody tr").first).to_be_hidden()
    numbers.get_by_text("View as table").click()
    expect(numbers.locator("tbody tr").first).to_be_visible()


def test_charts_are_drawn_again_after_a_filter(open_tab):
    tab = open_tab("harbour.manager")
    tab.goto("/malls/harbour/")
    tab.get_by_role("radio", name="7 days").check()
    tab.wait_for_url("**/malls/harbour/?period=7d")
    chromium.settle(tab)
    expect(tab.locator("mall-chart.is-drawn").first).to_be_visible()


def test_a_table_is_exported(open_tab):
    tab = open_tab("harbour.manager")
    tab.goto("/malls/harbour/stores/")
    tab.locator("summary").filter(has_text="Export").click()
    with tab.expect_download() as download:
        tab.get_by_role("link", name="CSV").first.click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\n") > 10
