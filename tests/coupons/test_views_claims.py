"""The operator's pages of claim codes, and the posters."""

from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coupons import posters
from coupons.engine.terms import Limits
from coupons.models import ClaimCode
from coupons.models.rule import RuleState
from coupons.posters import Poster
from coupons.services import claim_codes
from coupons.services.claim_codes import CodeError
from coupons.typesetting import wrap
from merchants.models import AuditEntry
from tests.factories import make_category, make_mall, make_rule, make_stock, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(mall, store):
    stock = make_stock(mall=mall, merchant=store.merchant)
    return make_rule(mall=mall, stock=stock, trigger="qr", limits=Limits(per_shopper=1))


@pytest.fixture
def browser(client, operator):
    client.force_login(operator)
    return client


def url(name, rule, **more) -> str:
    return reverse(f"coupons:{name}", kwargs={"mall": rule.mall.slug, "pk": rule.pk, **more})


def test_a_code_is_made_and_listed(browser, rule, store, operator):
    answer = browser.post(url("claim_code_new", rule), {"store": store.pk}, follow=True)
    code = ClaimCode.objects.get()
    assert (code.rule, code.store, code.created_by) == (rule, store, operator)
    assert f"/c/{code.token}/" in answer.content.decode() and store.name in answer.content.decode()
    assert AuditEntry.objects.get(action="claim_code_made").changes["store"] == [None, str(store.pk)]


def test_a_code_without_a_store_is_the_malls(browser, rule):
    browser.post(url("claim_code_new", rule), {"store": ""})
    assert ClaimCode.objects.get().store is None


def test_only_stores_where_the_rule_is_offered(browser, mall, store):
    food = make_category(mall=mall)
    inside, outside = make_store(mall=mall, category=food), make_store(mall=mall)
    foreign = make_store(mall=make_mall())
    rule = make_rule(mall=mall, trigger="nearby", categories=(food.pk,))
    for wrong in (outside.pk, foreign.pk, "x", 10**30):
        assert browser.post(url("claim_code_new", rule), {"store": wrong}).status_code == 422
    with pytest.raises(CodeError):
        claim_codes.make(rule=rule, store=outside, by=None)
    assert not ClaimCode.objects.exists()
    assert browser.post(url("claim_code_new", rule), {"store": inside.pk}).status_code == 302


@pytest.mark.parametrize("trigger", ["payment", "hand_out"])
def test_rules_that_are_not_claimed_have_no_codes(browser, mall, trigger):
    rule = make_rule(mall=mall, trigger=trigger)
    assert browser.get(url("claim_codes", rule)).status_code == 404
    assert browser.post(url("claim_code_new", rule)).status_code == 404
    with pytest.raises(CodeError):
        claim_codes.make(rule=rule, store=None, by=None)


def test_a_draft_may_have_codes_before_it_runs(browser, mall):
    rule = make_rule(mall=mall, trigger="qr", state=RuleState.DRAFT)
    rule.version = None
    rule.save()
    assert "not live" in browser.get(url("claim_codes", rule)).content.decode()
    assert browser.post(url("claim_code_new", rule), {}).status_code == 302


def test_a_draft_that_is_not_whole_has_none(browser, mall):
    rule = make_rule(mall=mall, trigger="qr", state=RuleState.DRAFT)
    rule.version, rule.draft = None, {"trigger": "qr"}
    rule.save()
    assert browser.get(url("claim_codes", rule)).status_code == 404


def test_closing_is_for_good_and_asked_once(browser, rule):
    code = claim_codes.make(rule=rule, store=None, by=None)
    for _ in range(2):
        assert browser.post(url("claim_code_close", rule, code=code.pk)).status_code == 302
    assert AuditEntry.objects.filter(action="claim_code_closed").count() == 1
    assert "Out of use" in browser.get(url("claim_codes", rule)).content.decode()


def test_a_code_of_another_rule_is_not_found(browser, rule, mall):
    code = claim_codes.make(rule=make_rule(mall=mall, trigger="qr"), store=None, by=None)
    assert browser.post(url("claim_code_close", rule, code=code.pk)).status_code == 404
    assert browser.get(url("claim_poster", rule, code=code.pk, form="svg")).status_code == 404


