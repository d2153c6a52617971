"""What mall, merchants and providers agreed lately about stores, as people did it: a store handed over, agreements
declined, waiting and ended."""

from datetime import timedelta

from merchants.choices import Capability
from merchants.models import Agreement, ServiceProvider, Store, User
from merchants.services import agreements

from . import people
from .answers import ON_PAPER
from .days import Days
from .marks import dated

BETTER = "新服务商响应更快。The new provider answers faster."
ENOUGH = "拓展已完成。We have brought in all we wanted."
LONG_ENOUGH = timedelta(days=10)  # for the days of `ago` below to lie apart
CLOSING = "更换收银系统，提前一个月通知。Another till system; told in good time."


def tell(days: Days, providers: dict[str, ServiceProvider], staff: dict[str, User]) -> None:
    """`providers` by code, `staff` by role."""
    slug = days.mall.slug
    ours = providers[people.PROVIDER_OF[slug]]
    other = next(provider for code, provider in providers.items() if code in ("cloudbridge", "southloop"))
    own = list(Store.objects.filter(mall=days.mall, merchant__code=people.MERCHANT_OF[slug]).order_by("code"))
    if days.last - days.first >= LONG_ENOUGH:
        _hand_over(days, other, ours, staff["manager"])
        _end(days, ours, staff["manager"])
    _decline(days, ours, own[0], staff)
    _ask(days, other, own[-1], staff["manager"])


def _hand_over(days: Days, old: ServiceProvider, new: ServiceProvider, by: User) -> None:
    """A store that one provider operated since the first day is operated by another now, without a gap."""
    since_first = {"provider": old, "capability": Capability.OPERATIONS, "from_day": days.first, "until_day": None}
    replaced = Agreement.objects.filter(**since_first).select_related("store__merchant").order_by("store__code").last()
    with dated(days.mall, days.nine(days.ago(32))):
        agreement = agreements.propose(
            provider=new, store=replaced.store, capability=Capability.OPERATIONS, from_day=days.ago(24),
            until_day=None, replaces=replaced, now=days.nine(days.ago(32)), by=by,
        )  # fmt: skip
    with dated(days.mall, days.nine(days.ago(28))):
        agreements.confirm(
            agreement=agreement, now=days.nine(days.ago(28)), by=by, on_paper=True, reason=f"{BETTER} {ON_PAPER}"
        )


def _decline(days: Days, provider: ServiceProvider, store: Store, staff: dict[str, User]) -> None:
    asked, answered = days.nine(days.ago(16)), days.nine(days.ago(12))
    with dated(days.mall, asked):
        agreement = agreements.propose(
            provider=provider, store=store, capability=Capability.EXPANSION, from_day=days.ago(8), until_day=None,
            now=asked, by=staff["manager"],
        )  # fmt: skip
    with dated(days.mall, answered):
        agreements.decline(agreement=agreement, reason=ENOUGH, now=answered, by=staff["owner"])


def _end(days: Days, provider: ServiceProvider, by: User) -> None:
    now = days.nine(days.ago(16))
    running = provider.agreements.filter(capability=Capability.ACQUIRING, until_day=None, from_day=days.first)
    with dated(days.mall, now):
        ended = running.order_by("store__code").last()
        agreements.end(agreement=ended, until_day=days.ago(4), reason=CLOSING, now=now, by=by)


def _ask(days: Days, provider: ServiceProvider, store: Store, by: User) -> None:
    """Waits for the answer of the owner, who can sign in."""
    now = days.nine(days.last - timedelta(days=2))
    with dated(days.mall, now):
        agreements.propose(
            provider=provider, store=store, capability=Capability.SAAS, from_day=days.last + timedelta(days=8),
            until_day=days.last + timedelta(days=8 + 365), now=now, by=by,
        )  # fmt: skip
