"""Every address of the site against every persona: who gets in, who is refused, and that a refusal changes nothing.

A new page is one line in PAGES. `ok` names who gets the status of `get` and `post` (None: the method is not served),
`no` who can see the thing but may not do this (403); for everyone else it does not exist (404), and who is not
signed in is sent to the sign-in page. `kwargs` are looked up in `World`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from merchants.choices import Role
from merchants.models import User
from merchants.services import credentials, invitations
from tests import factories

PERSONAS = "anonymous manager operator viewer owner cashier provider_manager neighbour stranger superuser".split()
SIGNED_IN = "manager operator viewer owner cashier provider_manager neighbour stranger superuser"
EVERYONE = f"anonymous {SIGNED_IN}"
# Who holds a right at the mall, at the merchant of `store`, at the provider that serves `store`.
MALL_STAFF = "manager operator viewer superuser"
MALL_EDITORS = "manager operator superuser"
MALL_MANAGERS = "manager superuser"
MERCHANT_MANAGERS = "manager owner superuser"
MERCHANT_VIEWERS = "manager operator viewer owner superuser"
REDEEMERS = "manager operator owner cashier superuser"
PROVIDER_MANAGERS = "manager provider_manager superuser"
PROVIDER_VIEWERS = "manager operator viewer provider_manager superuser"

MALL = {"mall": "mall.slug"}
MERCHANT = {"pk": "merchant.pk"}
PROVIDER = {"pk": "provider.pk"}


@dataclass(frozen=True)
class Page:
    name: str
    kwargs: dict[str, str] = field(default_factory=dict)
    ok: str = ""
    no: str = ""
    get: int | None = 200
    post: int | None = None
    data: dict = field(default_factory=dict)
    others: int | None = None  # what all who are not in `ok` get instead

    def expected(self, persona: str, method: str) -> set[int]:
        status = getattr(self, method)
        if persona in self.ok.split():
            return {status or 405}
        if self.others:
            return {self.others}
        refused = 302 if persona == "anonymous" else 403 if persona in self.no.split() else 404
        return {refused} if status else {refused, 405}


PAGES = [
    Page("home", ok=SIGNED_IN, get=302),
    Page("set_language", ok=EVERYONE, get=None, post=302, data={"language": "en"}),
    Page("health", ok=EVERYONE),
    # Accounts (allauth answers a form in error with 200, and sends who is signed in away from the sign-in page)
    Page("account_login", ok="anonymous", post=200, others=302),
    Page("account_logout", ok=SIGNED_IN, post=302),
    Page("account_inactive", ok=EVERYONE),
    Page("account_change_password", ok=SIGNED_IN, post=200),
    Page("account_reset_password", ok=EVERYONE, post=200),
    Page("account_reset_password_done", ok=EVERYONE),
    Page("account_reset_password_from_key", {"uidb36": "one", "key": "one"}, ok=EVERYONE, post=200),
    Page("account_reset_password_from_key_done", ok=EVERYONE),
    # People
    Page("merchants:mall_people", MALL, ok=MALL_MANAGERS, no="operator viewer", post=422),
    Page("merchants:merchant_people", MERCHANT, ok=MERCHANT_MANAGERS, no="operator viewer cashier", post=422),
    Page("merchants:provider_people", PROVIDER, ok=PROVIDER_MANAGERS, no="operator viewer", post=422),
    Page("merchants:member_role", {"pk": "member.pk"}, ok=MERCHANT_MANAGERS, no="operator viewer cashier", get=None, post=302, data={"role": Role.MERCHANT_OWNER}),
    Page("merchants:member_remove", {"pk": "member.pk"}, ok=MERCHANT_MANAGERS, no="operator viewer cashier", get=None, post=302),
    Page("merchants:invitation_resend", {"pk": "invitation.pk"}, ok=MALL_MANAGERS, no="operator viewer", get=None, post=302),
    Page("merchants:invitation_withdraw", {"pk": "invitation.pk"}, ok=MALL_MANAGERS, no="operator viewer", get=None, post=302),
    Page("merchants:invitation_accept", {"token": "token"}, ok="anonymous", no=SIGNED_IN, post=422),
    # Credentials
    Page("merchants:mall_credentials", MALL, ok=MALL_MANAGERS, no="operator viewer", post=422),
    Page("merchants:provider_credentials", PROVIDER, ok=PROVIDER_MANAGERS, no="operator viewer", post=422),
    Page("merchants:credential_revoke", {"pk": "credential.pk"}, ok=PROVIDER_MANAGERS, get=None, post=302),
    # Service providers
    Page("merchants:provider_list", MALL, ok=MALL_STAFF),
    Page("merchants:provider_detail", MALL | PROVIDER, ok=MALL_STAFF),
    Page("merchants:provider_standing", MALL | PROVIDER, ok=MALL_MANAGERS, no="operator viewer", get=None, post=422),
    Page("merchants:agreement_add", MALL | PROVIDER, ok=MALL_MANAGERS, no="operator viewer", get=None, post=422),
    Page("merchants:agreement_end", MALL | {"pk": "agreement.pk"}, ok=MALL_MANAGERS, no="operator viewer", post=422),
    Page("merchants:provider_agreements", PROVIDER, ok=PROVIDER_VIEWERS),
]  # fmt: skip


class World:
    """One mall with one of everything, and the personas; made as far as a page asks for it."""

    one = "1"

    def __init__(self, get_fixture) -> None:
        self._get = get_fixture

    def __getattr__(self, name: str):
        return self._get(name)

    def client(self, persona: str) -> Client:
        client = Client()
        if persona != "anonymous":
            client.force_login(getattr(self, persona))
        return client

    @cached_property
    def viewer(self) -> User:
        return factories.make_member(Role.MALL_VIEWER, mall=self.mall)

    @cached_property
    def neighbour(self) -> User:
        """Owner of another merchant of the same mall."""
        return factories.make_member(Role.MERCHANT_OWNER, merchant=self.other_store.merchant)

    @cached_property
    def superuser(self) -> User:
        return factories.make_user(is_superuser=True, is_staff=True)

    @cached_property
    def merchant(self):
        return self.store.merchant

    @cached_property
    def member(self):
        return self.cashier.memberships.get()

    @cached_property
    def invited(self):
        return invitations.invite(body=self.mall, role=Role.MALL_VIEWER, email="new@example.com", by=self.manager)

    @cached_property
    def invitation(self):
        return self.invited[0]

    @cached_property
    def token(self) -> str:
        return self.invited[1]

    @cached_property
    def credential(self):
        return credentials.issue(mall=self.mall, provider=self.provider, label="Till", by=self.manager)[0]

    @cached_property
    def agreement(self):
        return self.provider.agreements.get()

    def url(self, page: Page) -> str:
        return reverse(page.name, kwargs={key: attrgetter(path)(self) for key, path in page.kwargs.items()})


@pytest.fixture
def world(db, request) -> World:
    return World(request.getfixturevalue)


def ask(client: Client, method: str, url: str, data: dict) -> tuple[int, str, list[str]]:
    """Status, place redirected to, and the statements that wrote; all of it undone."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        answer = getattr(client, method)(url, data if method == "post" else None)
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Location", ""), [q["sql"] for q in queries if writes(q["sql"])]


