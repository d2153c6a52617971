"""Claim codes of a rule with what came of them, what their offer gives, the posters they are printed on."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from coupons import rulebooks
from coupons.engine.terms import RuleTerms
from coupons.links import claim_url
from coupons.models import Claim, ClaimCode, Coupon, Rule
from coupons.posters import Poster
from coupons.sentences import stock_sentence, validity_sentence
from coupons.sentences.names import series
from coupons.sentences.offers import Gift, offer_sentence
from merchants.models import Mall, Store
from merchants.queries import directory as directories

PLACES_SHOWN = 3


def code_rows(rule: Rule) -> QuerySet[ClaimCode]:
    """The claim codes of a rule, open ones first, with `claims` asked and `coupons` given."""
    claims = Claim.objects.for_mall(rule.mall_id).filter(rule=rule, code=OuterRef("pk")).order_by()
    coupons = Coupon.objects.for_mall(rule.mall_id).filter(claim__code=OuterRef("pk")).order_by()
    return rule.claim_codes.select_related("store").annotate(
        claims=Coalesce(Subquery(claims.values("code").annotate(n=Count("pk")).values("n")), 0),
        coupons=Coalesce(Subquery(coupons.values("claim__code").annotate(n=Count("pk")).values("n")), 0),
    )


def gifts_of(mall: Mall, terms: RuleTerms) -> list[Gift]:
    """What an offer gives, one entry per kind of coupon, in the reader's language."""
    book = rulebooks.current(directories.current(mall.pk))
    usable = {pk: book.specs[pk].usable for pk, _count in terms.award}
    stores = Store.objects.filter(pk__in=set().union(*usable.values())).order_by("code")
    names = {store.pk: store.name for store in stores}
    return [
        Gift(
            count, (stock := book.stocks[pk]).name, stock_sentence(stock, mall.currency),
            some_of([name for store, name in names.items() if store in usable[pk]]), validity_sentence(stock),
        )
        for pk, count in terms.award
    ]  # fmt: skip


def some_of(names: list[str]) -> str:
    """The first few of many places."""
    if len(names) > PLACES_SHOWN:
        more = _("%(number)s more") % {"number": len(names) - PLACES_SHOWN + 1}
        names = [*names[: PLACES_SHOWN - 1], more]
    return series(names)


def poster_of(code: ClaimCode, terms: RuleTerms) -> Poster:
    """The poster of a claim code in the reader's language."""
    mall = code.mall
    given = gifts_of(mall, terms)
    places = dict.fromkeys(gift.places for gift in given)
    return Poster(
        mall=mall.name,
        place=code.store.name if code.store else "",
        title=code.rule.name,
        offers=tuple(f"{gift.count} × {gift.worth}" if gift.count > 1 else gift.worth for gift in given),
        invitation=_("Scan with the camera of your phone"),
        lines=(
            _("To be used at %(places)s.") % {"places": series(list(places))},
            offer_sentence(terms),
        ),
        url=claim_url(code),
    )
