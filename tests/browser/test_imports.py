"""A file with bad rows is uploaded, worked off by the server's task worker, and its report fetched."""

import re

from playwright.sync_api import expect

ROWS = """store,channel,transaction_id,amount,paid_at,shopper
G09,card,browser-import-1,12.50,2026-03-01 12:00:00,
G09,card,browser-import-2,=1+1,2026-03-01 12:00:00,
nowhere,card,browser-import-3,12.50,2026-03-01 12:00:00,
"""


def test_file_with_bad_rows(open_tab):
    tab = open_tab("harbour.operator")
    tab.goto("/malls/harbour/")
    tab.get_by_role("link", name="Imports").click()
    tab.get_by_role("link", name="New import").first.click()
    tab.get_by_label("What is in the file").select_option("payments")
    tab.get_by_label("CSV file").set_input_files({"name": "march.csv", "mimeType": "text/csv", "buffer": ROWS.encode()})
    tab.get_by_role("button", name="Import").click()
    tab.wait_for_url(re.compile(r"/imports/\d+/$"))
    tab.evaluate("window.sameDocument = true")
    expect(tab.locator("#board .state")).to_have_text("Done, some rows bad", timeout=20_000)
    assert tab.evaluate("window.sameDocument"), "the page was loaded anew"
    facts = dict(zip(*(tab.locator(f"#board {tag}").all_inner_texts() for tag in ("dt", "dd")), strict=True))
    assert [facts[name] for name in ("Rows read", "Added or changed", "Bad")] == ["3", "1", "2"]
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Report of bad rows").click()
    _head, *lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines] == [["3", "amount"], ["4", "store"]]
