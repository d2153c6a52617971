"""What the processes of a race do. Each function runs in a process of its own with its own connection."""

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
django.setup()

import environ  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import InterfaceError, OperationalError, connection, connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from analytics import recount, rollups  # noqa: E402
from analytics.models import MallVisitors, StoreVisitors  # noqa: E402
from analytics.visitors import unpacked  # noqa: E402
from coupons.engine import conditions  # noqa: E402
from coupons.engine.terms import Limits  # noqa: E402
from coupons.models import Consent, Coupon, Redemption, Rule, Stock  # noqa: E402
from coupons.models.rule import RuleState  # noqa: E402
from coupons.redeeming import RedeemError  # noqa: E402
from coupons.services import consents, rules  # noqa: E402
from mallops import ledger_check, pipeline  # noqa: E402
from merchants.models import Mall  # noqa: E402
from merchants.services import credentials  # noqa: E402
from payments.events import PaymentEvent, RefundEvent  # noqa: E402
from payments.models import Payment, Refund, Shopper  # noqa: E402
from payments.shoppers import digest  # noqa: E402
from tests import factories  # noqa: E402
from tests.races.guards import GUARDS  # noqa: E402


class World(NamedTuple):
    """`shoppers` is among how many the payments of `pay_until_done` go around."""

    mall_id: int
    stores: tuple[int, ...]
    key: str
    shoppers: int = 10**9


# --- Starting ---


def enter(url: str, without: tuple[str, ...]) -> None:
    """Point this process to the race's database, and take out the guards that a control does without."""
    connections.databases["default"].update(environ.Env.db_url_config(url))
    for guard in without:
        GUARDS[guard].take_out()


def perform(job: Callable, *arguments: Any) -> Any:
    return job(*arguments)


def run(url: str, without: tuple[str, ...], job: Callable, arguments: tuple) -> None:
    enter(url, without)
    job(*arguments)


def migrate() -> None:
    call_command("migrate", verbosity=0)
    connection.close()


# --- The world, before and after ---


def build(stores: int = 1, quantity: int = 1_000_000, **terms) -> World:
    """A mall with stores, and one rule that awards a coupon of a stock usable at the first store."""
    mall = factories.make_mall()
    made = [factories.make_store(mall=mall, code=f"store-{n}") for n in range(stores)]
    stock = factories.make_stock(mall=mall, merchant=made[0].merchant, quantity=quantity)
    factories.make_rule(mall=mall, stock=stock, **terms)
    _credential, key = credentials.issue(mall=mall, provider=None, label="till", by=factories.make_user())
    return World(mall.pk, tuple(store.pk for store in made), key)


def build_shared(shoppers: int) -> World:
    """A mall with every kind of limit: rules that share the quantity of one stock and the budget of another, and rules
    with limits of their own on a stock that never runs out, one of them asking for the shopper's history."""
    world = build(stores=4)
    mall = Mall.objects.get(pk=world.mall_id)
    tea, cake = factories.make_stock(mall=mall, quantity=300), factories.make_stock(mall=mall, budget_fen=150_000)
    plenty = factories.make_stock(mall=mall, quantity=10**6)
    factories.make_rule(mall=mall, stock=tea)
    factories.make_rule(mall=mall, stock=tea, award=((tea.pk, 1), (cake.pk, 2)))
    factories.make_rule(mall=mall, stock=cake)
    for limits in (
        Limits(quantity=100), Limits(budget_fen=55_500), Limits(quantity_per_day=90), Limits(quantity_per_store=20)
    ):  # fmt: skip
        factories.make_rule(mall=mall, stock=plenty, limits=limits)
    spent = conditions.from_json({"fact": "spend_fen", "op": "at_least", "value": 30_000, "days": 30})
    often = Limits(per_shopper_in_days=2, window_days=366)
    factories.make_rule(mall=mall, stock=plenty, limits=often, conditions=spent)
    return world._replace(shoppers=shoppers)


