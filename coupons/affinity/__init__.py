"""Between which stores and categories shoppers move, and the rules that suggests. Start at `report`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merchants.models import Mall


def terms_of(mall: "Mall", key: str) -> dict[str, Any]:
    """The terms that the builder opens with for a suggestion: see `drafts.terms_of`."""
    from .drafts import terms_of

    return terms_of(mall, key)
