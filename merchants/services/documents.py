"""Files that prove something about a provider: PDF, PNG or JPEG by their content, kept where no address reaches."""

import secrets
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import ProviderDocument, ServiceProvider, User

from . import audit
from .refusal import Refused

MOST_BYTES = 10 * 1024 * 1024  # of one file
MOST_FILES = 10  # of one provider
# Content type, how such files begin, and what their names end in.
TYPES = (
    ("application/pdf", b"%PDF-", (".pdf",)),
    ("image/png", b"\x89PNG\r\n\x1a\n", (".png",)),
    ("image/jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg")),
)
ENDINGS = {content_type: endings for content_type, _start, endings in TYPES}


def content_type(file: UploadedFile) -> str:
    """What a file holds, by its first bytes. Raises Refused for other types, a name that says something else,
    and too large a file."""
    if file.size > MOST_BYTES:
        raise Refused(_("%(name)s is larger than %(most)d MB.") % {"name": file.name, "most": MOST_BYTES >> 20})
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    found = next((kind for kind, signature, _endings in TYPES if start.startswith(signature)), None)
    if found is None:
        raise Refused(_("%(name)s is not a PDF, PNG or JPEG file.") % {"name": file.name})
    if not file.name.lower().endswith(ENDINGS[found]):
        words = {"name": file.name, "ending": ENDINGS[found][0]}
        raise Refused(_("%(name)s holds something else than its name says: call it %(ending)s.") % words)
    return found


@transaction.atomic
def attach(
    *, provider: ServiceProvider, kind: str, file: UploadedFile, by: User | None, by_mall: bool = False
) -> ProviderDocument:
    """Keep a file, under a name nobody can guess. Raises Refused, also beyond MOST_FILES."""
    found = content_type(file)
    ServiceProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    if provider.documents.count() >= MOST_FILES:
        raise Refused(_("At most %(most)d documents are kept; remove one first.") % {"most": MOST_FILES})
    document = ProviderDocument(
        provider=provider, kind=kind, name=_short(file.name), content_type=found, size=file.size,
        uploaded_by=by, by_mall=by_mall,
    )  # fmt: skip
    document.file.save(f"{secrets.token_hex(16)}{ENDINGS[found][0]}", file)
    changes = audit.changed({}, {"name": document.name, "kind": kind})
    audit.record(actor=by, mall=provider.mall, action="document_added", obj=document, changes=changes)
    return document


@transaction.atomic
def remove(*, document: ProviderDocument, by: User) -> None:
    """Delete a document; its file goes once that is certain."""
    changes = {"name": [document.name, None], "kind": [document.kind, None]}
    audit.record(actor=by, mall=document.provider.mall, action="document_removed", obj=document, changes=changes)
    file = document.file
    document.delete()
    transaction.on_commit(lambda: file.storage.delete(file.name))


def _short(name: str) -> str:
    """A name that fits, with its ending."""
    path = PurePath(name)
    return f"{path.stem[: 120 - len(path.suffix)]}{path.suffix}"
