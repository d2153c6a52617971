"""Proof of the rebates: each month reckoned anew, evidence that still stands, postings and traffic credits that say the
same. Lines of `manage.py check_ledger`."""

from collections.abc import Iterator

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from coupons.models import Boost, Reversal
from merchants.models import Mall

from .models import Accrual, CreditLine, Entry, EntryKind, PlanOffer
from .plans import PlanTerms, reward, traffic_credits

AT_ONCE = 20_000
State, Lines = Accrual.State, CreditLine.Kind
KINDS = (EntryKind.ACCRUAL, EntryKind.MATURITY, EntryKind.CLAWBACK)


def problems(mall: Mall) -> Iterator[str]:
    """One line for each disagreement; none if all is well."""
    yield from months(mall)
    yield from evidence(mall)
    yield from entries(mall)
    yield from credits(mall)


def months(mall: Mall) -> Iterator[str]:
    """Each reward is what its month earns with it, less what it earned before."""
    offers = PlanOffer.objects.filter(mall=mall).select_related("version")
    terms = {offer.pk: PlanTerms.from_json(offer.version.terms) for offer in offers}
    rows = Accrual.objects.for_mall(mall).filter(kind=Accrual.Kind.REDEMPTION)
    rows = rows.order_by("provider", "month", "offer", "run_fen", "pk")
    month, run = None, 0
    columns = ("pk", "provider", "month", "offer", "base_fen", "run_fen", "amount_fen", "credits")
    for pk, provider, day, offer, base, run_fen, *found in rows.values_list(*columns).iterator(AT_ONCE):
        before = run if month == (provider, day, offer) else 0
        month, run = (provider, day, offer), before + base
        should = [read(terms[offer], run) - read(terms[offer], before) for read in (reward, traffic_credits)]
        if (run_fen, found) != (run, should):
            yield f"accrual {pk}: month so far {run_fen}, fen and credits {found}; should be {run}, {should}"


def evidence(mall: Mall) -> Iterator[str]:
    """What is undone was taken back, and nothing else was, openings apart."""
    undone = Exists(Reversal.objects.for_mall(mall).filter(redemption=OuterRef("redemption")))
    rows = Accrual.objects.for_mall(mall).filter(kind=Accrual.Kind.REDEMPTION)
    for pk in rows.filter(undone).exclude(state=State.CLAWED_BACK).values_list("pk", flat=True):
        yield f"accrual {pk}: its redemption is undone, but it was not taken back"
    for pk in rows.filter(~undone, state=State.CLAWED_BACK).values_list("pk", flat=True):
        yield f"accrual {pk}: taken back, but its redemption stands"


def entries(mall: Mall) -> Iterator[str]:
    """Each accrual is posted as its state says, between the accounts of its provider and of the mall's expense."""
    rows = Accrual.objects.for_mall(mall)
    posted = {kind.value: _posted(mall, kind) for kind in KINDS}
    rows = rows.filter(amount_fen__gt=0).annotate(**{f"by_{kind}": sums for kind, sums in posted.items()})
    columns = ("pk", "state", "amount_fen", "by_accrual", "by_maturity", "by_clawback")
    for pk, state, fen, accrual, maturity, clawback in rows.values_list(*columns).iterator(AT_ONCE):
        due = {State.PENDING: (0,), State.MATURED: (fen,), State.CLAWED_BACK: (0, fen)}[State(state)]
        if accrual != fen or maturity not in due or clawback != (fen if state == State.CLAWED_BACK else 0):
            yield f"accrual {pk}: {fen} fen, {state}, but posted {accrual}, {maturity} due, {clawback} taken back"
    sources = Accrual.objects.for_mall(mall).filter(pk=OuterRef("source_id"))
    orphans = Entry.objects.for_mall(mall).filter(~Exists(sources), kind__in=KINDS)
    for pk in orphans.values_list("pk", flat=True):
        yield f"entry {pk}: of an accrual that is not there"


def _posted(mall: Mall, kind: EntryKind) -> Coalesce:
    """What was posted of an accrual, for or against its provider."""
    own = Q(debit__provider=OuterRef("provider")) | Q(credit__provider=OuterRef("provider"))
    found = Entry.objects.for_mall(mall).filter(own, kind=kind, source_id=OuterRef("pk"))
    sums = found.order_by().values("source_id").annotate(sum=Sum("amount_fen")).values("sum")
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)


def credits(mall: Mall) -> Iterator[str]:
    """The lines of traffic credits say what accruals and boosts say."""
    rows = Accrual.objects.for_mall(mall)
    clawed = Case(When(state=State.CLAWED_BACK, then=-F("credits")), default=0)
    yield from _lines(mall, Lines.EARNED, rows.annotate(should=F("credits")))
    yield from _lines(mall, Lines.CLAWED_BACK, rows.annotate(should=clawed))
    yield from _lines(mall, Lines.SPENT, Boost.objects.filter(mall=mall).annotate(should=-F("credits")))


def _lines(mall: Mall, kind: str, sources: QuerySet) -> Iterator[str]:
    wrong = sources.annotate(line=_line(mall, kind)).exclude(line=F("should"))
    for pk, line, should in wrong.values_list("pk", "line", "should"):
        yield f"credits {kind} {pk}: {line}, should be {should}"


def _line(mall: Mall, kind: str) -> Coalesce:
    lines = CreditLine.objects.for_mall(mall).filter(kind=kind, source_id=OuterRef("pk")).values("credits")
    return Coalesce(Subquery(lines), 0)
