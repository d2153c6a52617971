"""Every page of the site, in English on a wide light screen and in Chinese on a narrow dark one."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from tests.test_urls_access import PAGES as EVERY_PAGE

from . import chromium
from .chromium import Look
from .pages import ELSEWHERE, NO_PAGES, PAGES, follow

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
LOOKS = [Look("en", "light", 1440), Look("zh-hans", "dark", 390)]


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(open_tab, watcher, page, look):
    tab = open_tab(page.who, look)
    address = follow(tab.context.request, page)
    if page.status != 200:
        watcher.refused.add(address)
    answer = tab.goto(address)
    chromium.settle(tab)
    assert answer.status == page.status
    if page.url_name != "-":
        assert resolve(urlsplit(tab.url).path).view_name == page.url_name
    assert_sound(tab, look)


def assert_sound(tab, look: Look) -> None:
    """What is true of any page, however it looks."""
    chromium.settle(tab)
    assert tab.locator("html").get_attribute("lang").lower() == look.language
    assert tab.locator("mall-chart.is-failed").count() == 0
    assert too_wide(tab) == []
    assert axe(tab) == []
    if look.language == "zh-hans" and "/admin/" not in tab.url:  # Django's own has gaps
        assert left_in_english(tab) == []


def too_wide(tab) -> list[str]:
    """What sticks out of the window to the right, if the window can be scrolled there."""
    return tab.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.scrollingElement.scrollWidth <= width) return [];
          return [...document.body.querySelectorAll('*')]
            .filter((box) => box.getBoundingClientRect().right > width + 1)
            .map((box) => `${box.tagName}.${box.className}`).slice(0, 8).concat('is wider than the window');
        }"""
    )


def axe(tab) -> list[str]:
    """Serious and critical breaches of WCAG 2.2 A and AA."""
    tab.evaluate(AXE)
    found = tab.evaluate(
        """async () => (await axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'],
          elementRef: false, preload: false,
        })).violations.filter((rule) => ['serious', 'critical'].includes(rule.impact))
          .map((rule) => [rule.id, rule.help, rule.nodes.map((node) => node.html.slice(0, 160) + ' ' +
            [...node.any, ...node.all].map((check) => check.message).join(' ').slice(0, 160)).slice(0, 3)])"""
    )
    return [f"{rule}: {said}: {nodes}" for rule, said, nodes in found]


def left_in_english(tab) -> list[str]:
    """Texts of two English words and more, apart from data."""
    return tab.evaluate(
        """() => {
          const data = 'tbody, dd, code, .mono, [lang=en], option, script, svg, mall-chart, .timeline, #user-tools';
          const english = (text) => /^[ -~\u2010-\u2026]+$/.test(text) && /[A-Za-z]{2,} +[A-Za-z]{2,}/.test(text);
          const texts = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const { parentElement } = walker.currentNode;
            if (!parentElement.closest(data)) texts.push(walker.currentNode.data.trim());
          }
          for (const box of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
            if (box.closest(data)) continue;
            for (const name of ['aria-label', 'placeholder', 'title']) texts.push(box.getAttribute(name)?.trim() ?? '');
          }
          return [...new Set(texts.filter(english))];
        }"""
    )


def test_every_page_has_its_line():
    """The table of addresses knows all pages; the table here visits them."""
    expected = {page.name for page in EVERY_PAGE if page.get == 200} | {"redeem:store_choose"}
    visited = {page.url_name for page in PAGES} | ELSEWHERE
    missing = sorted(expected - visited - NO_PAGES)
    assert missing == [], f"Add a line to PAGES in tests/browser/pages.py for: {', '.join(missing)}"
