"""Documents of service providers: a page each."""

from datetime import datetime
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

from merchants.models import ProviderDocument, ServiceProvider, User
from merchants.services import documents


def attach(provider: ServiceProvider, kind: str, name: str, *, at: datetime, by: User | None = None) -> None:
    """A document uploaded at a moment, by somebody of the mall or else by the provider."""
    file = SimpleUploadedFile(name, _page(f"{provider.name_en} {provider.registration_number}"))
    made = documents.attach(provider=provider, kind=kind, file=file, by=by, by_mall=by is not None)
    ProviderDocument.objects.filter(pk=made.pk).update(uploaded_at=at)


def _page(text: str) -> bytes:
    """A PDF with one line."""
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file)
    canvas.drawString(72, 750, text)
    canvas.save()
    return file.getvalue()
