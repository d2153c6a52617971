"""A few who abuse coupons, by what they do at the doors. The guards find them, and people have the last word."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coupons.guards import blocking, reviewing, running
from coupons.models import GuardFlag
from coupons.models.guard import Guard
from mallops import pipeline
from merchants.models import Mall, Store, User
from payments.devices import device_digest
from payments.events import PaymentEvent, RefundEvent
from payments.models import Shopper

from . import claims, plan
from .giveaways import Offers

TABLET = "一楼服务台的平板，顾客轮流用。The tablet at the desk: guests take turns."
BOUGHT = "三次都是领券后当天退款，收银也记得。Refunded the same day, three times; the tills remember it."
BULK = "代购大量领券，已当面沟通。Claimed for resale; spoken with in person."


def load(mall: Mall, mall_plan: plan.MallPlan, offers: Offers, *, until: datetime, staff: dict[str, User]) -> None:
    """Abuse of the last days up to the last hour of business, found then and judged. `staff`: by role."""
    evening = _last_open(mall, until)
    _share_a_device(mall, offers, evening - timedelta(days=5))
    for days in (8, 0.5):
        _help_a_friend(mall, offers, evening - timedelta(days=days), staff["cashier"])
    for days in (6, 4, 3):
        _buy_and_return(mall, mall_plan, evening - timedelta(days=days))
    _hurry(mall, mall_plan, evening)
    _judge(mall, running.run(mall=mall, now=evening), now=until, by=staff["operator"])
    _block_by_hand(mall, now=until - timedelta(days=1), by=staff["operator"])


def _last_open(mall: Mall, until: datetime) -> datetime:
    """The last half past seven in the evening by the mall's clock: the restaurants are full."""
    at = until.astimezone(ZoneInfo(mall.time_zone)).replace(hour=19, minute=30, second=0, microsecond=0)
    return at if at <= until else at - timedelta(days=1)


def _share_a_device(mall: Mall, offers: Offers, at: datetime) -> None:
    """Six accounts take a tea by one device, one after the other."""
    device = device_digest(mall.pk, "demo-tablet")
    for account in range(6):
        claims.claim(offers.scan[0], f"tablet-{account}", at + timedelta(minutes=3 * account), device=device)


def _help_a_friend(mall: Mall, offers: Offers, at: datetime, cashier: User) -> None:
    """A cashier's friend takes a sweet at the store, and within a minute the cashier has redeemed it."""
    honoured = Store.objects.visible_to(cashier).filter(merchant__stocks__in=offers.near.rule.version.stocks.all())
    store, here = honoured.order_by("code").first(), claims.middle(mall)
    if store is None:  # the sweets are another merchant's
        return
    for coupon in claims.claim(offers.near, "friend", at, store_id=store.pk, here=here):
        use_at = at + timedelta(seconds=50)
        claims.use(mall.pk, coupon, claims.person(mall.pk, "friend"), use_at, store_id=store.pk, by=cashier)


def _buy_and_return(mall: Mall, mall_plan: plan.MallPlan, at: datetime) -> None:
    """A dinner that earns a coupon, and the money back in half an hour."""
    dinner = _payment(mall, mall_plan, "hotpot", 320, at, who="loop", number=f"L{at:%m%d}")
    pipeline.record_payments(mall.pk, [dinner], source="demo", now=at)
    later = at + timedelta(minutes=25)
    back = RefundEvent(dinner.channel, dinner.transaction_id, f"{dinner.transaction_id}R", dinner.amount_fen, later)
    pipeline.record_refunds(mall.pk, [back], source="demo", now=later)


def _hurry(mall: Mall, mall_plan: plan.MallPlan, at: datetime) -> None:
    """Twelve payments of one account within ten minutes."""
    pipeline.record_payments(
        mall.pk,
        [
            _payment(mall, mall_plan, "quick", 12 + n, at - timedelta(seconds=45 * n), who="hurry", number=f"H{n:02d}")
            for n in reversed(range(12))
        ],
        source="demo",
        now=at,
    )


def _payment(
    mall: Mall, mall_plan: plan.MallPlan, trade: str, price: float, at: datetime, *, who: str, number: str
) -> PaymentEvent:
    """A payment of so many yuan (at the level of the trades) at the first open store of a trade."""
    store = Store.objects.filter(mall=mall, category__code=trade, closed_on=None).order_by("code").first()
    fen = round(price * mall_plan.price_level) * 100
    return PaymentEvent(store.pk, "wechat", f"DEMO-{number}", fen, at, claims.person(mall.pk, who))


def _judge(mall: Mall, flags: Iterable[GuardFlag], *, now: datetime, by: User) -> None:
    """The tablet was a false alarm, the returns were not; the rest nobody has looked at yet."""
    for flag in flags:
        if flag.guard == Guard.SHARED_DEVICE:
            reviewing.overrule(mall=mall, flag=flag, note=TABLET, now=now, by=by)
        elif flag.guard == Guard.REFUND_LOOP:
            reviewing.uphold(mall=mall, flag=flag, note=BOUGHT, now=now, by=by)


def _block_by_hand(mall: Mall, *, now: datetime, by: User) -> None:
    shopper = Shopper.objects.for_mall(mall).order_by("pk").first()
    blocking.block(mall=mall, shopper=shopper, reason=BULK, now=now, until=now + timedelta(days=14), by=by)
