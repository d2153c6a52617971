from .agreements import Agreement, Onboarding
from .base import Bilingual, MallConfiguration
from .credentials import ApiCredential
from .directory import Category, Floor, Mall, Merchant, Store
from .people import AuditEntry, Invitation, Membership, User
from .providers import NegativeListing, ProviderCapability, ProviderDocument, ServiceProvider, StandingChange

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
    "NegativeListing",
    "Onboarding",
    "ProviderCapability",
    "ProviderDocument",
    "ServiceProvider",
    "StandingChange",
    "Store",
    "User",
]
