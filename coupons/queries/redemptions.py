"""What was redeemed at the stores of a merchant."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from coupons.models import Redemption, Reversal
from merchants.models import Merchant, Store


def redemption_rows(merchant: Merchant, *, store: Store | None = None, day: date | None = None) -> QuerySet[Redemption]:
    """Redemptions at the merchant's stores, newest first, each with `is_undone`; `day` is local to the mall."""
    stores = [store.pk] if store else list(merchant.stores.values_list("pk", flat=True))
    redemptions = Redemption.objects.for_mall(merchant.mall_id).filter(store__in=stores)
    if day:
        redemptions = redemptions.filter(day=day)
    undone = Reversal.objects.filter(mall=OuterRef("mall"), redemption=OuterRef("pk"))
    annotated = redemptions.annotate(is_undone=Exists(undone))
    return annotated.select_related("coupon__stock", "store", "by").order_by("-redeemed_at", "-pk")


def totals(redemptions: QuerySet[Redemption]) -> dict[str, int]:
    """`number` and `discount_fen` of the redemptions that were not undone."""
    standing = Q(is_undone=False)
    return redemptions.order_by().aggregate(
        number=Count("pk", filter=standing), discount_fen=Coalesce(Sum("discount_fen", filter=standing), 0)
    )
