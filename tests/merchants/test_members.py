import pytest

from merchants.choices import Role
from merchants.models import AuditEntry, Membership
from merchants.services import members
from tests import factories

pytestmark = pytest.mark.django_db


def of(user) -> Membership:
    return user.memberships.get()


def test_change_role_is_traced(mall, manager, operator):
    members.change_role(membership=of(operator), role=Role.MALL_VIEWER, by=manager)
    assert of(operator).role == Role.MALL_VIEWER
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.mall, entry.changes) == (
        "role_changed",
        mall,
        {"role": ["mall_operator", "mall_viewer"]},
    )


def test_the_last_manager_keeps_the_role(manager, operator):
    with pytest.raises(members.LastManager):
        members.change_role(membership=of(manager), role=Role.MALL_VIEWER, by=manager)
    assert of(manager).role == Role.MALL_MANAGER
    assert not AuditEntry.objects.exists()


def test_the_last_manager_is_not_removed(store, owner, cashier, manager):
    with pytest.raises(members.LastManager):
        members.remove(membership=of(owner), by=manager)
    assert of(owner).role == Role.MERCHANT_OWNER


def test_one_of_two_managers_may_go(mall, manager):
    other = factories.make_member(Role.MALL_MANAGER, mall=mall)
    members.remove(membership=of(manager), by=other)
    assert not manager.memberships.exists()
    assert AuditEntry.objects.get().changes == {"user": [str(manager.pk), None], "role": ["mall_manager", None]}


def test_who_manages_another_body_does_not_count(manager, stranger):
    with pytest.raises(members.LastManager):
        members.remove(membership=of(manager), by=manager)


def test_a_cashier_may_always_go(cashier, manager):
    members.remove(membership=of(cashier), by=manager)
    assert not cashier.memberships.exists()
