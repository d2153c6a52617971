"""What a rule brought, read against its control group. Start at `report`; `statistics` holds the methods, `planning`
what could be found before a launch."""

from .statistics import share_needed, smallest_effect

__all__ = ["share_needed", "smallest_effect"]
