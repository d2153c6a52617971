"""From an application, made without an account, to a provider whose manager is invited."""

import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mallops.lib.tasks.worker import Worker
from merchants.choices import Capability, ProviderState, Role, Standing
from merchants.models import AuditEntry, Invitation, ProviderDocument, ServiceProvider
from merchants.services import applications, documents
from merchants.services.refusal import Refused
from merchants.views.apply import BY_ADDRESS
from tests import factories

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n"


def file(name: str = "licence.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def filled(**fields) -> dict:
    return {
        "name_en": "Cloud & Bridge", "name_zh": "云桥", "registration_number": "91310000 ma1fl0x12k",
        "contact_name": "Lin", "contact_phone": "021 555", "contact_email": "Lin@bridge.example",
        "about": "Tills", "capabilities": ["operations", "saas"], "licence": file(), "documents": [], **fields,
    }  # fmt: skip


def page(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


def send(client, mall, **fields):
    return client.post(page("apply", mall.slug), filled(**fields))


def mails() -> list:
    """Every mail that waits, sent; in the order of the addresses."""
    Worker().drain()
    return sorted(mail.outbox, key=lambda sent: sent.to)


def test_anyone_applies_and_both_sides_are_told(client, mall, manager, operator):
    answer = send(client, mall, documents=[file("iso.pdf"), file("map.png", b"\x89PNG\r\n\x1a\n")])
    assert answer["Location"] == page("application_sent", mall.slug)
    made = ServiceProvider.objects.get()
    assert (made.state, made.code, made.registration_number) == (
        ProviderState.APPLIED,
        "cloud-bridge",
        "91310000MA1FL0X12K",
    )
    assert (made.contact_email, made.about, made.decided_at) == ("Lin@bridge.example", "Tills", None)
    asked = made.capabilities.values_list("capability", "granted_at")
    assert sorted(asked) == [("operations", None), ("saas", None)]
    kept = ProviderDocument.objects.order_by("pk").values_list("kind", "name", "uploaded_by", "by_mall")
    assert list(kept) == [
        ("licence", "licence.pdf", None, False), ("other", "iso.pdf", None, False), ("other", "map.png", None, False),
    ]  # fmt: skip
    received, new = mails()
    assert (received.to, received.subject) == (["Lin@bridge.example"], "[MallOps] Your application at Galaxy")
    assert (new.to, new.subject) == ([manager.email], "[MallOps] Cloud & Bridge applies at Galaxy")
    assert page("application_detail", mall.slug, made.pk) in new.body


def test_who_is_signed_in_is_remembered(client, mall, stranger):
    client.force_login(stranger)
    assert stranger.email in client.get(page("apply", mall.slug)).text
    send(client, mall)
    assert AuditEntry.objects.get(action="provider_applied").actor == stranger


@pytest.mark.parametrize(
    "change",
    [
        {"name_en": "", "name_zh": " "}, {"registration_number": ""}, {"registration_number": "<b>"},
        {"registration_number": "1234"}, {"registration_number": "9" * 41}, {"contact_email": "lin"},
        {"contact_email": ""}, {"contact_name": ""}, {"capabilities": []}, {"capabilities": ["magic"]},
        {"about": "x" * 2_001}, {"licence": ""}, {"licence": file(content=b"")},
        {"licence": file("page.pdf", b"<html>")}, {"documents": [file(), file("page.pdf", b"<html>")]},
        {"documents": [file(f"{n}.pdf") for n in range(10)]},
    ],
    ids=str,
)  # fmt: skip
def test_bad_applications_are_refused(client, mall, change):
    answer = send(client, mall, **change)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text or "errorlist" in answer.text
    assert not ServiceProvider.objects.exists() and not ProviderDocument.objects.exists()


def test_a_false_type_is_told_by_name(client, mall):
    answer = send(client, mall, documents=[file("iso.pdf"), file("page.pdf", b"<html>"), file("run.png", b"MZ")])
    assert "page.pdf is not a PDF, PNG or JPEG file." in answer.text
    assert "run.png is not a PDF, PNG or JPEG file." in answer.text
    assert "iso.pdf" not in answer.text


def test_a_large_file_is_cut_off_and_told(client, mall, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 100_000)
    answer = send(client, mall, licence=file(content=PDF + b"x" * 200_000))
    assert answer.status_code == 422 and "A file is larger than 10 MB." in answer.text


def test_the_token_against_forgery_is_asked_for(mall):
    assert send(Client(enforce_csrf_checks=True), mall).status_code == 403


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({}, False),
        ({"state": ProviderState.APPROVED}, False),
        ({"state": ProviderState.APPROVED, "registration_number": "9131 0000 ma1fl0x12k"}, False),
        ({"state": ProviderState.APPROVED, "standing": Standing.SUSPENDED}, False),
        ({"state": ProviderState.APPROVED, "standing": Standing.TERMINATED}, True),
        ({"state": ProviderState.DECLINED}, True),
    ],
)
def test_a_number_that_is_known_is_refused(client, mall, fields, taken):
    factories.make_application(mall=mall, **{"registration_number": "91310000MA1FL0X12K"} | fields)
    factories.make_application(mall=factories.make_mall(), registration_number="91310000MA1FL0X12K")
    answer = send(client, mall)
    assert answer.status_code == (302 if taken else 422)
    assert taken or "Please ask the mall." in answer.text
    assert mall.providers.count() == 1 + taken


