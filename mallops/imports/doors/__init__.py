"""One door per kind of file."""

from mallops.imports.models import ImportKind

from .base import Door
from .ledger import PaymentDoor, RefundDoor
from .redemptions import RedemptionDoor
from .stores import StoreDoor

DOORS: dict[str, type[Door]] = {
    ImportKind.STORES: StoreDoor,
    ImportKind.PAYMENTS: PaymentDoor,
    ImportKind.REFUNDS: RefundDoor,
    ImportKind.REDEMPTIONS: RedemptionDoor,
}
