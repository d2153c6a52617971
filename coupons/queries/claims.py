"""Claim codes of a rule with what came of them, and the posters they are printed on."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from coupons.engine.terms import RuleTerms
from coupons.links import claim_url
from coupons.models import Claim, ClaimCode, Coupon, Rule, Stock
from coupons.posters import Poster
from coupons.sentences.offers import gifts, offer_sentence


def code_rows(rule: Rule) -> QuerySet[ClaimCode]:
    """The claim codes of a rule, open ones first, with `claims` asked and `coupons` given."""
    claims = Claim.objects.for_mall(rule.mall_id).filter(rule=rule, code=OuterRef("pk")).order_by()
    coupons = Coupon.objects.for_mall(rule.mall_id).filter(claim__code=OuterRef("pk")).order_by()
    return rule.claim_codes.select_related("store").annotate(
        claims=Coalesce(Subquery(claims.values("code").annotate(n=Count("pk")).values("n")), 0),
        coupons=Coalesce(Subquery(coupons.values("claim__code").annotate(n=Count("pk")).values("n")), 0),
    )


def poster_of(code: ClaimCode, terms: RuleTerms) -> Poster:
    """The poster of a claim code in the reader's language."""
    mall = code.mall
    stocks = {stock.pk: stock for stock in Stock.objects.filter(mall=mall).select_related("merchant")}
    given = gifts(terms, stocks, mall.currency)
    places = sorted({gift.merchant for gift in given})
    return Poster(
        mall=mall.name,
        place=code.store.name if code.store else "",
        title=code.rule.name,
        offers=tuple(f"{gift.count} × {gift.worth}" if gift.count > 1 else gift.worth for gift in given),
        invitation=_("Scan with the camera of your phone"),
        lines=(
            _("To be used at %(places)s.") % {"places": _(", ").join(places)},
            offer_sentence(terms),
        ),
        url=claim_url(code),
    )