def test_the_database_refuses_the_slower_of_two(mall, monkeypatch):
    factories.make_application(mall=mall, registration_number="9131")
    monkeypatch.setattr(applications, "_known", lambda *_: False)
    values = {name: "x" for name in applications.FIELDS} | {"registration_number": "9131"}
    with pytest.raises(Refused, match="Please ask the mall"):
        applications.apply(mall=mall, values=values, capabilities=[], files=[], by=None, now=timezone.now())
    assert mall.providers.count() == 1


def test_two_of_one_name_get_codes_of_their_own(client, mall):
    send(client, mall)
    send(client, mall, registration_number="99999")
    send(client, mall, registration_number="88888", name_en="")
    codes = sorted(mall.providers.values_list("code", flat=True))
    assert codes[0] == "cloud-bridge" and codes[1].startswith("cloud-bridge-") and codes[2].startswith("provider-")


def test_tries_are_limited_by_network_address(client, mall):
    for _ in range(BY_ADDRESS.limit):
        assert client.post(page("apply", mall.slug)).status_code == 422
    assert send(client, mall).status_code == 429
    assert not mall.providers.exists()


def test_an_unknown_mall_does_not_exist(client, db):
    assert client.get(page("apply", "nowhere")).status_code == 404


def test_approval_grants_what_is_ticked_and_invites_the_contact(client, mall, manager):
    application = factories.make_application(mall=mall, asks=("operations", "saas"), contact_email="Lin@bridge.example")
    client.force_login(manager)
    shown = client.get(page("application_detail", mall.slug, application.pk)).text
    assert re.findall(r'value="(\w+)"[^>]*checked', shown) == ["operations", "saas"]
    form = {"word": "approve", "capabilities": ["operations", "acquiring"]}
    answer = client.post(page("application_decide", mall.slug, application.pk), form)
    assert answer["Location"] == page("provider_detail", mall.slug, application.pk)
    application.refresh_from_db()
    assert (application.state, application.decided_by, application.standing) == ("approved", manager, Standing.GOOD)
    granted = [row.capability for row in application.capabilities.all() if row.is_granted]
    assert granted == ["acquiring", "operations"]
    invitation = Invitation.objects.get()
    assert (invitation.provider, invitation.role) == (application, Role.PROVIDER_MANAGER)
    (sent,) = mail.outbox
    assert sent.to == ["lin@bridge.example"]


def test_the_invited_contact_manages_the_provider(client, mall, manager):
    application = factories.make_application(mall=mall)
    _invitation, token = applications.approve(
        application=application, capabilities=[Capability.SAAS], by=manager, now=timezone.now()
    )
    new = {"username": "lin", "password1": "correct horse 9", "password2": "correct horse 9"}
    assert client.post(page("invitation_accept", token), new).status_code == 302
    assert client.get(page("provider_profile", application.pk)).status_code == 200


def test_declining_needs_a_reason_which_is_mailed(client, mall, manager):
    application = factories.make_application(mall=mall, contact_email="lin@bridge.example")
    client.force_login(manager)
    url = page("application_decide", mall.slug, application.pk)
    assert client.post(url, {"word": "decline", "reason": " "}).status_code == 422
    assert client.post(url, {"word": "decline", "reason": "No insurance"}).status_code == 302
    application.refresh_from_db()
    assert (application.state, application.decision_reason) == ("declined", "No insurance")
    (sent,) = mails()
    assert sent.to == ["lin@bridge.example"] and "“No insurance”" in sent.body
    assert "has declined the application" in sent.body and page("apply", mall.slug) in sent.body


