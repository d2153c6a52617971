"""Documents of providers: types by content, sizes, and whose they are."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from merchants.choices import Role
from merchants.models import AuditEntry, ProviderDocument
from merchants.services import documents
from merchants.services.refusal import Refused
from tests import factories

PDF, PNG, JPEG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF"


def file(name: str = "licence.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.pdf", PDF, "application/pdf"), ("A.PDF", PDF, "application/pdf"), ("b.png", PNG, "image/png"),
        ("c.jpg", JPEG, "image/jpeg"), ("营业执照.jpeg", JPEG, "image/jpeg"),
    ],
)  # fmt: skip
def test_the_type_is_read_from_the_content(name, content, found):
    given = file(name, content)
    assert documents.content_type(given) == found
    assert given.tell() == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.pdf", b"<html>", "page.pdf is not a PDF, PNG or JPEG file."),
        ("run.pdf", b"MZ\x90", "run.pdf is not a PDF, PNG or JPEG file."),
        ("short.png", b"\x89P", "short.png is not a PDF, PNG or JPEG file."),
        ("late.pdf", b" %PDF-1.7", "late.pdf is not a PDF, PNG or JPEG file."),
        ("photo.pdf", PNG, "photo.pdf holds something else than its name says: call it .png."),
        ("licence", PDF, "licence holds something else than its name says: call it .pdf."),
        ("script.js", PDF, "script.js holds something else than its name says: call it .pdf."),
    ],
)
def test_a_false_type_is_refused_by_name(name, content, said):
    with pytest.raises(Refused, match=said.replace(".", r"\.")):
        documents.content_type(file(name, content))


def test_a_file_may_just_reach_the_limit(monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", len(PDF))
    documents.content_type(file())
    with pytest.raises(Refused, match=r"licence\.pdf is larger than"):
        documents.content_type(file(content=PDF + b"x"))


def test_a_file_is_kept_under_a_name_nobody_can_guess(provider, provider_manager):
    long = f"{'licence' * 30}.pdf"
    document = documents.attach(provider=provider, kind="licence", file=file(long), by=provider_manager)
    assert (len(document.name), document.name[-4:]) == (120, ".pdf")
    assert (document.content_type, document.size, document.by_mall) == ("application/pdf", len(PDF), False)
    assert "licence" not in document.file.name and document.file.name.endswith(".pdf")
    assert document.file.read() == PDF
    assert AuditEntry.objects.get().action == "document_added"


def test_no_more_than_ten_are_kept(provider):
    for _ in range(documents.MOST_FILES):
        factories.make_document(provider=provider)
    with pytest.raises(Refused, match="At most 10 documents"):
        factories.make_document(provider=provider)
    assert provider.documents.count() == 10


def test_the_file_goes_with_the_document(provider, provider_manager, django_capture_on_commit_callbacks):
    document = factories.make_document(provider=provider)
    kept = document.file.name
    with django_capture_on_commit_callbacks(execute=True):
        documents.remove(document=document, by=provider_manager)
    assert not provider.documents.exists()
    assert not default_storage.exists(kept)
    assert AuditEntry.objects.filter(action="document_removed").exists()


def test_a_document_is_saved_and_never_shown(client, provider, provider_manager):
    document = factories.make_document(provider=provider)
    client.force_login(provider_manager)
    answer = client.get(reverse("merchants:document_download", args=[document.pk]))
    assert b"".join(answer) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert "no-store" in answer["Cache-Control"]


def test_who_only_looks_for_a_provider_does_not_open_its_documents(client, provider):
    client.force_login(factories.make_member(Role.PROVIDER_VIEWER, provider=provider))
    document = factories.make_document(provider=provider)
    assert client.get(reverse("merchants:document_download", args=[document.pk])).status_code == 404


def upload(client, provider, **fields):
    url = reverse("merchants:document_upload", args=[provider.pk])
    return client.post(url, {"kind": "contract", "file": file()} | fields, follow=True)


@pytest.mark.parametrize(("who", "by_mall"), [("manager", True), ("provider_manager", False)])
def test_each_side_brings_documents_and_takes_its_own_away(client, request, provider, who, by_mall):
    client.force_login(request.getfixturevalue(who))
    assert "The document was added." in upload(client, provider).text
    document = ProviderDocument.objects.get()
    assert (document.by_mall, document.name, document.kind) == (by_mall, "licence.pdf", "contract")
    other = factories.make_document(provider=provider, by_mall=not by_mall)
    assert client.post(reverse("merchants:document_remove", args=[other.pk])).status_code == 403
    assert client.post(reverse("merchants:document_remove", args=[document.pk])).status_code == 302
    assert list(ProviderDocument.objects.all()) == [other]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"file": file("page.pdf", b"<html>")}, "page.pdf is not a PDF, PNG or JPEG file."),
        ({"file": ""}, "This field is required."),
        ({"file": file(content=b"")}, "The submitted file is empty."),
        ({"kind": "magic"}, "Select a valid choice."),
    ],
    ids=["false type", "none", "empty", "kind"],
)
def test_a_bad_upload_is_told(client, provider, provider_manager, fields, said):
    client.force_login(provider_manager)
    assert said in upload(client, provider, **fields).text
    assert not ProviderDocument.objects.exists()


def test_a_large_upload_is_cut_off_and_told(client, provider, provider_manager, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 100_000)
    client.force_login(provider_manager)
    assert "A file is larger than 10 MB." in upload(client, provider, file=file(content=PDF + b"x" * 200_000)).text


def test_an_upload_without_the_token_is_refused(provider, provider_manager):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(provider_manager)
    assert upload(client, provider).status_code == 403
    assert not ProviderDocument.objects.exists()
