"""What is impossible, contradictory or worth a thought in the terms of a rule. Pure: terms and what surrounds them.

Nothing here forbids saving a draft; what may not run is refused by `RuleTerms.check` and by the services.
"""

from coupons.engine.terms import RuleTerms

from . import matching, others, supply
from .world import Finding, Rival, World, trigger_stores

__all__ = ["Finding", "Rival", "World", "review", "trigger_stores"]

TONES = ("bad", "warn", "info")


def review(terms: RuleTerms, world: World) -> list[Finding]:
    """The findings, the gravest first."""
    start = max(world.today, terms.starts_on or world.today)
    found = [
        *matching.times(terms, world, start),
        *matching.matching(terms, world, start),
        *supply.stocks(terms, world, start),
        *supply.amounts(terms, world, start),
        *matching.claims(terms, world),
        *others.rivals(terms, world),
        *others.changes(terms, world),
    ]
    return sorted(found, key=lambda finding: TONES.index(finding.tone))