def look_at_limits(world: World) -> dict[str, int]:
    """What was given out of each limit, counted from the rows; the counts of shoppers and stores added up."""
    coupons = Coupon.objects.for_mall(world.mall_id)
    _first, tea, cake, _plenty = Stock.objects.filter(mall=world.mall_id).order_by("pk")
    found = {"stock quantity": coupons.filter(stock=tea).count(), "stock budget": coupons.filter(stock=cake).count()}
    for rule in Rule.objects.filter(mall=world.mall_id).select_related("version"):
        for name, limit in rule.version.terms["limits"].items():
            if limit is not None and name != "window_days":
                found[name] = coupons.filter(rule=rule).count()
    return found


class Books(NamedTuple):
    """What is in the ledger, and where it disagrees with itself."""

    payments: int
    coupons: int
    awarded_payments: int
    redemptions: int
    shoppers: int
    refunded_fen: int
    coupon_states: dict[str, int]
    transaction_ids: set[str]
    problems: list[str]


def look_at(world: World) -> Books:
    coupons, payments = Coupon.objects.for_mall(world.mall_id), Payment.objects.for_mall(world.mall_id)
    states = list(coupons.values_list("state", flat=True))
    return Books(
        payments=payments.count(),
        coupons=len(states),
        awarded_payments=coupons.values("payment").distinct().count(),
        redemptions=len(redemptions(world)),
        shoppers=Shopper.objects.for_mall(world.mall_id).count(),
        refunded_fen=sum(Refund.objects.for_mall(world.mall_id).values_list("amount_fen", flat=True)),
        coupon_states={state: states.count(state) for state in sorted(set(states))},
        transaction_ids=set(payments.values_list("transaction_id", flat=True)),
        problems=list(ledger_check.problems(Mall.objects.get(pk=world.mall_id))),
    )


def redemptions(world: World) -> list[int]:
    return list(Redemption.objects.for_mall(world.mall_id).values_list("pk", flat=True))


# --- Payments ---


def payment(world: World, number: int, shopper: str, **fields) -> PaymentEvent:
    values = {
        "store_id": world.stores[number % len(world.stores)], "channel": "wechat", "transaction_id": f"t{number}",
        "amount_fen": 10_000, "paid_at": timezone.now(), "shopper": digest(world.mall_id, shopper), **fields,
    }  # fmt: skip
    return PaymentEvent(**values)


def pay(world: World, number: int, shopper: str, award: bool = True) -> list[str]:
    """Record one payment; returns the codes of its coupons."""
    (receipt,) = pipeline.record_payments(
        world.mall_id, [payment(world, number, shopper)], source="race", now=timezone.now(), award=award
    )
    return [coupon.code for coupon in receipt.coupons]


def pay_until_done(world: World, numbers: list[int], log: Path) -> None:
    """Deliver payments as a till does that sends each until it is acknowledged, and note it then."""
    with log.open("a", buffering=1) as acknowledged:
        for number in numbers:
            while not delivered(world, number):
                time.sleep(0.05)
            acknowledged.write(f"t{number}\n")


def delivered(world: World, number: int) -> bool:
    """False if the server went away; any other error ends the process, and the race with it."""
    try:
        pay(world, number, f"shopper {number % world.shoppers}")
    except (OperationalError, InterfaceError):
        if is_alive():
            raise
        connection.close()
        return False
    return True


def is_alive() -> bool:
    try:
        return connection.is_usable()
    except (OperationalError, InterfaceError, AttributeError):
        return False


# --- Coupons and refunds ---


def redeem(world: World, code: str, request_id: str) -> str:
    """`redeemed`, or why not."""
    try:
        pipeline.redeem(
            mall_id=world.mall_id, code=code, store_id=world.stores[0], order_fen=10_000, request_id=request_id,
            source="race", now=timezone.now(),
        )  # fmt: skip
    except RedeemError as error:
        return error.code
    return "redeemed"


def reverse(world: World, redemption_id: int, request_id: str) -> str:
    try:
        undone = pipeline.reverse(
            mall_id=world.mall_id, redemption_id=redemption_id, request_id=request_id, reason="", source="race",
            now=timezone.now(),
        )  # fmt: skip
    except RedeemError as error:
        return error.code
    return f"reversed {undone.reversal.pk}"


