"""Between which stores and categories shoppers move, and the rules that suggests. Start at `report`."""

from .drafts import terms_of

__all__ = ["terms_of"]
