"""A statement of a month that is not closed: its lines as they would be now, never stored."""

from datetime import date

from django.db.models import Q

from coupons.models import Rule
from merchants.models import Store
from settlements.figures import figures
from settlements.models import StatementLine

from .statements import Party, of_party


def so_far(party: Party, month: date) -> list[StatementLine]:
    """What the month (its first day) comes to for a party up to now."""
    found = figures(party.mall, month, accounts=Q(**of_party(party)))
    stores = Store.objects.in_bulk({figure.store_id for figure in found if figure.store_id})
    rules = Rule.objects.in_bulk({figure.rule_id for figure in found if figure.rule_id})
    lines = []
    for position, figure in enumerate(found, 1):
        line = StatementLine(mall=party.mall, position=position, **figure._asdict())
        line.store, line.rule = stores.get(figure.store_id), rules.get(figure.rule_id)
        lines.append(line)
    return lines
