"""Hand-outs: everyone who meets the conditions, each once, wherever the work was stopped."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from coupons import handing
from coupons.claiming import ClaimError
from coupons.engine.conditions import Leaf
from coupons.engine.terms import Limits
from coupons.models import Claim, Coupon, Decision, HandOut
from coupons.models.rule import RuleState
from mallops import pipeline
from mallops.claim import running
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from merchants.queries import directory as directories
from payments.models import Payment, Shopper
from tests.factories import make_rule, make_stock, payment_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(handing, "BLOCK", 3)


@pytest.fixture
def crowd(mall, store, record):
    """Ten shoppers, the first four of whom paid twice, on two days."""
    now = timezone.now()
    record(*(payment_event(store, shopper=f"s{n}", paid_at=now - timedelta(days=9)) for n in range(10)))
    record(*(payment_event(store, shopper=f"s{n}", paid_at=now - timedelta(days=1)) for n in range(4)))
    return list(Shopper.objects.for_mall(mall).order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def rule(mall, store):
    return make_rule(mall=mall, trigger="hand_out", stock=make_stock(mall=mall, merchant=store.merchant))


@pytest.fixture
def regulars(mall, store):
    """A rule for those who came on two days of the last thirty."""
    tree = Leaf("visits", "at_least", 2, days=30)
    stock = make_stock(mall=mall, merchant=store.merchant)
    return make_rule(mall=mall, trigger="hand_out", stock=stock, conditions=tree)


def begun(rule) -> HandOut:
    return handing.begin(rule=rule, now=timezone.now(), by=None)


def preview(rule) -> handing.Preview:
    return handing.preview(directories.current(rule.mall_id), rule.pk, now=timezone.now())


class Here:
    """A context that stops after so many blocks."""

    def __init__(self, blocks: int = 1_000, error: type[Exception] = KeyboardInterrupt) -> None:
        self.left, self.error = blocks, error

    def progress(self, done, total=None, note="") -> None:
        self.left -= 1
        if not self.left:
            raise self.error

    def fenced(self):
        from contextlib import nullcontext

        return nullcontext()


def test_everyone_gets_one(mall, crowd, rule):
    run = running.run(begun(rule).pk, Here())
    assert (run.state, run.seen, run.awarded, run.refused) == ("done", 10, 10, 0)
    assert sorted(Coupon.objects.for_mall(mall).values_list("shopper", flat=True)) == crowd
    claims = Claim.objects.for_mall(mall).filter(hand_out=run)
    assert {claim.request_id for claim in claims} == {f"h{run.pk}:{pk}" for pk in crowd}


def test_only_who_meets_the_conditions(mall, crowd, regulars):
    assert preview(regulars) == handing.Preview(10, 4, 0)
    run = running.run(begun(regulars).pk, Here())
    assert (run.seen, run.awarded, run.refused) == (10, 4, 6)
    often = Payment.objects.for_mall(mall).values("shopper").annotate(n=Count("pk")).filter(n=2)
    given = Coupon.objects.for_mall(mall).values_list("shopper", flat=True)
    assert set(given) == set(often.values_list("shopper", flat=True))
    assert Decision.objects.for_mall(mall).exclude(claim=None).count() == 4  # with their traces, for explaining


def test_of_a_large_mall_a_part_stands_for_all(mall, crowd, store, monkeypatch):
    monkeypatch.setattr(handing, "ASKED_AT_MOST", 5)
    stock = make_stock(mall=mall, merchant=store.merchant, quantity=7)
    rule = make_rule(mall=mall, trigger="hand_out", stock=stock)
    assert preview(rule) == handing.Preview(10, 8, 0, step=2)  # four asked, each for two; a fifth would be above seven


def test_it_goes_on_where_it_was_stopped(mall, crowd, rule):
    run = begun(rule)
    with pytest.raises(KeyboardInterrupt):
        running.run(run.pk, Here(blocks=2))
    run.refresh_from_db()
    assert (run.state, run.seen, run.last_shopper) == ("running", 6, crowd[5])
    assert running.run(run.pk, Here()).awarded == 10
    assert Coupon.objects.for_mall(mall).count() == 10


def test_a_block_that_fails_leaves_nothing(mall, crowd, rule, monkeypatch):
    run = begun(rule)
    monkeypatch.setattr("mallops.pipeline.rollups.post", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        running.run(run.pk, Here())
    monkeypatch.undo()
    run.refresh_from_db()
    assert (run.seen, run.last_shopper, Claim.objects.for_mall(mall).count()) == (0, 0, 0)


def test_blocks_do_not_have_the_rulebook_compiled_anew(mall, crowd, rule):
    """But once: the first coupons that somebody pays for open accounts."""
    run = begun(rule)
    mall.refresh_from_db()
    before = mall.revision
    running.run(run.pk, Here())
    mall.refresh_from_db()
    assert mall.revision == before + 1


def test_another_hand_out_of_the_rule_gives_again(mall, crowd, rule):
    for _ in range(2):
        running.run(begun(rule).pk, Here())
    assert Coupon.objects.for_mall(mall).count() == 20


def test_limits_hold_and_end_it(mall, crowd, store):
    stock = make_stock(mall=mall, merchant=store.merchant, quantity=5)
    rule = make_rule(mall=mall, trigger="hand_out", stock=stock)
    assert preview(rule) == handing.Preview(10, 5, 0)
    run = running.run(begun(rule).pk, Here())
    assert (run.state, run.message, run.awarded, run.seen) == ("done", "used_up", 5, 6)


def test_per_shopper_counts_across_hand_outs(mall, crowd, store):
    stock = make_stock(mall=mall, merchant=store.merchant)
    rule = make_rule(mall=mall, trigger="hand_out", stock=stock, limits=Limits(per_shopper=1))
    assert [running.run(begun(rule).pk, Here()).awarded for _ in range(2)] == [10, 0]


def test_the_control_group_is_counted_and_gets_nothing(mall, crowd, store):
    stock = make_stock(mall=mall, merchant=store.merchant)
    rule = make_rule(mall=mall, trigger="hand_out", stock=stock, holdout_bp=5_000)
    ahead, run = preview(rule), running.run(begun(rule).pk, Here())
    assert (run.awarded, run.held_out) == (ahead.awarded, ahead.held_out)
    assert run.awarded + run.held_out == 10 and run.held_out
    assert Coupon.objects.for_mall(mall).count() == run.awarded


def test_erased_shoppers_get_nothing(mall, crowd, rule):
    Shopper.objects.filter(pk=crowd[0]).update(erased_at=timezone.now())
    assert running.run(begun(rule).pk, Here()).seen == 9


@pytest.mark.parametrize(
    ("fields", "code"), [({"state": RuleState.PAUSED}, "not_live"), ({"trigger": "qr"}, "other_trigger")]
)
def test_what_cannot_be_handed_out(mall, fields, code):
    rule = make_rule(mall=mall, **{"trigger": "hand_out", **fields})
    for step in (begun, preview):
        with pytest.raises(ClaimError) as refused:
            step(rule)
        assert refused.value.code == code
    assert not HandOut.objects.exists()


def test_a_rule_paused_meanwhile_ends_it(mall, crowd, rule):
    run = begun(rule)
    pipeline.hand_out(run.pk, now=timezone.now())
    rule.state = RuleState.PAUSED
    rule.save()
    run = running.run(run.pk, Here())
    assert (run.state, run.message, run.awarded) == ("failed", "not_live", 3)


# --- As a task ---


def test_the_task_runs_it(crowd, rule, manager):
    run = running.start(rule=rule, now=timezone.now(), by=manager)
    Worker(["long"]).drain()
    run.refresh_from_db()
    assert (run.state, run.awarded, run.started_by) == ("done", 10, manager)
    assert TaskRun.objects.get(pk=run.task_id).status == "done"


def test_cancelling_what_waits(crowd, rule, manager, mall):
    run = running.start(rule=rule, now=timezone.now(), by=manager)
    assert running.cancel(run=run, now=timezone.now())
    Worker(["long"]).drain()
    run.refresh_from_db()
    assert run.state == "cancelled" and not Coupon.objects.for_mall(mall).exists()
    assert not running.cancel(run=run, now=timezone.now())


def test_cancelling_what_runs_stops_it_after_its_block(crowd, rule, manager):
    run = running.start(rule=rule, now=timezone.now(), by=manager)
    worker = Worker(["long"])
    task = worker.claim()
    assert running.cancel(run=run, now=timezone.now())
    worker.execute(task)
    run.refresh_from_db()
    assert (run.state, run.awarded) == ("cancelled", 0)


# --- From the shell ---


def shell(*arguments) -> str:
    out = StringIO()
    call_command("hand_out", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_command_previews_and_hands_out(mall, crowd, regulars):
    assert shell(regulars.pk, "--preview") == "10 shoppers; coupons for 4, held out 0.\n"
    assert not Claim.objects.for_mall(mall).exists()
    assert shell(regulars.pk).splitlines()[-1] == "done: 10 seen, 4 awarded, 0 held out."


def test_the_command_goes_on_with_what_it_left(mall, crowd, rule):
    pipeline.hand_out(begun(rule).pk, now=timezone.now())
    shell(rule.pk)
    assert Coupon.objects.for_mall(mall).count() == 10


def test_the_command_says_what_is_wrong(mall):
    with pytest.raises(CommandError, match="There is no rule 77"):
        shell(77)
    with pytest.raises(CommandError, match="not_live"):
        shell(make_rule(mall=mall, trigger="hand_out", state=RuleState.ENDED).pk)
