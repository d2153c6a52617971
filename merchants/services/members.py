"""Who belongs to a mall, merchant or provider, and as what. A body always keeps one member who may manage it."""

from django.db import transaction

from merchants.access import roles_with
from merchants.choices import Action
from merchants.models import Invitation, Mall, Membership, Merchant, ServiceProvider, User

from . import audit

Body = Mall | Merchant | ServiceProvider


class LastManager(Exception):
    """The change would leave the body without anyone who may manage it."""


def kind_of(body: Body) -> str:
    """`mall`, `merchant` or `provider`: the field of a membership, and the prefix of a role."""
    return {Mall: "mall", Merchant: "merchant", ServiceProvider: "provider"}[type(body)]


def mall_of(body: Body) -> Mall:
    return body if isinstance(body, Mall) else body.mall


def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Give a member another role of the same kind of body. Raises LastManager."""
    with transaction.atomic():
        _lock(membership.body)
        before = Membership.objects.get(pk=membership.pk).role
        if role not in roles_with(Action.MANAGE):
            _keep_a_manager(membership)
        Membership.objects.filter(pk=membership.pk).update(role=role)
        note(by, "role_changed", membership, audit.changed({"role": before}, {"role": role}))


def remove(*, membership: Membership, by: User) -> None:
    """End a membership; the account stays. Raises LastManager."""
    with transaction.atomic():
        _lock(membership.body)
        _keep_a_manager(membership)
        gone = {"user": [membership.user, None], "role": [membership.role, None]}
        note(by, "member_removed", membership, gone)
        membership.delete()


def _lock(body: Body) -> None:
    """Let changes of one body's members wait for each other (SQLite's write transactions do so anyway)."""
    type(body).objects.select_for_update().get(pk=body.pk)


def _keep_a_manager(membership: Membership) -> None:
    body = membership.body
    others = Membership.objects.filter(**{kind_of(body): body}).exclude(pk=membership.pk)
    if membership.role in roles_with(Action.MANAGE) and not others.filter(role__in=roles_with(Action.MANAGE)).exists():
        raise LastManager


def note(by: User, action: str, row: Membership | Invitation, changes: dict[str, list]) -> None:
    """Trace a change of who belongs to a body."""
    audit.record(actor=by, mall=mall_of(row.body), action=action, obj=row, changes=changes)