def test_same_queries_for_one_code_and_for_three(browser, rule, django_assert_num_queries):
    claim_codes.make(rule=rule, store=None, by=None)
    browser.get(url("claim_codes", rule))
    with CaptureQueriesContext(connection) as first:
        browser.get(url("claim_codes", rule))
    queries = len(first)
    for _ in range(2):
        claim_codes.make(rule=rule, store=None, by=None)
    browser.get(url("claim_codes", rule))
    with django_assert_num_queries(queries):
        browser.get(url("claim_codes", rule))


# --- Posters ---

POSTER = Poster(
    "星河天地",
    "半日咖啡 & Co",
    "扫码领<券>",
    ("满 ¥50 立减 ¥10", "2 × ¥5"),
    "Scan",
    ("One", "两"),
    "https://x.cn/c/abc/",
)


@pytest.mark.parametrize(
    ("form", "kind", "magic"),
    [("svg", "image/svg+xml", b"<svg"), ("pdf", "application/pdf", b"%PDF-"), ("png", "image/png", b"\x89PNG")],
)
def test_a_poster_comes_as_each_kind(browser, rule, store, form, kind, magic):
    code = claim_codes.make(rule=rule, store=store, by=None)
    answer = browser.get(url("claim_poster", rule, code=code.pk, form=form))
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer.content.startswith(magic) and f".{form}" in answer["Content-Disposition"]


def test_other_kinds_do_not_exist(browser, rule):
    code = claim_codes.make(rule=rule, store=None, by=None)
    assert browser.get(url("claim_poster", rule, code=code.pk, form="exe")).status_code == 404


def test_the_svg_holds_every_text_and_is_well_formed():
    root = ElementTree.fromstring(posters.svg(POSTER))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for part in (POSTER.mall, POSTER.place, POSTER.title, *POSTER.offers, POSTER.invitation, *POSTER.lines):
        assert part in texts


def test_the_code_says_the_address():
    """Read back through the matrix: the same code that segno makes of the address."""
    import segno

    path = posters.svg(POSTER).partition('<path d="')[2].partition('"')[0]
    dark = {tuple(map(int, dot.removesuffix("h1v1h-1z").split())) for dot in path.split("M")[1:]}
    rows = segno.make(POSTER.url, error="m", micro=False).matrix_iter(border=2)
    assert dark == {(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}


def test_the_png_is_large_enough_for_print():
    from struct import unpack

    width, height = unpack(">II", posters.png(POSTER.url)[16:24])
    assert width == height >= posters.PNG_PIXELS


@pytest.mark.parametrize("text", ["", "🍜" * 40, "a" * 500, "券" * 500, "一 " * 300, "\u200b", "a\tb", "<&>\"'"])
def test_any_text_fits_or_is_cut(text):
    poster = Poster(text, text, text, (text,) * 5, text, (text,) * 30, "https://x.cn/c/abc/")
    ElementTree.fromstring(posters.svg(poster))
    assert posters.pdf(poster).startswith(b"%PDF-")
    lines, _qr_y = posters.layout(poster)
    assert all(line.y < posters.HEIGHT for line in lines)


def test_long_lines_break_where_they_may():
    assert wrap("¥5 off on orders of ¥15 or more", 180 / 14, 2) == ["¥5 off on orders of", "¥15 or more"]
    assert wrap("满减券" * 9, 180 / 14, 3) == ["满减券满减券满减券满减券", "满减券满减券满减券满减券", "满减券"]
    assert wrap("x" * 60, 180 / 14, 1)[0].endswith("…")


def test_the_poster_speaks_the_readers_language(browser, rule, store):
    code = claim_codes.make(rule=rule, store=store, by=None)
    answer = browser.get(url("claim_poster", rule, code=code.pk, form="svg"), headers={"Accept-Language": "zh-Hans"})
    assert rule.name_zh in answer.content.decode()


def test_a_closed_code_has_no_use_for_a_poster_but_keeps_it(browser, rule):
    code = claim_codes.make(rule=rule, store=None, by=None)
    claim_codes.close(code=code, now=timezone.now(), by=None)
    assert browser.get(url("claim_poster", rule, code=code.pk, form="png")).status_code == 200
