"""django-oscar's offer applicator on one basket, among more and more offers: what `benchmarks.decide` stands beside.

Runs in an environment of its own that has django-oscar, never in ours; prints microseconds per basket as JSON:
    python oscar_offers.py 10 100 1000
"""

import json
import statistics
import sys
import time

MATCHING, ROUNDS = 5, 3
DASHBOARDS = (
    "reports", "users", "orders", "catalogue", "offers", "partners", "pages", "ranges", "reviews", "vouchers",
    "communications", "shipping",
)  # fmt: skip


def set_up() -> None:
    import django
    from django.conf import settings
    from oscar import defaults

    apps = """
        django.contrib.auth django.contrib.contenttypes django.contrib.sessions django.contrib.sites
        django.contrib.messages django.contrib.flatpages oscar.config.Shop oscar.apps.analytics.apps.AnalyticsConfig
        oscar.apps.checkout.apps.CheckoutConfig oscar.apps.address.apps.AddressConfig
        oscar.apps.shipping.apps.ShippingConfig oscar.apps.catalogue.apps.CatalogueConfig
        oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig oscar.apps.communication.apps.CommunicationConfig
        oscar.apps.partner.apps.PartnerConfig oscar.apps.basket.apps.BasketConfig
        oscar.apps.payment.apps.PaymentConfig oscar.apps.offer.apps.OfferConfig oscar.apps.order.apps.OrderConfig
        oscar.apps.customer.apps.CustomerConfig oscar.apps.search.apps.SearchConfig
        oscar.apps.voucher.apps.VoucherConfig oscar.apps.wishlists.apps.WishlistsConfig
        oscar.apps.dashboard.apps.DashboardConfig widget_tweaks haystack treebeard django_tables2
    """.split()
    apps += [f"oscar.apps.dashboard.{part}.apps.{part.capitalize()}DashboardConfig" for part in DASHBOARDS]
    own = {name: getattr(defaults, name) for name in dir(defaults) if name.isupper()}
    settings.configure(**own | {
        "SECRET_KEY": "benchmark", "INSTALLED_APPS": apps, "SITE_ID": 1, "USE_TZ": True, "ROOT_URLCONF": __name__,
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        "HAYSTACK_CONNECTIONS": {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    })  # fmt: skip
    django.setup()


urlpatterns: list = []


def make_offers(first: int, size: int) -> list:
    """Offers from number `first` up to `size`, five for each product; returns the products."""
    from oscar.core.loading import get_model
    from oscar.test import factories

    ConditionalOffer = get_model("offer", "ConditionalOffer")
    products = []
    for number in range(first, size):
        if number % MATCHING == 0:
            products.append(factories.create_product(price="100.00", num_in_stock=10**6))
        range_ = factories.RangeFactory(name=f"range {number}", products=[products[-1]])
        ConditionalOffer.objects.create(
            name=f"offer {number}",
            condition=factories.ConditionFactory(range=range_, type="Value", value=50),
            benefit=factories.BenefitFactory(range=range_, type="Fixed", value=1),
        )
    return products


def basket_of(product):
    from oscar.test import factories

    basket = factories.BasketFactory()
    basket.add_product(product)
    return basket


def microseconds(product) -> float:
    """Of applying the offers to one basket, the median of a few; the basket is made beforehand."""
    from oscar.core.loading import get_class

    Applicator = get_class("offer.applicator", "Applicator")
    taken = []
    for _ in range(ROUNDS):
        basket = basket_of(product)
        start = time.perf_counter()
        Applicator().apply(basket)
        taken.append((time.perf_counter() - start) * 1e6)
        assert basket.offer_applications.offer_discounts, "no offer matched"
    return statistics.median(taken)


def main(sizes: list[int]) -> None:
    set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    taken, done, products = {}, 0, []
    for size in sizes:
        products += make_offers(done, size)
        done = size
        taken[size] = microseconds(products[0])
    print(json.dumps(taken))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
