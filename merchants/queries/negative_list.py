"""The negative list of a mall: of which categories providers cannot bring stores."""

from django.db.models import QuerySet

from merchants.models import Category, Mall, NegativeListing

from .directory import subtrees


def listings(mall: Mall) -> QuerySet[NegativeListing]:
    """The entries as they were made."""
    return mall.negative_list.select_related("category", "added_by").order_by("category__position", "category__code")


def listed(mall_id: int) -> dict[int, str]:
    """Category id -> reason, for the categories on the list and all below them; below two, that of the nearer."""
    below = subtrees(dict(Category.objects.filter(mall=mall_id).values_list("id", "parent")))
    entries = NegativeListing.objects.filter(mall=mall_id).order_by("pk").values_list("category", "reason")
    nearest_last = sorted(entries, key=lambda entry: len(below[entry[0]]), reverse=True)
    return {category: reason for entry, reason in nearest_last for category in below[entry]}