def writes(sql: str) -> bool:
    """Whether a statement changes a table of ours (sessions and the cache of the sign-in limit may move)."""
    words = sql.split(maxsplit=3)
    return words[0] in {"INSERT", "UPDATE", "DELETE"} and not ("django_session" in sql or "django_cache" in sql)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_lets_in_whom_it_should(world, page):
    url, wrong = world.url(page), []
    for persona in PERSONAS:
        client = world.client(persona)
        for method in ("get", "post"):
            status, place, written = ask(client, method, url, page.data)
            expected = page.expected(persona, method)
            refused = persona not in page.ok.split()
            if status not in expected or (refused and written):
                wrong.append(f"{method} as {persona}: {status} {place}, expected {expected}; wrote {written}")
            if status == 302 and refused and not page.others and not place.startswith(reverse("account_login")):
                wrong.append(f"{method} as {persona}: sent to {place} and not to sign in")
    assert wrong == []


@pytest.mark.parametrize("page", [page for page in PAGES if len(page.kwargs) > 1 and "mall" in page.kwargs], ids=str)
def test_an_object_of_another_mall_is_not_reached_through_ones_own(world, page):
    """`/malls/<mine>/things/<yours>/` does not exist, for no method, and nothing is written."""
    mine, yours = f"/malls/{world.stranger.memberships.get().mall.slug}/", f"/malls/{world.mall.slug}/"
    url = world.url(page).replace(yours, mine)
    for method in ("get", "post"):
        status, _, written = ask(world.client("stranger"), method, url, page.data)
        assert status in ({404} if getattr(page, method) else {404, 405})
        assert written == []


def every_url(resolver: URLResolver | None = None, route: str = "", space: str = "") -> list[tuple[str, str]]:
    """Route and full name of every address of the site."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append((here, f"{space}{entry.name}"))
        else:
            found += every_url(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)
    return found


def test_every_address_has_its_row():
    in_groups = ("admin/", "api/v1/")
    names = {name for route, name in every_url() if not route.startswith(in_groups)}
    missing = sorted(names - {page.name for page in PAGES})
    assert missing == [], f"Add a line to PAGES in tests/test_urls_access.py for: {', '.join(missing)}"


def test_the_table_names_only_what_exists():
    assert {page.name for page in PAGES} <= {name for _, name in every_url()}
    mentioned = {name for page in PAGES for name in f"{page.ok} {page.no}".split()}
    assert mentioned <= set(PERSONAS)


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name != "superuser"])
def test_the_administration_is_for_staff(world, persona):
    client = world.client(persona)
    names = [name for route, name in every_url() if route.startswith("admin/") and name.endswith(("_changelist", "_add", ":index"))]
    assert len(names) > 40
    for name in names:
        for method in ("get", "post"):
            status, place, written = ask(client, method, reverse(name), {})
            assert status == 302 and place.startswith(reverse("admin:login")) and written == [], name


def test_signing_in_as_staff_is_our_sign_in(world):
    answer = world.client("anonymous").get(reverse("admin:login"))
    assert answer["Location"].startswith(reverse("account_login"))
    assert world.client("owner").get(reverse("admin:login")).status_code == 403


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_api_knows_credentials_only(world, persona):
    """A signed-in browser is nobody there: no address answers without a key."""
    client = world.client(persona)
    routes = [route for route, _ in every_url() if route.startswith("api/v1/")]
    assert routes
    for route in routes:
        url = "/" + route.replace("<int:pk>", "1")
        for method in ("get", "post"):
            status, _, written = ask(client, method, url, {})
            assert status == 401 and written == [], (method, url, status)
