"""At most so many tries of one key, such as a network address, within a time."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `limit` tries of one key within `seconds`."""

    name: str
    limit: int
    seconds: int

    def is_over(self, key: object) -> bool:
        return len(cache.get_many(self._slots(key))) >= self.limit

    def take(self, key: object) -> bool:
        """Count a try; False if there were too many. `add` takes a slot for one try only, unlike `incr`."""
        slots = self._slots(key)
        taken = cache.get_many(slots)
        return any(cache.add(slot, True, self.seconds) for slot in slots if slot not in taken)

    def _slots(self, key: object) -> list[str]:
        return [f"{self.name}:{key}:{slot}" for slot in range(self.limit)]


def address(request: HttpRequest) -> str:
    """The caller's network address; of IPv6 the network, as a household or phone has a whole one."""
    found = ip_address(get_adapter().get_client_ip(request))
    return str(found if found.version == 4 else ip_network((found, 64), strict=False))
