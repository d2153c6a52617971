"""Parts of addresses."""

from django.urls.converters import PathConverter


class CodeConverter(PathConverter):
    """A code that people chose, of printed characters; it may hold a slash. PostgreSQL could not look up a NUL."""

    regex = r"[^\x00-\x1f]+"
