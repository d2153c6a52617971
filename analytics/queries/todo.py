"""What waits for the people of a mall: a short list with links, each from one or two cheap queries."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from analytics.models import StoreDay
from analytics.periods import latest
from coupons.engine.limits import rule_keys
from coupons.engine.terms import RuleTerms
from coupons.models import Dispute, GuardFlag, Rule, SuggestionReport
from coupons.models.rule import RuleState
from coupons.queries.consents import waiting
from coupons.queries.limits import counters, uses_of
from coupons.queries.rules import rests
from mallops.lib import format as fmt
from mallops.lib.counting import counted
from merchants.choices import Action
from merchants.models import Mall, Store
from settlements.queries.waiting import of_mall as waiting_of_mall

from .sums import sums

DORMANT_DAYS = 14  # a store without a payment for so long is worth a visit
NAMED = 3  # names told of a longer list


@dataclass(frozen=True, slots=True)
class Todo:
    """`right` is what a reader needs to open the page."""

    text: str
    url: str
    tone: str = "info"
    right: str = Action.VIEW


def todos(mall: Mall, rights: Iterable[str], today: date) -> list[Todo]:
    """What there is to do for a reader with some rights, the most pressing first."""
    found = [todo for finder in FINDERS for todo in finder(mall, today) if todo.right in rights]
    return sorted(found, key=lambda todo: todo.tone != "warn")


def budgets(mall: Mall, today: date) -> Iterator[Todo]:
    """Live rules with a limit used up, or nearly."""
    live = mall.rules.filter(state=RuleState.LIVE).select_related("version")
    used = {rule: share for rule, share in _shares(mall, list(live), today).items() if share >= 0.9}
    for rule in sorted(used, key=lambda rule: -used[rule])[:NAMED]:
        text = _("%(rule)s is used up: raise its limits or end it.")
        if used[rule] < 1:
            text = _("%(rule)s has used %(share)s of a limit.")
        url = reverse("coupons:rule_detail", args=[mall.slug, rule.pk])
        yield Todo(text % {"rule": rule.name, "share": fmt.percent(used[rule])}, url, "warn")


def resting(mall: Mall, today: date) -> Iterator[Todo]:
    """Live rules that award nothing, as a service provider pays for them that is suspended or terminated."""
    for rule in mall.rules.filter(rests(), state=RuleState.LIVE).order_by("pk")[:NAMED]:
        text = _("%(rule)s rests: a service provider that pays for it is suspended or terminated.")
        yield Todo(text % {"rule": rule.name}, reverse("coupons:rule_detail", args=[mall.slug, rule.pk]), "warn")


def _shares(mall: Mall, rules: list[Rule], today: date) -> dict[Rule, float]:
    """How much of its fullest limit each rule has used, where it has limits."""
    keys = {rule: rule_keys(rule.pk, today) for rule in rules}
    used = counters(mall, [key for names in keys.values() for key in names.values()])
    found = {}
    for rule in rules:
        limits = RuleTerms.from_json(rule.version.terms).limits
        shares = [use.share for use in uses_of(keys[rule], limits, used)]
        if shares := [share for share in shares if share is not None]:
            found[rule] = max(shares)
    return found


def disputes(mall: Mall, today: date) -> Iterator[Todo]:
    number = Dispute.objects.for_mall(mall).filter(state=Dispute.State.OPEN).count()
    if number:
        text = ngettext("%(count)s dispute is open.", "%(count)s disputes are open.", number) % {"count": number}
        yield Todo(text, reverse("coupons:dispute_list", args=[mall.slug]), "warn")


def findings(mall: Mall, today: date) -> Iterator[Todo]:
    number = GuardFlag.objects.for_mall(mall).filter(state=GuardFlag.State.OPEN).count()
    if number:
        text = ngettext(
            "%(count)s finding of the abuse guards waits for a decision.",
            "%(count)s findings of the abuse guards wait for a decision.", number,
        )  # fmt: skip
        url = reverse("coupons:guard_list", args=[mall.slug])
        yield Todo(text % {"count": number}, url, "warn", Action.EDIT_RULES)


def partners(mall: Mall, today: date) -> Iterator[Todo]:
    """What service providers and merchants wait for."""
    numbers = counted(waiting_of_mall(mall))
    for page, list_page, chosen, right, text in OF_PARTNERS:
        if number := numbers[page]:
            yield Todo(text % {"count": number}, reverse(list_page, args=[mall.slug]) + chosen, "warn", right)


# the page that `of_mall` counts for, the list that shows them and how it is filtered, the right to answer, the words
OF_PARTNERS = (
    ("merchants:provider_list", "merchants:application_list", "", Action.MANAGE, ngettext_lazy(
        "%(count)s service provider applies and waits for an answer.",
        "%(count)s service providers apply and wait for an answer.", "count",
    )),
    ("merchants:mall_onboarding", "merchants:mall_onboarding", "?state=proposed", Action.MANAGE, ngettext_lazy(
        "%(count)s store proposed by a service provider waits for an answer.",
        "%(count)s stores proposed by service providers wait for an answer.", "count",
    )),
    ("settlements:mall_statements", "settlements:mall_statements", "?state=disputed", Action.SETTLE, ngettext_lazy(
        "%(count)s disputed line of a statement waits for an answer.",
        "%(count)s disputed lines of statements wait for an answer.", "count",
    )),
)  # fmt: skip


def consents(mall: Mall, today: date) -> Iterator[Todo]:
    if number := waiting(mall):
        text = ngettext(
            "%(count)s answer to a rule is missing.", "%(count)s answers to rules are missing.", number,
        )  # fmt: skip
        yield Todo(text % {"count": number}, reverse("coupons:rule_list", args=[mall.slug]) + "?state=waiting")


def dormant(mall: Mall, today: date) -> Iterator[Todo]:
    """Open stores without a payment for a while."""
    period = latest(DORMANT_DAYS, today)
    open_ones = Store.objects.filter(mall=mall, closed_on=None)
    stores = [store for store in open_ones if store.opened_on is None or store.opened_on <= period.start]
    (paid,) = sums(mall_id=mall.pk, model=StoreDay, periods=[period], groupings=[("store_id",)], measures=["payments"])
    quiet = [store for store in stores if not paid.get((0, store.pk), {}).get("payments")]
    if not quiet or len(quiet) == len(stores):
        return  # nobody sells: the mall has not begun, or its payments do not arrive
    names = _(", ").join(store.name for store in quiet[:NAMED]) + ("…" if len(quiet) > NAMED else "")
    text = ngettext(
        "%(count)s store has had no payment for %(days)s days: %(names)s.",
        "%(count)s stores have had no payment for %(days)s days: %(names)s.", len(quiet),
    )  # fmt: skip
    url = reverse("analytics:store_list", args=[mall.slug]) + "?sort=transactions"
    yield Todo(text % {"count": len(quiet), "days": DORMANT_DAYS, "names": names}, url, "warn")


def suggestions(mall: Mall, today: date) -> Iterator[Todo]:
    last = SuggestionReport.objects.filter(mall=mall).values_list("last_day", flat=True).first()
    if last:
        text = _("Suggestions for rules are ready, from payments up to %(day)s.") % {"day": last.isoformat()}
        yield Todo(text, reverse("coupons:suggestions", args=[mall.slug]))


Finder = Callable[[Mall, date], Iterable[Todo]]
# Others are added by apps that stand above this one (`mallops.imports.apps`).
FINDERS: list[Finder] = [budgets, resting, disputes, findings, partners, consents, dormant, suggestions]
