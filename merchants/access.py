"""Who may see and do what: the only module that knows.

`visible(model, user)` scopes every read (used through `Model.objects.visible_to(user)`); it filters by primary-key
subqueries, so that two colleagues at one mall never double a sum. `body_or_404` opens a mall, merchant or provider
for a view: out of sight is 404, in sight without the right is 403. A superuser sees and may do everything.

Rules pass through two pairs of hands: who edits rules writes and proposes them, and may pause what goes wrong; who
launches rules lets them run, resumes and ends them, and notes answers given on paper. Whether a merchant gives or pays
is for its owner alone, whether a provider pays for its managers, and whether a statement is right for the party it is
about: nobody of the mall may answer in their place without saying so.
"""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import Http404

from mallops.lib import spans

from .choices import Action, AgreementState, ProviderState, Role, Standing

RIGHTS: dict[str, frozenset[str]] = {
    Role.MALL_MANAGER: frozenset(
        {
            Action.VIEW, Action.EDIT_RULES, Action.LAUNCH_RULES, Action.IMPORT, Action.REDEEM, Action.MANAGE,
            Action.SETTLE,
        }
    ),
    Role.MALL_OPERATOR: frozenset({Action.VIEW, Action.EDIT_RULES, Action.IMPORT, Action.REDEEM}),
    Role.MALL_VIEWER: frozenset({Action.VIEW}),
    Role.MERCHANT_OWNER: frozenset({Action.VIEW, Action.CONSENT, Action.REDEEM, Action.MANAGE}),
    Role.MERCHANT_CASHIER: frozenset({Action.REDEEM}),
    Role.PROVIDER_MANAGER: frozenset({Action.VIEW, Action.CONSENT, Action.MANAGE}),
    Role.PROVIDER_VIEWER: frozenset({Action.VIEW}),
}  # fmt: skip

BARRED = (Standing.SUSPENDED, Standing.TERMINATED)  # providers that stand so may do nothing
Body = TypeVar("Body", bound=models.Model)


def roles_with(action: str) -> list[str]:
    return [role for role, rights in RIGHTS.items() if action in rights]


def bodies(user, kind: str, action: str | None = None) -> models.QuerySet:
    """Ids of the bodies of a kind (`mall`, `merchant`, `provider`) where the user is a member, or holds a right."""
    held = user.memberships.filter(**{f"{kind}__isnull": False})
    if action:
        held = held.filter(role__in=roles_with(action))
    return held.values(kind)


def visible(model: type[models.Model], user) -> Q:
    """The condition for the rows of a dimension that a user may see."""
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=[])
    if user.is_superuser:
        return Q()
    return _SCOPES[model._meta.model_name](user)


def _of_malls(user) -> Q:
    return Q(mall__in=bodies(user, "mall"))


def _store(user) -> Q:
    from .models import Store

    served = Store.objects.filter(served_by(user)).values("pk")
    return _of_malls(user) | Q(merchant__in=bodies(user, "merchant")) | Q(pk__in=served)


def served_by(user) -> Q:
    """Stores that the user's providers serve today, by the day of each provider's mall. Lost with bad standing."""
    from .models import ServiceProvider

    scope = Q(pk__in=[])
    providers = ServiceProvider.objects.filter(pk__in=bodies(user, "provider")).select_related("mall")
    for provider in providers:
        scope |= stores_served(provider)
    return scope


def stores_served(provider) -> Q:
    """The condition on Store for the running agreements of one provider."""
    from .models import Agreement

    if not is_active(provider):
        return Q(pk__in=[])
    in_force = Agreement.objects.filter(running(provider.mall), provider=provider)
    return Q(pk__in=in_force.values("store"))


def is_active(provider) -> bool:
    """Whether a provider may do anything: approved, and neither suspended nor terminated."""
    return provider.state == ProviderState.APPROVED and provider.standing not in BARRED


def active(to: str = "") -> Q:
    """The same as a condition on ServiceProvider, or on what `to` leads from there."""
    return Q(**{f"{to}state": ProviderState.APPROVED}) & ~Q(**{f"{to}standing__in": BARRED})


def running(mall) -> Q:
    """The condition on Agreement for those in force today, by the mall's day."""
    day = mall.today()
    return Q(state=AgreementState.CONFIRMED) & spans.on(day)


def _around_stores(field: str):
    """Dimensions of a mall that merchants and providers see as far as their stores reach."""

    def scope(user) -> Q:
        from .models import Store

        return _of_malls(user) | Q(pk__in=Store.objects.filter(_store(user)).values(field))

    return scope


def _managed(user) -> Q:
    """Rows that belong to a body the user manages: memberships, invitations, credentials."""
    return (
        Q(mall__in=bodies(user, "mall", Action.MANAGE))
        | Q(merchant__in=bodies(user, "merchant", Action.MANAGE))
        | Q(provider__in=bodies(user, "provider", Action.MANAGE))
    )


_ASKED = "consents__version__rule"  # from a merchant or a provider to the rules it was asked about

