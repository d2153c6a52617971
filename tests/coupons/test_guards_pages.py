"""The pages about abuse: findings, a person's word, blocks."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.guards import blocking, running
from coupons.models import Block, GuardFlag
from merchants.models import AuditEntry
from payments import devices
from payments.models import Shopper
from payments.shoppers import digest
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


def make_flag(mall, *, guard: str = "velocity", shopper: Shopper | None = None, **evidence) -> GuardFlag:
    """An open finding with its block, as a run of the guards leaves it."""
    shopper = shopper or Shopper.objects.create(mall=mall, created_at=NOW)
    evidence = {"what": "payments", "ids": [], "used": 0} | evidence
    flag = GuardFlag.objects.create(mall=mall, guard=guard, shopper=shopper, evidence=evidence, raised_at=NOW)
    blocking.block(mall=mall, shopper=shopper, reason="", now=NOW, by=None, flag=flag)
    return flag


@pytest.fixture
def signed_in(client, operator):
    client.force_login(operator)
    return client


def listed(answer) -> list[GuardFlag]:
    return list(answer.context["table"].page)


def test_findings_are_filtered_by_guard_and_state(signed_in, mall):
    first, second = make_flag(mall), make_flag(mall, guard="refund_loop", ids=[1, 2, 3])
    url = page("guard_list", mall.slug)
    answer = signed_in.get(url)
    assert listed(answer) == [second, first]
    assert "3 payments that earned coupons were refunded afterwards, within 30 days." in answer.text
    assert listed(signed_in.get(url, {"guard": "velocity"})) == [first]
    assert listed(signed_in.get(url, {"state": "upheld"})) == []
    assert listed(signed_in.get(url, {"guard": "x", "state": "x"})) == [second, first]


def test_the_table_of_false_positives(signed_in, mall):
    GuardFlag.objects.filter(pk=make_flag(mall).pk).update(state="overruled")
    GuardFlag.objects.filter(pk=make_flag(mall).pk).update(state="upheld")
    make_flag(mall)
    (velocity,) = [row for row in signed_in.get(page("guard_list", mall.slug)).context["tallies"].rows if row.raised]
    assert (velocity.guard, velocity.raised, velocity.open, velocity.false_share) == ("velocity", 3, 1, 0.5)
    assert "50.0%" in signed_in.get(page("guard_list", mall.slug)).text


@pytest.mark.parametrize(
    ("word", "state", "is_blocked"), [("uphold", "upheld", True), ("overrule", "overruled", False)]
)
def test_a_persons_word(signed_in, mall, operator, word, state, is_blocked):
    flag = make_flag(mall)
    url = page("guard_review", mall.slug, flag.pk)
    answer = signed_in.post(url, {"word": word, "note": "Looked at it"}, follow=True)
    flag.refresh_from_db()
    assert (flag.state, flag.note, flag.reviewed_by) == (state, "Looked at it", operator)
    assert blocking.in_force(mall, NOW).exists() is is_blocked
    assert "Looked at it" in answer.text and operator.username in answer.text
    late = signed_in.post(url, {"word": word, "note": "Again"}, follow=True)
    assert "Someone has reviewed this finding meanwhile." in late.text


def crowd(mall, size: int) -> list[GuardFlag]:
    """Findings about shoppers of one device."""
    for _ in range(size):
        shopper = Shopper.objects.create(mall=mall, created_at=NOW)
        devices.note(mall_id=mall.pk, shopper_id=shopper.pk, device_digest="d", now=NOW)
    return running.run(mall=mall, now=NOW)


@pytest.mark.parametrize(("together", "states"), [("on", {"overruled"}), ("", {"overruled", "open"})])
def test_one_word_on_all_shoppers_of_a_device(signed_in, mall, together, states):
    flag, *_ = crowd(mall, 5)
    other = make_flag(mall)
    url = page("guard_detail", mall.slug, flag.pk)
    assert "Also the 4 other shoppers with the same evidence" in signed_in.get(url).text
    data = {"word": "overrule", "note": "The tablet at the desk", "together": together}
    assert signed_in.post(page("guard_review", mall.slug, flag.pk), data).status_code == 302
    assert set(GuardFlag.objects.filter(guard="shared_device").values_list("state", flat=True)) == states
    other.refresh_from_db()
    assert other.state == "open"


@pytest.mark.parametrize(
    "data", [{}, {"word": "uphold"}, {"word": "burn", "note": "x"}, {"word": "uphold", "note": " "}]
)
def test_a_word_without_a_note_or_of_another_kind_changes_nothing(signed_in, mall, data):
    flag = make_flag(mall)
    assert signed_in.post(page("guard_review", mall.slug, flag.pk), data).status_code == 422
    flag.refresh_from_db()
    assert flag.state == "open"


def test_evidence_of_every_kind_is_shown(signed_in, mall, store, cashier, settings):
    from tests.coupons import test_guards_findings as found

    settings.GUARD_AWARDS_PER_HOUR, settings.GUARD_STAFF_REDEMPTIONS = 2, 3
    factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant, min_spend_fen=0))
    found.loop(store, shopper="ann")
    found.crowd(mall, 5)
    found.earn_and_use(store, cashier, times=3, wait=timedelta(hours=1), shopper="ben")
    for _ in range(2):
        found.pay(store, at=NOW, shopper="cleo")
    flags = running.run(mall=mall, now=NOW + timedelta(seconds=1))
    kinds = {flag.evidence["what"]: flag for flag in flags}
    assert set(kinds) == {"payments", "shoppers", "redemptions", "decisions"}
    for flag in kinds.values():
        answer = signed_in.get(page("guard_detail", mall.slug, flag.pk))
        assert answer.status_code == 200
        assert len(answer.context["facts"].page) == len(flag.evidence["ids"])


def test_other_malls_findings_are_not_found(client, mall, stranger, owner, cashier, provider_manager):
    flag = make_flag(mall)
    own = stranger.memberships.get().mall
    client.force_login(stranger)
    for slug in (mall.slug, own.slug):
        assert client.get(page("guard_detail", slug, flag.pk)).status_code == 404
        assert client.post(page("guard_review", slug, flag.pk), {"word": "overrule", "note": "x"}).status_code == 404
    for user in (owner, cashier, provider_manager):
        client.force_login(user)
        assert client.get(page("guard_list", mall.slug)).status_code == 404
    assert listed_for(client, stranger, own) == []


def listed_for(client, user, mall) -> list[GuardFlag]:
    client.force_login(user)
    return listed(client.get(page("guard_list", mall.slug)))


# --- Blocks ---


@pytest.fixture
def anna(mall):
    shopper = Shopper.objects.create(mall=mall, created_at=NOW)
    shopper.identities.create(mall=mall, digest=digest(mall.pk, "anna"))
    return shopper


@pytest.mark.parametrize("named", ["anna", "#{pk}", "{pk}"])
def test_blocking_by_hand(signed_in, mall, operator, anna, named):
    data = {"shopper": named.format(pk=anna.pk), "reason": "Sells coupons", "last_day": "2099-12-31"}
    answer = signed_in.post(page("block_list", mall.slug), data, follow=True)
    (block,) = Block.objects.all()
    assert (block.shopper, block.reason, block.blocked_by) == (anna, "Sells coupons", operator)
    assert block.until.isoformat() == "2099-12-31T16:00:00+00:00"  # the day's end in Shanghai
    assert "Sells coupons" in answer.text
    (entry,) = AuditEntry.objects.filter(action="shopper_blocked")
    assert entry.actor == operator and "anna" not in str(entry.changes)


@pytest.mark.parametrize(
    ("field", "value"),
    [("shopper", "ben"), ("shopper", ""), ("shopper", "#0"), ("reason", ""), ("reason", "x" * 501),
     ("last_day", "2020-01-01"), ("last_day", "soon")],
)  # fmt: skip
def test_a_block_that_cannot_be(signed_in, mall, anna, field, value):
    data = {"shopper": "anna", "reason": "Sells coupons", "last_day": ""} | {field: value}
    answer = signed_in.post(page("block_list", mall.slug), data)
    assert answer.status_code == 422 and set(answer.context["block_form"].errors) == {field}
    assert not Block.objects.exists()


def test_a_shopper_of_another_mall_cannot_be_blocked(signed_in, mall):
    other = factories.make_mall()
    shopper = Shopper.objects.create(mall=other, created_at=NOW)
    shopper.identities.create(mall=other, digest=digest(other.pk, "anna"))
    for named in ("anna", f"#{shopper.pk}"):
        assert signed_in.post(page("block_list", mall.slug), {"shopper": named, "reason": "x"}).status_code == 422


def test_blocks_in_force_and_all(signed_in, mall, anna, operator):
    at = {"mall": mall, "shopper": anna, "by": operator}
    hour = timedelta(hours=1)
    standing = blocking.block(**at, reason="a", now=NOW)
    over = blocking.block(**at, reason="b", now=NOW - 2 * hour, until=NOW - hour)
    url = page("block_list", mall.slug)
    assert listed(signed_in.get(url)) == [standing]
    assert listed(signed_in.get(url, {"state": "all"})) == [standing, over]
    assert "Ended" in signed_in.get(page("block_detail", mall.slug, over.pk)).text


def test_lifting(signed_in, mall, anna, operator):
    block = blocking.block(mall=mall, shopper=anna, reason="a", now=NOW, by=None)
    url = page("block_lift", mall.slug, block.pk)
    assert "Lifted" in signed_in.post(url, follow=True).text
    assert signed_in.post(url).status_code == 302
    block.refresh_from_db()
    assert block.lifted_by == operator
    assert AuditEntry.objects.filter(action="block_lifted").count() == 1


def test_a_blocks_finding_is_one_click_away(signed_in, mall):
    flag = make_flag(mall)
    text = signed_in.get(page("block_detail", mall.slug, flag.blocks.get().pk)).text
    assert page("guard_detail", mall.slug, flag.pk) in text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("guard_list", 8), ("block_list", 7)])
def test_lists_take_the_same_queries(signed_in, mall, rows, name, queries, django_assert_num_queries):
    for _ in range(rows):
        make_flag(mall)
    with django_assert_num_queries(queries):
        signed_in.get(page(name, mall.slug))


@pytest.mark.parametrize("shoppers", [5, 7])
def test_a_finding_takes_the_same_queries(signed_in, mall, shoppers, django_assert_num_queries):
    flag, *_ = crowd(mall, shoppers)
    with django_assert_num_queries(10):
        signed_in.get(page("guard_detail", mall.slug, flag.pk))