@pytest.mark.parametrize(
    "form", [{}, {"word": "maybe"}, {"word": "approve"}, {"word": "approve", "capabilities": ["magic"]}], ids=str
)
def test_an_answer_that_is_none_is_refused(client, mall, manager, form):
    application = factories.make_application(mall=mall)
    client.force_login(manager)
    assert client.post(page("application_decide", mall.slug, application.pk), form).status_code == 422
    assert mall.providers.get().state == ProviderState.APPLIED


def test_an_application_is_answered_once(client, mall, manager):
    application = factories.make_application(mall=mall)
    decide = {"application": application, "by": manager, "now": timezone.now()}
    applications.decline(**decide, reason="No")
    for again in (lambda: applications.decline(**decide, reason="No"),
                  lambda: applications.approve(**decide, capabilities=["saas"])):  # fmt: skip
        with pytest.raises(Refused, match="Someone else has answered"):
            again()
    client.force_login(manager)
    form = {"word": "approve", "capabilities": ["saas"]}
    answer = client.post(page("application_decide", mall.slug, application.pk), form, follow=True)
    assert "Someone else has answered this application." in answer.text
    assert not Invitation.objects.exists() and mall.providers.get().state == ProviderState.DECLINED


def test_several_are_approved_with_what_each_asked_for(client, mall, manager):
    one = factories.make_application(mall=mall, asks=("saas",))
    two = factories.make_application(mall=mall, asks=("acquiring", "expansion"))
    other = factories.make_application(mall=mall)
    client.force_login(manager)
    client.post(page("application_bulk", mall.slug), {"word": "approve", "chosen": [one.pk, two.pk]})
    granted = {row.pk: [c.capability for c in row.capabilities.all() if c.is_granted] for row in mall.providers.all()}
    assert granted == {one.pk: ["saas"], two.pk: ["acquiring", "expansion"], other.pk: []}
    assert len(mail.outbox) == 2


def test_several_are_declined_for_one_reason(client, mall, manager):
    chosen = [factories.make_application(mall=mall) for _ in range(2)]
    client.force_login(manager)
    client.post(
        page("application_bulk", mall.slug), {"word": "decline", "reason": "Full", "chosen": [row.pk for row in chosen]}
    )
    assert set(mall.providers.values_list("state", "decision_reason")) == {("declined", "Full")}
    assert len(mails()) == 2


@pytest.mark.parametrize(
    "form", [{"word": "approve"}, {"word": "decline"}, {"word": "approve", "chosen": ["x"]}], ids=str
)
def test_a_bulk_answer_to_nobody_is_refused(client, mall, manager, form):
    factories.make_application(mall=mall)
    client.force_login(manager)
    assert client.post(page("application_bulk", mall.slug), form).status_code == 422


def test_a_bulk_answer_does_not_reach_another_mall(client, mall, manager):
    elsewhere = factories.make_application(mall=factories.make_mall())
    client.force_login(manager)
    form = {"word": "approve", "chosen": [elsewhere.pk]}
    assert client.post(page("application_bulk", mall.slug), form).status_code == 422
    elsewhere.refresh_from_db()
    assert elsewhere.state == ProviderState.APPLIED


def test_the_list_is_searched_and_filtered(client, mall, manager):
    factories.make_application(mall=mall, name_en="Waiting Ltd")
    factories.make_application(mall=mall, name_en="Refused Ltd", state=ProviderState.DECLINED)
    client.force_login(manager)

    def shown(**query) -> list[str]:
        return re.findall(r"(\w+) Ltd</a>", client.get(page("application_list", mall.slug), query).text)

    assert shown() == ["Waiting"]
    assert shown(state="declined") == ["Refused"]
    assert sorted(shown(state="all")) == ["Refused", "Waiting"]
    assert shown(state="all", search="refus") == ["Refused"]
    assert shown(search="nobody") == []
    assert shown(state="magic") == ["Waiting"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_queries(client, mall, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.make_application(mall=mall)
    client.force_login(manager)
    with django_assert_num_queries(9):
        client.get(page("application_list", mall.slug))