_SCOPES = {
    "mall": lambda user: Q(pk__in=bodies(user, "mall")),
    "floor": _around_stores("floor"),
    "category": _around_stores("category"),
    "merchant": lambda user: _of_malls(user) | Q(pk__in=bodies(user, "merchant")),
    "store": _store,
    "serviceprovider": lambda user: _of_malls(user) | Q(pk__in=bodies(user, "provider")),
    "agreement": lambda user: (
        _of_malls(user)
        | Q(provider__in=bodies(user, "provider"))
        | Q(store__merchant__in=bodies(user, "merchant", Action.VIEW))
    ),
    "onboarding": lambda user: _of_malls(user) | Q(provider__in=bodies(user, "provider")),
    "providercapability": lambda user: _of_malls(user) | Q(provider__in=bodies(user, "provider")),
    "providerdocument": lambda user: (
        Q(provider__mall__in=bodies(user, "mall")) | Q(provider__in=bodies(user, "provider", Action.MANAGE))
    ),
    "standingchange": lambda user: (
        Q(provider__mall__in=bodies(user, "mall")) | Q(provider__in=bodies(user, "provider"))
    ),
    "negativelisting": lambda user: (
        _of_malls(user) | Q(mall__providers__in=bodies(user, "provider"))
    ),
    "apicredential": lambda user: (
        Q(mall__in=bodies(user, "mall", Action.MANAGE)) | Q(provider__in=bodies(user, "provider", Action.MANAGE))
    ),
    "membership": _managed,
    "invitation": _managed,
    "stock": lambda user: _of_malls(user) | Q(merchant__in=bodies(user, "merchant", Action.VIEW)),
    "rule": lambda user: (
        _of_malls(user)
        | Q(version__in=_versions_awarding(user))
        | Q(pk__in=_merchants(user).values(_ASKED))
        | Q(pk__in=_providers(user).values(_ASKED))
    ),
    "backtest": _of_malls,
    "claimcode": _of_malls,
    "handout": _of_malls,
    "consent": lambda user: (
        _of_malls(user)
        | Q(merchant__in=bodies(user, "merchant", Action.VIEW))
        | Q(provider__in=bodies(user, "provider", Action.VIEW))
    ),
    "noticechannel": lambda user: Q(mall__in=bodies(user, "mall", Action.MANAGE)),
    "account": _of_malls,
    "closedmonth": _of_malls,
    "rebateplan": _of_malls,
    "planoffer": lambda user: _of_malls(user) | Q(provider__in=bodies(user, "provider")),
    "boost": lambda user: _of_malls(user) | Q(provider__in=bodies(user, "provider")),
    "savedview": lambda user: Q(owner=user) | Q(shared=True) & _at_bodies(user),
    "mailreport": lambda user: Q(to=user),
    "annotation": _of_malls,
    "flowreport": _of_malls,
    "importrun": lambda user: Q(mall__in=bodies(user, "mall", Action.IMPORT)),
}  # fmt: skip


def _at_bodies(user) -> Q:
    """Belongs to one of the bodies whose figures a user may see; `mall` alone if it is the mall's own."""
    return (
        Q(mall__in=bodies(user, "mall"), merchant=None, provider=None)
        | Q(merchant__in=bodies(user, "merchant", Action.VIEW))
        | Q(provider__in=bodies(user, "provider"))
    )


def _versions_awarding(user) -> models.QuerySet:
    """Rule versions that award a stock of the user's merchants."""
    return _merchants(user).values("stocks__rule_versions")


def _merchants(user) -> models.QuerySet:
    from .models import Merchant

    return Merchant.objects.filter(pk__in=bodies(user, "merchant", Action.VIEW))


def _providers(user) -> models.QuerySet:
    from .models import ServiceProvider

    return ServiceProvider.objects.filter(pk__in=bodies(user, "provider", Action.VIEW))


_KINDS = {"mall": "mall", "merchant": "merchant", "serviceprovider": "provider"}


def rights(user, body: models.Model) -> frozenset[str]:
    """What the user may do at a mall, merchant or provider; rights at a mall reach all of its bodies."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Action.values)
    held = Q(**{_KINDS[body._meta.model_name]: body})
    if body._meta.model_name != "mall":
        held |= Q(mall=body.mall_id)
    roles = user.memberships.filter(held).values_list("role", flat=True)
    return frozenset().union(*(RIGHTS[role] for role in roles))


def may(user, action: str, body: models.Model) -> bool:
    return action in rights(user, body)


def body_or_404(user, model: type[Body], action: str, **lookup) -> tuple[Body, frozenset[str]]:
    """The mall, merchant or provider of a URL, and the user's rights there.

    Raises Http404 out of sight, PermissionDenied without the right.
    """
    queryset = model.objects.visible_to(user).filter(**lookup)
    if model._meta.model_name != "mall":
        queryset = queryset.select_related("mall")
    body = queryset.first()
    if body is None:
        raise Http404
    held = rights(user, body)
    if action not in held:
        raise PermissionDenied
    return body, held
