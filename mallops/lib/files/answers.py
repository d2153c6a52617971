"""The answer to a request that is a file."""

from collections.abc import Iterator

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
}


def attachment(content: str | bytes | Iterator[str], name: str, kind: str) -> HttpResponseBase:
    """The answer that is saved under a name; an iterator is sent piece by piece, as it comes."""
    response = (HttpResponse if isinstance(content, str | bytes) else StreamingHttpResponse)(content)
    response["Content-Type"] = TYPES[kind]
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
