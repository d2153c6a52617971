"""What the stores, categories, stocks, merchants and providers of a mall are called, for sentences."""

from coupons.models import Stock
from coupons.sentences import Names
from merchants.models import Category, Mall, Merchant, ServiceProvider, Store


def names_of(mall: Mall) -> Names:
    """All names of a mall in the reader's language, in five queries."""

    def by_id(model) -> dict[int, str]:
        rows = model.objects.filter(mall=mall).only("name_zh", "name_en").order_by()
        return {row.pk: row.name for row in rows}

    return Names(by_id(Store), by_id(Category), by_id(Stock), mall.currency, by_id(Merchant), by_id(ServiceProvider))
