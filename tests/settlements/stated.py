"""Months closed and statements in some state."""

from datetime import timedelta

from django.core import mail

from mallops.lib.tasks.worker import Worker
from merchants.choices import Role
from settlements.models import Statement, StatementLine
from settlements.services import statements as services
from tests import factories

from .world import World


class Desk:
    """A world whose January is closed, the manager of its mall and the owner of the first store's merchant."""

    def __init__(self, world: World) -> None:
        self.world, self.mall, self.merchant = world, world.mall, world.stores[0].merchant
        self.manager = factories.make_member(Role.MALL_MANAGER, mall=self.mall)
        self.owner = factories.make_member(Role.MERCHANT_OWNER, merchant=self.merchant)

    @property
    def statement(self) -> Statement:
        return Statement.objects.get(merchant=self.merchant, month="2026-01-01")

    def line(self, position: int = 1) -> StatementLine:
        return self.statement.lines.get(position=position)

    def issue(self) -> Statement:
        services.issue(statement=self.statement, by=self.manager, now=self.world.now)
        return self.statement

    def dispute(self, position: int = 1, text: str = "Two are missing") -> StatementLine:
        line = self.line(position)
        services.dispute(line=line, text=text, by=self.owner, now=self.world.now)
        return self.line(position)

    def settle(self, position: int = 1, fen: int = 0, text: str = "Here they are") -> None:
        line = self.line(position)
        services.settle(line=line, text=text, adjustment_fen=fen, by=self.manager, now=self.world.now)

    def agree(self) -> Statement:
        services.agree(statement=self.statement, by=self.owner, now=self.world.now)
        return self.statement

    def pay(self, reference: str = "bank 7") -> Statement:
        services.pay(statement=self.statement, reference=reference, by=self.manager, now=self.world.now)
        return self.statement

    def to_state(self, state: str) -> Statement:
        """From a draft."""
        steps = {"draft": (), "issued": ("issue",), "disputed": ("issue", "dispute"), "closed": ("issue", "agree"),
                 "paid": ("issue", "agree", "pay")}  # fmt: skip
        for step in steps[state]:
            getattr(self, step)()
        return self.statement


def january(world: World) -> Desk:
    """Two coupons are used in January, one of them is undone; then January is closed."""
    world.pay()
    world.redeem(0, 9_999)
    world.redeem(1, 501)
    world.reverse(0)
    world.wait(timedelta(days=13))
    desk = Desk(world)
    world.close()
    return desk


def mails() -> set[tuple[str, str]]:
    """To whom something was sent, and its subject, since this was asked last."""
    Worker().drain()
    found = {(message.to[0], message.subject.removeprefix("[MallOps] ")) for message in mail.outbox}
    mail.outbox.clear()
    return found
