"""The channels of a mall: set up, tried out, switched off and on."""

import base64
import secrets
from typing import Any

from django.db import IntegrityError, transaction

from mallops.lib.cache import by_revision
from mallops.lib.keys import derived
from merchants.models import Mall, User
from merchants.queries.directory import Directory
from merchants.services import audit

from ..models import NoticeChannel
from ..models.delivery import Sender
from . import addresses


class ChannelExists(Exception):
    """The mall has this channel already."""


def active(directory: Directory) -> tuple[int, ...]:
    """Ids of the channels that a mall's notices go through; kept until the mall's revision moves on."""
    return _at_revision(directory.mall_id, directory.revision)


@by_revision
def _at_revision(mall_id: int, revision: int) -> tuple[int, ...]:
    channels = NoticeChannel.objects.filter(mall=mall_id, is_active=True)
    return tuple(channels.order_by("pk").values_list("pk", flat=True))


def add(*, mall: Mall, sender: str, url: str = "", by: User) -> NoticeChannel:
    """Set up a channel. Raises ChannelExists, and addresses.BadAddress for an address notices may not go to."""
    salt = ""
    if sender == Sender.WEBHOOK:
        addresses.check(url)
        salt = secrets.token_urlsafe(24)
    try:
        with transaction.atomic():
            channel = NoticeChannel.objects.create(mall=mall, sender=sender, url=url, secret=salt)
            _note(channel, "notice_channel_added", {}, {"sender": sender, "url": url}, by)
    except IntegrityError as error:
        raise ChannelExists from error
    return channel


def switch(*, channel: NoticeChannel, on: bool, by: User) -> bool:
    """Let notices go through a channel, or not. False if that was so already. Those written before wait while it is
    off."""
    with transaction.atomic():
        locked = NoticeChannel.objects.select_for_update().get(pk=channel.pk)
        if locked.is_active == on:
            return False
        locked.is_active = on
        locked.save()
        _note(locked, "notice_channel_switched", {"is_active": not on}, {"is_active": on}, by)
    return True


def secret(channel: NoticeChannel) -> str:
    """The secret shared with the receiver, as Standard Webhooks writes it.

    The row holds a random salt only; who reads the database without SHOPPER_KEY cannot sign.
    """
    return "whsec_" + base64.b64encode(key(channel)).decode()


def key(channel: NoticeChannel) -> bytes:
    """The 32 bytes messages are signed with."""
    return derived(f"webhook {channel.secret}")


def _note(channel: NoticeChannel, action: str, old: dict[str, Any], new: dict[str, Any], by: User) -> None:
    audit.record(actor=by, mall=channel.mall, action=action, obj=channel, changes=audit.changed(old, new))
