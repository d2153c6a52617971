"""Background work of the coupons app."""

from django_tasks import task

from . import notices


@task()
def send_receipts(mall_id: int, coupon_ids: list[int]) -> int:
    return notices.send(mall_id, coupon_ids)
