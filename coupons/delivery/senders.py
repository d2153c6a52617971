"""The ways a notice can go.

A sender reads what it needs and answers with a call that does the rest without the database, so that several can be
on their way at once. The call returns when the notice is out, else raises webhook.NotTaken or an error of the network.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.core.mail import EmailMessage

from payments import contacts

from ..codes import masked
from ..models import Notice
from ..models.delivery import Sender
from . import channels, messages, webhook

logger = logging.getLogger("mallops.notices")
Errand = Callable[[], None]


class NoAddress(Exception):
    """The shopper left no address for this channel: the notice is not needed."""


def by_webhook(notice: Notice, now: datetime) -> Errand:
    channel = notice.channel
    payload = messages.payload(notice)
    return partial(webhook.send, channel.url, channels.key(channel), notice.key, payload, now=now)


def by_mail(notice: Notice, now: datetime) -> Errand:
    contact = contacts.find(mall_id=notice.mall_id, shopper_id=notice.coupon.shopper_id)
    if contact is None:
        raise NoAddress
    subject, text = messages.mail(notice, contact.language)
    # The message id lets a mailbox recognise a repetition, as webhook-id does for a webhook.
    mail = EmailMessage(subject, text, to=[contact.address], headers={"Message-ID": f"<{notice.key}@mallops>"})
    return mail.send


def to_log(notice: Notice, now: datetime) -> Errand:
    coupon, hours = notice.coupon, notice.hours_before
    said = f"{hours} h before the end" if hours else "on receipt"
    return partial(
        logger.info, "coupon %s of stock %s for shopper #%s, %s", masked(coupon.code), coupon.stock.code,
        coupon.shopper_id, said,
    )  # fmt: skip


SENDERS: dict[str, Callable[[Notice, datetime], Errand]] = {
    Sender.WEBHOOK: by_webhook,
    Sender.MAIL: by_mail,
    Sender.CONSOLE: to_log,
}
