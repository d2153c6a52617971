"""Telling shoppers of their coupons, on receipt and before the end, through the channels that a mall has set up.

`outbox` writes what is to be said as `Notice` rows, `sending` takes the rows that are due and hands them to the
`senders`. A row is written once, by its unique constraint, and sent at least once, always under the same message id:
a receiver that remembers ids hears everything once.
"""

from .outbox import enqueue_receipts

__all__ = ["enqueue_receipts"]
