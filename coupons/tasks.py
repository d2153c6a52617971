"""Background work of the coupons app."""

from django_tasks import task

from . import notices


@task()
def send_receipts(mall_id: int, payment_ids: list[int]) -> int:
    return notices.send(mall_id, payment_ids)
