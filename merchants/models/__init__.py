from .base import Bilingual, MallConfiguration
from .directory import Category, Floor, Mall, Merchant, Store
from .people import AuditEntry, Invitation, Membership, User
from .providers import Agreement, ApiCredential, ServiceProvider

__all__ = [
    "Agreement",
    "ApiCredential",
    "AuditEntry",
    "Bilingual",
    "Category",
    "Floor",
    "Invitation",
    "Mall",
    "MallConfiguration",
    "Membership",
    "Merchant",
    "ServiceProvider",
    "Store",
    "User",
]
