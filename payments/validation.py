"""What a payment or refund must look like, whatever door it comes through."""

import re
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from mallops.lib.money import MAX_FEN

from .models import Channel

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # how far a clock of the sender may be ahead of ours
CHANNELS = frozenset(Channel.values)
_EXTERNAL_ID = re.compile(r"[\x21-\x7e]{1,64}")


def moment_problem(moment: datetime, now: datetime) -> str:
    """Why an aware moment cannot be when something was paid; empty if it can."""
    if moment < EARLIEST:
        return _("lies before the year 2000")
    if moment > now + AHEAD:
        return _("lies in the future")
    return ""


def amount_problem(fen: int) -> str:
    """Why a number of fen cannot be paid or refunded; empty if it can."""
    if fen <= 0:
        return _("must be above zero")
    if fen > MAX_FEN:
        return _("is too large")
    return ""


def is_external_id(text: str) -> bool:
    """Whether the text can be a transaction, refund or request id: 1 to 64 visible ASCII characters, no blanks."""
    return _EXTERNAL_ID.fullmatch(text) is not None


def is_identity(text: str) -> bool:
    """Whether the text can be how a channel knows a shopper: 1 to 128 characters. PostgreSQL looks up no NUL."""
    return 0 < len(text) <= 128 and "\x00" not in text
