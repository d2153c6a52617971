"""python -m tests.browser.shots DIR: pictures of the pages of a running demonstration (`make demo`), to look at.

All pages of tests.browser.pages, each whole, in both languages, light and dark, at 1440 and 390 pixels.
"""

import argparse
import itertools
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error

from . import chromium
from .chromium import Look
from .pages import PAGES, Page, follow

DEMO = "http://127.0.0.1:8000"
PASSWORD = "star-river-mall"


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots", description=__doc__)
    parser.add_argument("dir", type=Path, help="where the pictures go")
    parser.add_argument("--url", default=DEMO, help="the demonstration (default %(default)s)")
    parser.add_argument("--password", default=PASSWORD, help="of the demo accounts (default %(default)s)")
    parser.add_argument("--only", default="", help="only pages whose name fits this pattern")
    parser.add_argument("--languages", nargs="+", default=["en", "zh-hans"], choices=["en", "zh-hans"])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    parser.add_argument("--widths", nargs="+", type=int, default=[1440, 390], choices=[1440, 390])
    return parser.parse_args(words)


def main() -> int:
    options = parse()
    pages = [page for page in PAGES if re.search(options.only, page.name)]
    looks = [Look(*each) for each in itertools.product(options.languages, options.themes, options.widths)]
    path = chromium.found() or sys.exit("No Chromium was found.")
    options.dir.mkdir(parents=True, exist_ok=True)
    failed = 0
    with chromium.started(path) as browser:
        for who in sorted({page.who for page in pages}):
            state = signed_in(browser, options, who)
            theirs = [page for page in pages if page.who == who]
            failed += sum(take(browser, options, look, state, theirs) for look in looks)
    return 1 if failed else 0


def signed_in(browser: Browser, options: argparse.Namespace, who: str) -> dict | None:
    if not who:
        return None
    context = chromium.open_context(browser, options.url, Look())
    chromium.sign_in(context.new_page(), who, options.password)
    state = context.storage_state()
    context.close()
    return state


def take(browser: Browser, options: argparse.Namespace, look: Look, state: dict | None, pages: list[Page]) -> int:
    """Pictures of one reader's pages in one look; says and counts what did not work."""
    failed = 0
    context = chromium.open_context(browser, options.url, look, state)
    tab = context.new_page()
    for page in pages:
        name = re.sub(r"\W+", "-", page.name).strip("-")
        try:
            tab.goto(follow(context.request, page))
            chromium.settle(tab)
            # Not `full_page`: Chromium leaves what is sticky out of such pictures.
            tab.set_viewport_size({"width": look.width, "height": chromium.height(tab)})
            chromium.settle(tab)
            tab.screenshot(path=options.dir / f"{name}-{look}.png")
            tab.set_viewport_size(chromium.SIZES[look.width])
        except (LookupError, Error) as error:
            failed += 1
            print(f"{page.name}, {look}: {error}", file=sys.stderr)
    context.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
