"""Members and open invitations of a body, and how many members the bodies of a mall have."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from merchants.models import Invitation, Mall, Membership, Merchant
from merchants.services.members import Body, kind_of


def members(body: Body) -> QuerySet[Membership]:
    """Everyone who belongs to the body, by name of account."""
    return Membership.objects.filter(**{kind_of(body): body}).select_related("user").order_by("user__username")


def pending(body: Body) -> QuerySet[Invitation]:
    """Invitations neither accepted nor withdrawn, newest first; those too old to be used included."""
    unanswered = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
    return unanswered.filter(**{kind_of(body): body}).select_related("invited_by")


def merchants_with_members(mall: Mall) -> QuerySet[Merchant]:
    """The merchants of a mall, each with `members`, the number of its people."""
    counted = Membership.objects.filter(merchant=OuterRef("pk")).order_by().values("merchant")
    number = counted.annotate(number=Count("pk")).values("number")
    return mall.merchants.annotate(members=Coalesce(Subquery(number), 0))
