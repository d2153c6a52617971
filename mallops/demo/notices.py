"""Notices of the last days: through the log, which works, and through a webhook that was set up wrong."""

from dataclasses import dataclass
from datetime import date, datetime

from coupons.delivery import channels, outbox, sending
from coupons.models import Notice, NoticeChannel
from coupons.models.delivery import Sender
from coupons.tasks import announce
from mallops.lib.dates import day_start
from mallops.lib.tasks.models import TaskRun
from merchants.models import Mall, User

from .marks import dated

DAYS = 2  # the mall has channels since so many days
WRONG = "https://localhost:8443/mallops-notices"  # nothing outside of us answers there
REMIND_EVERY = 3  # hours: looking takes its time
State = Notice.State


@dataclass(frozen=True, slots=True)
class Notices:
    """The mall sends notices through the log from a day on."""

    mall: Mall
    day: date
    by: User

    def make(self, *, by: User) -> None:
        channels.add(mall=self.mall, sender=Sender.CONSOLE, by=by)

    def tell(self, now: datetime) -> None:
        """Do what a worker would have done by the end of an hour: write receipts and reminders, and send them."""
        if now < day_start(self.day, self.mall.time_zone):
            return
        announced = list(announcements(self.mall).values_list("args", flat=True))
        if announced and not NoticeChannel.objects.filter(mall=self.mall, url=WRONG).exists():
            with dated(self.mall, now):
                channels.add(mall=self.mall, sender=Sender.WEBHOOK, url=WRONG, by=self.by)
        for coupons in announced:
            outbox.write_receipts(*coupons, now=now)
        forget_announcements(self.mall)
        for channel in NoticeChannel.objects.filter(mall=self.mall, is_active=True):
            (_give_up if channel.url else _send)(channel, now, self.by)
        if now.hour % REMIND_EVERY == 0:
            outbox.write_reminders(self.mall.pk, now=now)


def announcements(mall: Mall):
    return TaskRun.objects.filter(path=announce.module_path, args__0=mall.pk).order_by("pk")


def forget_announcements(mall: Mall) -> None:
    announcements(mall).delete()


def _send(channel: NoticeChannel, now: datetime, by: User) -> None:
    while sending.send_batch(channel, now=now) == sending.BATCH:
        pass
    # Senders note the moment of the call.
    Notice.objects.for_mall(channel.mall_id).filter(channel=channel, sent_at__gt=now).update(sent_at=now, due_at=now)


def _give_up(channel: NoticeChannel, now: datetime, by: User) -> None:
    """Try for the last time, the times before having gone the same way; then somebody switches the channel off."""
    waiting = Notice.objects.for_mall(channel.mall_id).filter(channel=channel, state=State.WAITING)
    waiting.update(due_at=now, attempts=sending.ATTEMPTS - 1)
    sending.send_batch(channel, now=now)
    with dated(channel.mall, now):
        channels.switch(channel=channel, on=False, by=by)
