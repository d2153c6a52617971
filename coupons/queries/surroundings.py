"""What surrounds a rule that is being edited, for `coupons.review`."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Min

from coupons import rulebooks
from coupons.engine.history import Places
from coupons.engine.limits import stock_keys
from coupons.engine.rulebook import CompiledRule
from coupons.engine.terms import RuleTerms
from coupons.models import Rule
from coupons.models.rule import RuleState
from coupons.review import Rival, World, trigger_stores
from coupons.uplift.planning import MONTH, outlook
from mallops.lib import dates
from merchants.models import Mall
from merchants.queries import directory as directories
from payments.models import Payment

from .limits import counters

LATELY = 28  # days


def world_of(mall: Mall, rule: Rule | None, terms: RuleTerms, *, now: datetime) -> World:
    """The surroundings of terms as the draft of a rule, or of a new one (None)."""
    directory = directories.current(mall.pk)
    book = rulebooks.current(directory)
    places = rulebooks.places(directory)  # not those of the book: what is only being typed need not be kept
    world = World(
        today=dates.today(mall.time_zone, now),
        directory=directory,
        places=places,
        specs=book.specs,
        left=_left(mall, book.specs, terms),
        rivals=_rivals(mall, book.rulebook.rules, rule, terms),
        has_position=_has_position(mall, terms, places),
        rule_id=rule.pk if rule else 0,
        running=RuleTerms.from_json(rule.version.terms) if rule and rule.version else None,
        is_live=rule is not None and rule.state == RuleState.LIVE,
    )
    return _with_traffic(mall, world, rule, terms)


def _left(mall: Mall, specs: dict, terms: RuleTerms) -> dict[int, int]:
    """Coupons left of each awarded stock."""
    keys = {pk: stock_keys(pk)["quantity"] for pk, _count in terms.award if pk in specs}
    used = counters(mall, keys.values())
    return {pk: max(0, specs[pk].quantity - used.get(key, 0)) for pk, key in keys.items()}


def _rivals(mall: Mall, live: list[CompiledRule], rule: Rule | None, terms: RuleTerms) -> tuple[Rival, ...]:
    """The other live rules of the same exclusive group."""
    own = rule.pk if rule else 0
    others = [each for each in live if terms.group and each.terms.group == terms.group and each.rule_id != own]
    named = {each.pk: each.name for each in mall.rules.filter(pk__in=[other.rule_id for other in others])}
    return tuple(Rival(other.rule_id, named[other.rule_id], other.terms, other.rank) for other in others)


def _has_position(mall: Mall, terms: RuleTerms, places: Places) -> bool:
    """Whether somebody can be nearby (`coupons.nearby`): looked up only for rules that need it."""
    if terms.trigger != "nearby" or mall.latitude is not None:
        return True
    named = places.stores(terms.stores, terms.categories)
    return named is not None and mall.stores.filter(pk__in=named, latitude__isnull=False).exists()


def _with_traffic(mall: Mall, world: World, rule: Rule | None, terms: RuleTerms) -> World:
    """What to expect a day: counted, or where conditions choose among payments as the last backtest found."""
    if terms.conditions is None:
        return replace(world, a_day=payments_a_day(mall, terms, trigger_stores(terms, world), today=world.today))
    if terms.trigger != "payment" or (tried := outlook(mall, terms, rule)) is None:
        return world
    return replace(world, a_day=tried.shoppers / MONTH, is_tried=True)


def payments_a_day(mall: Mall, terms: RuleTerms, stores: frozenset[int], *, today: date) -> float | None:
    """How many payments of known shoppers a day met the trigger in the last LATELY whole days (fewer, where the mall
    is younger). None where payments do not start the rule, or where conditions choose among them.

    Counted in the ledger, in the range of these days only: the roll-ups know no amounts.
    """
    if terms.trigger != "payment" or terms.conditions is not None:
        return None
    first = today - timedelta(days=LATELY)
    payments = Payment.objects.for_mall(mall).filter(
        paid_at__gte=dates.day_start(first, mall.time_zone), paid_at__lt=dates.day_start(today, mall.time_zone)
    )
    payments = payments.filter(shopper__isnull=False, store_id__in=stores, amount_fen__gte=terms.min_fen)
    if terms.max_fen is not None:
        payments = payments.filter(amount_fen__lte=terms.max_fen)
    if terms.weekdays:
        payments = payments.filter(day__iso_week_day__in=terms.weekdays)
    if terms.hours:
        payments = payments.filter(hour__in=_hours(terms))
    found = payments.aggregate(number=Count("pk"), first=Min("day"))
    return found["number"] / (today - found["first"]).days if found["first"] else 0.0


def _hours(terms: RuleTerms) -> set[int]:
    """The hours that the rule's spans touch: the ledger keeps no minutes of the local day."""
    return {hour for start, end in terms.hours for hour in range(start // 60, -(-end // 60))}