def refund(world: World, number: int, refund_id: str, amount_fen: int) -> str:
    """The status of the receipt, with its reason."""
    event = RefundEvent("wechat", f"t{number}", refund_id, amount_fen, timezone.now() + timedelta(minutes=1))
    (receipt,) = pipeline.record_refunds(world.mall_id, [event], source="race", now=timezone.now())
    return receipt.reason or receipt.status


# --- Rules ---


def build_approved(count: int) -> list[World]:
    """Malls with a rule each that was proposed and agreed to, and waits for its launch."""
    worlds = [build() for _ in range(count)]
    for rule in Rule.objects.all():
        Rule.objects.filter(pk=rule.pk).update(state=RuleState.APPROVED, proposed=rule.version, version=None)
    return worlds


def launch(world: World) -> str:
    return _step(lambda: rules.launch(rule=Rule.objects.get(mall=world.mall_id), now=timezone.now(), by=None))


def withdraw(world: World) -> str:
    consent = Consent.objects.get(mall=world.mall_id)
    return _step(lambda: consents.withdraw(consent=consent, reason="Enough", now=timezone.now(), by=None))


def launch_or_withdraw(world: World, step: str) -> str:
    return {"launch": launch, "withdraw": withdraw}[step](world)


def _step(take: Callable) -> str:
    """`taken`, or why not. Who does not hold the rule may be caught in a deadlock with who does not either."""
    try:
        take()
    except rules.RuleError as error:
        return error.problems[0][0]
    except OperationalError:
        return "deadlock"
    return "taken"


def rules_and_consents() -> list[tuple[str, str]]:
    return [(rule.state, Consent.objects.get(mall=rule.mall_id).state) for rule in Rule.objects.all()]


# --- Roll-ups and imports ---


def pay_for(world: World, seconds: float, name: int) -> int:
    """Single payments and batches, the large ones straight into the roll-ups; returns how many payments."""
    rollups.FOLD_AT_ONCE = 100
    chance, count, end = random.Random(name), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        now = timezone.now()
        batch = []
        for n in range(chance.choice((1, 1, 1, 1, 1, 1, 5, 500))):
            paid_at = now - timedelta(hours=chance.randrange(200))
            batch.append(payment(world, name * 1_000_000 + count + n, f"shopper {n}", paid_at=paid_at))
        pipeline.record_payments(world.mall_id, batch, source="race", now=now)
        count += len(batch)
        time.sleep(chance.uniform(0, 0.05))
    return count


def fold_for(world: World, seconds: float, _name: int) -> int:
    folded, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OperationalError):  # a deadlock with a rebuild: the task would be tried again
            folded += rollups.fold(world.mall_id)
    return folded


def visit(world: World, name: int, count: int) -> int:
    """Unite shoppers of one's own, one after the other, with the sets of the same day; returns how many."""
    day = timezone.now().date()
    for number in range(count):
        changes = rollups.Changes()
        changes.shoppers[world.stores[0], day].add(name * 1_000_000 + number)
        with transaction.atomic():
            rollups.add_changes(world.mall_id, changes)
    return count


def visitors_of(world: World) -> int:
    """How many shoppers the mall's sets have; one lost from any of them is missing."""
    rows = [*MallVisitors.objects.for_mall(world.mall_id), *StoreVisitors.objects.for_mall(world.mall_id)]
    return min(len(unpacked(row.shoppers)) for row in rows)


def rebuild_for(world: World, seconds: float, _name: int) -> int:
    """Rebuild over and over; returns how often it came through."""
    rebuilt, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            recount.rebuild(world.mall_id)
            rebuilt += 1
        except OperationalError:  # its snapshot had become stale, and nothing was changed
            time.sleep(0.02)
    return rebuilt


def import_payments(world: World, count: int, descending: bool) -> int:
    """The whole file in batches, as the import does; returns how many were new."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        payment(world, n, f"shopper {n % 97}", paid_at=begin + timedelta(minutes=7 * n), amount_fen=100 + n)
        for n in range(count)
    ]
    if descending:
        events.reverse()
    created = 0
    for start in range(0, count, 500):
        receipts = pipeline.record_payments(
            world.mall_id, events[start : start + 500], source="import", now=timezone.now(), award=False
        )
        created += sum(receipt.status == "created" for receipt in receipts)
    return created
