"""A secret that the page after a POST shows once: reloading it, or coming back, does not.

Until then it waits in the session of who made it, sealed, for ten minutes at most.
"""

from django.http import HttpRequest

from .keys import seal, unseal

PURPOSE = "shown once"
SECONDS = 600


def keep(request: HttpRequest, page: str, secret: str) -> None:
    """Have the page at an address show a secret to this reader."""
    request.session[_name(page)] = seal(PURPOSE, secret)


def take(request: HttpRequest) -> str:
    """What is to be shown on the page that is asked for, from now on no more; empty if there is nothing."""
    sealed = request.session.pop(_name(request.path), None)
    return (sealed and unseal(PURPOSE, sealed, SECONDS)) or ""


def _name(page: str) -> str:
    return f"{PURPOSE} {page}"
