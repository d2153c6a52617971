"""Providers bring stores into a mall: what they may propose, by hand and by file, and what the mall makes of it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from mallops.lib import dates
from mallops.lib.tasks.worker import Worker
from merchants.choices import AgreementState, Capability, Role, Standing
from merchants.forms.onboarding_file import COLUMNS, MOST_ROWS
from merchants.models import Agreement, AuditEntry, Merchant, NegativeListing, Onboarding, Store
from merchants.services import onboarding as services
from merchants.services.onboarding import ProposalsRefused
from merchants.services.onboarding_checks import Proposal
from merchants.services.refusal import Refused
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = dates.today("Asia/Shanghai", NOW)
DAY = timedelta(days=1)
STATES = Onboarding.State
HEADER = b"store_code,category,registration_number,capability,from_day\n"


@pytest.fixture(autouse=True)
def _no_day_begins_meanwhile(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def page(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


@pytest.fixture
def scout(mall):
    """A provider that may expand the mall and serves nothing yet."""
    provider = factories.make_provider(mall=mall)
    factories.make_capability(provider=provider, capability=Capability.EXPANSION)
    return provider


@pytest.fixture
def scout_manager(scout):
    return factories.make_member(Role.PROVIDER_MANAGER, provider=scout)


@pytest.fixture
def food(mall):
    return factories.make_category(mall=mall, code="food", name_en="Food", name_zh="餐饮")


@pytest.fixture
def hotpot(mall, food):
    return factories.make_category(mall=mall, code="hotpot", name_en="Hotpot", name_zh="火锅", parent=food)


@pytest.fixture
def proposal(hotpot):
    return Proposal(
        registration_number="91310000MA1K0001XX", store_code="L4-pot", category=hotpot, capability="expansion",
        from_day=TODAY, merchant_name_zh="红锅餐饮", store_name_zh="红锅", store_name_en="Red Pot",
    )  # fmt: skip


@pytest.fixture
def propose(scout, scout_manager, proposal):
    def make(*changes, **change) -> list[Onboarding]:
        proposals = [proposal._replace(**each) for each in changes or [change]]
        return services.propose(provider=scout, proposals=proposals, now=NOW, by=scout_manager)

    return make


def approve(row: Onboarding, by) -> Store:
    return services.approve(onboarding=row, now=NOW, by=by)


# --- Proposing ---


def test_a_proposal_waits_for_the_mall(propose, scout, scout_manager, manager, mall, hotpot):
    propose()
    kept = Onboarding.objects.get()
    assert (kept.state, kept.provider, kept.proposed_by, kept.category) == ("proposed", scout, scout_manager, hotpot)
    assert not Store.objects.exists() and not Merchant.objects.exists()
    assert AuditEntry.objects.get().changes == {"stores": [None, ["L4-pot"]]}
    Worker().drain()
    (sent,) = mail.outbox
    assert sent.to == [manager.email]
    assert sent.subject == f"[MallOps] {scout.name} proposes a store for Galaxy"
    assert "Red Pot (L4-pot)" in sent.body and page("mall_onboarding", mall.slug) in sent.body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"registration_number": ""}, "registration_number"), ({"store_code": "cafe"}, "store_code"),
        ({"capability": "operations"}, "capability"), ({"from_day": TODAY - 32 * DAY}, "from_day"),
        ({"store_name_zh": "", "store_name_en": ""}, "store_name_zh"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused(propose, other_store, change, field):
    with pytest.raises(ProposalsRefused) as refused:
        propose(**change)
    assert [(problem.place, problem.field) for problem in refused.value.problems] == [(0, field)]
    assert not Onboarding.objects.exists()


@pytest.mark.parametrize("listed", ["food", "hotpot"])
def test_the_negative_list_reaches_what_is_below(propose, mall, food, hotpot, manager, listed):
    category = {"food": food, "hotpot": hotpot}[listed]
    NegativeListing.objects.create(mall=mall, category=category, reason="Enough of it", added_by=manager)
    with pytest.raises(ProposalsRefused, match="negative list: Enough of it"):
        propose()
    assert propose(category=factories.make_category(mall=mall))


def test_all_or_none(propose):
    with pytest.raises(ProposalsRefused) as refused:
        propose({}, {"store_code": "L4-tea", "registration_number": ""}, {})
    places = [(problem.place, problem.field) for problem in refused.value.problems]
    assert places == [(1, "registration_number"), (2, "store_code")]
    assert not Onboarding.objects.exists()
    assert len(propose({}, {"store_code": "L4-tea"})) == 2


def test_a_code_is_proposed_once_at_a_time(propose, scout_manager):
    (first,) = propose()
    with pytest.raises(ProposalsRefused, match="The code L4-pot is taken"):
        propose()
    services.withdraw(onboarding=first, now=NOW, by=scout_manager)
    assert propose()


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.TERMINATED])
def test_a_provider_in_bad_standing_proposes_nothing(propose, scout, standing):
    scout.standing = standing
    scout.save()
    with pytest.raises(Refused, match="not active"):
        propose()


def test_a_provider_without_the_capability_proposes_nothing(propose, scout):
    scout.capabilities.update(revoked_at=NOW)
    with pytest.raises(Refused, match="granted"):
        propose()


# --- Deciding ---


def test_approval_makes_the_merchant_the_store_and_the_agreement(propose, mall, scout, scout_manager, manager, hotpot):
    floor = factories.make_floor(mall=mall)
    (row,) = propose(floor=floor, unit="L4-12")
    revision = mall.revision
    store = approve(row, manager)
    merchant = store.merchant
    assert (store.mall, store.code, store.category, store.floor, store.unit) == (mall, "L4-pot", hotpot, floor, "L4-12")
    assert (store.name_zh, store.name_en) == ("红锅", "Red Pot")
    assert (merchant.registration_number, merchant.name_zh, merchant.code) == (
        "91310000MA1K0001XX", "红锅餐饮", "L4-pot"
    )  # fmt: skip
    agreement = Agreement.objects.get()
    assert (agreement.provider, agreement.store, agreement.capability) == (scout, store, "expansion")
    assert (agreement.state, agreement.from_day, agreement.until_day) == (AgreementState.CONFIRMED, TODAY, None)
    row.refresh_from_db()
    assert (row.state, row.store, row.decided_at, row.decided_by) == (STATES.APPROVED, store, NOW, manager)
    mall.refresh_from_db()
    assert mall.revision > revision
    assert Store.objects.visible_to(scout_manager).get() == store
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {"stores_proposed", "onboarding_approved", "store_onboarded"}
    with pytest.raises(Refused, match="decided or taken back"):
        approve(row, manager)
    Worker().drain()
    assert [sent.subject for sent in mail.outbox if sent.to == [scout_manager.email]] == [
        "[MallOps] Galaxy takes in Red Pot"
    ]


def test_a_known_merchant_is_found_by_its_number(propose, mall, manager):
    known = factories.make_merchant(mall=mall, registration_number="91310000ma1k0001xx")
    factories.make_merchant(mall=factories.make_mall(), registration_number="91310000MA1K0001XX")
    first, second = propose({}, {"store_code": "L4-tea"})
    assert approve(first, manager).merchant == approve(second, manager).merchant == known
    known.refresh_from_db()
    assert known.name_zh == ""


def test_two_stores_of_a_new_merchant_share_it(propose, manager):
    first, second = propose({}, {"store_code": "L4-tea"})
    assert approve(first, manager).merchant == approve(second, manager).merchant


def test_a_new_merchant_gets_a_free_code_and_a_name(propose, mall, manager):
    factories.make_merchant(mall=mall, code="L4-pot", registration_number="another")
    (row,) = propose(merchant_name_zh="")
    merchant = approve(row, manager).merchant
    assert (merchant.code, merchant.name_zh, merchant.name_en) == ("L4-pot-2", "红锅", "Red Pot")


@pytest.mark.parametrize("change", ["code", "listed", "standing", "capability", "day"])
def test_what_changed_meanwhile_is_looked_at_again(propose, mall, scout, manager, food, change):
    (row,) = propose()
    now = NOW
    if change == "code":
        factories.make_store(mall=mall, code="L4-pot")
    elif change == "listed":
        NegativeListing.objects.create(mall=mall, category=food, reason="Enough", added_by=manager)
    elif change == "standing":
        type(scout).objects.filter(pk=scout.pk).update(standing=Standing.SUSPENDED)
    elif change == "capability":
        scout.capabilities.update(revoked_at=NOW)
    else:
        now = NOW + 40 * DAY
    before = (Store.objects.count(), Merchant.objects.count())
    with pytest.raises(Refused):
        services.approve(onboarding=row, now=now, by=manager)
    assert (Store.objects.count(), Merchant.objects.count()) == before
    assert not Agreement.objects.exists()
    row.refresh_from_db()
    assert row.state == STATES.PROPOSED


def test_a_code_that_an_import_took_just_now_leaves_nothing_half_made(propose, manager, monkeypatch, mall):
    (row,) = propose()
    factories.make_store(mall=mall, code="L4-pot")
    monkeypatch.setattr("merchants.services.onboarding.find_problems", lambda *args, **kwargs: [])
    before = Merchant.objects.count()
    with pytest.raises(Refused, match="L4-pot is taken"):
        approve(row, manager)
    assert Merchant.objects.count() == before and not Agreement.objects.exists()


def test_declining_needs_a_reason(propose, manager, scout_manager):
    (row,) = propose()
    with pytest.raises(Refused):
        services.decline(onboarding=row, reason=" ", now=NOW, by=manager)
    services.decline(onboarding=row, reason="No room", now=NOW, by=manager)
    row.refresh_from_db()
    assert (row.state, row.reason, row.store) == (STATES.DECLINED, "No room", None)
    with pytest.raises(Refused, match="decided or taken back"):
        services.withdraw(onboarding=row, now=NOW, by=scout_manager)
    Worker().drain()
    assert "“No room”" in next(sent.body for sent in mail.outbox if sent.to == [scout_manager.email])


# --- Pages ---


def typed(**change) -> dict:
    return {
        "store_name_zh": "红锅", "store_code": "L4-pot", "category": "hotpot", "floor": "", "unit": "",
        "registration_number": "9131 0000 ma1k0001xx", "merchant_name_zh": "", "merchant_name_en": "",
        "capability": "expansion", "from_day": str(TODAY), **change,
    }  # fmt: skip


def test_a_store_is_typed_in(client, scout, scout_manager, hotpot):
    client.force_login(scout_manager)
    url = page("onboarding_add", scout.pk)
    assert client.get(url).status_code == 200
    assert client.post(url, typed()).status_code == 302
    made = Onboarding.objects.get()
    assert (made.registration_number, made.category, made.floor) == ("91310000MA1K0001XX", hotpot, None)
    assert client.get(page("provider_onboarding_detail", scout.pk, made.pk)).status_code == 200
    client.post(page("onboarding_withdraw", scout.pk, made.pk))
    client.post(page("onboarding_withdraw", scout.pk, made.pk))
    made.refresh_from_db()
    assert made.state == STATES.WITHDRAWN


@pytest.mark.parametrize(
    "change",
    [
        {"store_name_zh": ""}, {"store_code": ""}, {"store_code": "a b"}, {"store_code": "x" * 41},
        {"category": "nothing"}, {"category": ""}, {"floor": "L99"}, {"registration_number": ""},
        {"registration_number": "<b>"}, {"capability": "saas"}, {"from_day": "01/02/2027"}, {"from_day": "2020-01-01"},
        {"from_day": "9999-12-31"}, {"unit": "x" * 21},
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_told_at_its_field(client, scout, scout_manager, hotpot, change):
    client.force_login(scout_manager)
    answer = client.post(page("onboarding_add", scout.pk), typed(**change))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(change)
    assert not Onboarding.objects.exists()


def test_a_provider_that_may_not_expand_is_told(client, scout, scout_manager, hotpot):
    factories.make_capability(provider=scout, capability=Capability.SAAS)
    scout.capabilities.filter(capability="expansion").update(revoked_at=NOW)
    client.force_login(scout_manager)
    answer = client.post(page("onboarding_add", scout.pk), typed(capability="saas"))
    assert "has not granted" in answer.context["form"].non_field_errors()[0]


def upload(client, scout, *lines: str, name: str = "stores.csv", content: bytes | None = None):
    header = "store_code,store_name_zh,业态,registration_number,capability,from_day,floor"
    content = "\n".join([header, *lines]).encode() if content is None else content
    return client.post(page("onboarding_file", scout.pk), {"file": SimpleUploadedFile(name, content)})


@pytest.fixture
def uploader(client, scout_manager, hotpot):
    client.force_login(scout_manager)
    return client


def test_stores_come_by_file(uploader, scout, hotpot, food):
    day = str(TODAY)
    answer = upload(
        uploader, scout, f"A1,红锅,火锅,91310000MA,expansion,{day},", "", f"A2,茶,food,91310000MB,Expansion,{day},",
    )  # fmt: skip
    assert answer["Location"] == page("provider_onboarding", scout.pk)
    rows = Onboarding.objects.order_by("store_code").values_list("store_code", "category", "capability")
    assert list(rows) == [("A1", hotpot.pk, "expansion"), ("A2", food.pk, "expansion")]


def test_each_bad_line_is_named_and_nothing_is_kept(uploader, scout, other_store):
    day = str(TODAY)
    answer = upload(
        uploader, scout, f"A1,红锅,hotpot,91310000MA,expansion,{day},", f"A2,茶,unknown,,expansion,{day},L99",
        "A3,茶,hotpot,91310000MB,dancing,soon,", 'A4,"茶,hotpot', "A5,茶,hotpot,91310000MB",
    )  # fmt: skip
    assert answer.status_code == 422
    found = [(problem.line, problem.column) for problem in answer.context["form"].problems]
    assert found == [
        (3, "category"), (3, "floor"), (3, "registration_number"), (4, "capability"), (4, "from_day"), (5, ""),
        (6, "capability"), (6, "from_day"),
    ]  # fmt: skip
    assert not Onboarding.objects.exists()


def test_what_the_mall_has_against_lines_names_them_too(uploader, scout, mall, other_store, food, manager):
    NegativeListing.objects.create(mall=mall, category=food, reason="Enough", added_by=manager)
    factories.make_category(mall=mall, code="tea")
    day = str(TODAY)
    answer = upload(
        uploader, scout, f"A1,红锅,hotpot,91310000MA,expansion,{day},", f"cafe,茶,tea,91310000MB,expansion,{day},",
        f"A3,茶,tea,91310000MB,expansion,{day},", "A3,茶,tea,91310000MB,expansion,2020-01-01,",
    )  # fmt: skip
    found = [(problem.line, problem.column) for problem in answer.context["form"].problems]
    assert found == [(2, "category"), (3, "store_code"), (5, "store_code"), (5, "from_day")]
    assert not Onboarding.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"), (b"PK\x03\x04 a spreadsheet", "spreadsheet"), (b"a,b\n1,2\n", "header lacks"),
        (b"store_code,store_code,category,registration_number,capability,from_day\n", "more than once"),
        (HEADER, "header only"), (HEADER + b"a,b,c,d,e\n" * (MOST_ROWS + 1), "more than 500"),
        (b"store_code\n" + b"x" * (1 << 20), "larger than 1 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_wrong_file_is_refused_as_a_whole(uploader, scout, content, said):
    answer = upload(uploader, scout, content=content)
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors["file"])
    assert not Onboarding.objects.exists()


def test_the_template_can_be_filled_in(uploader, scout):
    answer = uploader.get(page("onboarding_file", scout.pk) + "?template=1")
    header, example = b"".join(answer.streaming_content).decode().splitlines()
    assert header.lstrip("\ufeff").split(",") == [column.name for column in COLUMNS]
    line = example.replace("2026-12-01", str(TODAY)).replace("L4,", ",", 1)
    assert upload(uploader, scout, content=f"{header}\n{line}".encode()).status_code == 302


def test_a_forged_upload_is_refused(scout, scout_manager):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(scout_manager)
    assert client.post(page("onboarding_file", scout.pk)).status_code == 403


def test_the_mall_decides_several_at_once(client, mall, propose, manager, scout):
    rows = propose({}, {"store_code": "L4-tea"}, {"store_code": "L4-cake"})
    factories.make_store(mall=mall, code="L4-cake")
    client.force_login(manager)
    url = page("onboarding_decide", mall.slug)
    chosen = [row.pk for row in rows]
    assert client.post(url, {"word": "approve"}).status_code == 422
    assert client.post(url, {"chosen": chosen, "word": "decline"}).status_code == 422
    assert client.post(url, {"chosen": [10**9], "word": "approve"}).status_code == 422
    answer = client.post(url, {"chosen": chosen, "word": "approve"}, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["Red Pot: The code L4-cake is taken.", "2 stores approved."]
    states = dict(Onboarding.objects.values_list("store_code", "state"))
    assert states == {"L4-pot": "approved", "L4-tea": "approved", "L4-cake": "proposed"}
    client.post(url, {"chosen": chosen[2], "word": "decline", "reason": "Taken"})
    assert Onboarding.objects.get(store_code="L4-cake").state == STATES.DECLINED


def test_what_another_mall_was_proposed_is_not_decided_here(client, propose, stranger):
    (row,) = propose()
    client.force_login(stranger)
    there = stranger.memberships.get().mall
    answer = client.post(page("onboarding_decide", there.slug), {"chosen": row.pk, "word": "approve"})
    assert answer.status_code == 422
    assert not Store.objects.exists()


def test_the_mall_reads_what_it_would_take_in(client, mall, propose, manager):
    known = factories.make_merchant(mall=mall, registration_number="91310000MA1K0001XX")
    (row,) = propose()
    client.force_login(manager)
    answer = client.get(page("mall_onboarding_detail", mall.slug, row.pk))
    assert answer.context["known"] == known and answer.context["may_decide"]
    found = client.get(page("mall_onboarding", mall.slug) + "?search=ma1k&state=proposed").context["table"]
    assert list(found.rows) == [row]
    assert not client.get(page("mall_onboarding", mall.slug) + "?state=declined").context["table"].rows


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_queries(client, mall, scout, propose, manager, rows, django_assert_num_queries):
    propose(*({"store_code": f"c{number}"} for number in range(rows)))
    client.force_login(manager)
    with django_assert_num_queries(9):
        client.get(page("mall_onboarding", mall.slug))
    with django_assert_num_queries(8):
        client.get(page("provider_onboarding", scout.pk))
