"""What waits for the people of a mall from merchants and providers."""

from django.db.models import QuerySet

from merchants.models import Mall
from merchants.queries import onboarding, providers

from .statements import disputed_lines


def of_mall(mall: Mall) -> dict[str, QuerySet]:
    """By the name of the page where it is answered: applications, stores proposed, lines disputed."""
    return {
        "merchants:provider_list": providers.applied(mall),
        "merchants:mall_onboarding": onboarding.proposed(mall),
        "settlements:mall_statements": disputed_lines(mall),
    }
