"""The test button of a webhook."""

from django.utils import timezone

from ..models import NoticeChannel
from . import channels, messages, webhook
from .outbox import new_key


def send(channel: NoticeChannel) -> str:
    """Send a test message; returns why it was not taken, empty if it was."""
    payload = messages.trial(channel.mall)
    try:
        webhook.send(channel.url, channels.key(channel), new_key(), payload, now=timezone.now())
    except webhook.NotTaken as refused:
        return str(refused)
    return ""
