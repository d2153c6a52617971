"""Fixed vocabularies of who is who."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a member may do. The prefix says at which kind of body the role is held."""

    MALL_MANAGER = "mall_manager", _("Mall manager")
    MALL_OPERATOR = "mall_operator", _("Mall operator")
    MALL_VIEWER = "mall_viewer", _("Mall viewer")
    MERCHANT_OWNER = "merchant_owner", _("Merchant owner")
    MERCHANT_CASHIER = "merchant_cashier", _("Cashier")
    PROVIDER_MANAGER = "provider_manager", _("Provider manager")
    PROVIDER_VIEWER = "provider_viewer", _("Provider viewer")


class Capability(models.TextChoices):
    """What a service provider does for a store."""

    ACQUIRING = "acquiring", _("Acquiring")
    OPERATIONS = "operations", _("Operations")
    EXPANSION = "expansion", _("Expansion")
    SAAS = "saas", _("SaaS")


# A store has one provider at a time for each of these; the others may be shared.
EXCLUSIVE = frozenset({Capability.OPERATIONS, Capability.SAAS})


class ProviderState(models.TextChoices):
    """Of a provider's application."""

    APPLIED = "applied", pgettext_lazy("provider", "Applied")
    APPROVED = "approved", pgettext_lazy("provider", "Approved")
    DECLINED = "declined", pgettext_lazy("provider", "Declined")


class AgreementState(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("agreement", "Proposed")
    CONFIRMED = "confirmed", pgettext_lazy("agreement", "Confirmed")
    DECLINED = "declined", pgettext_lazy("agreement", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("agreement", "Withdrawn")


# An agreement in one of these states holds its days: what it excludes cannot be agreed with another provider.
HOLDING = (AgreementState.PROPOSED, AgreementState.CONFIRMED)


class Standing(models.TextChoices):
    GOOD = "good", _("Good")
    WARNED = "warned", _("Warned")
    SUSPENDED = "suspended", _("Suspended")
    TERMINATED = "terminated", _("Terminated")


class Action(models.TextChoices):
    """Rights; `access.RIGHTS` says which role holds which."""

    VIEW = "view", _("See figures")
    EDIT_RULES = "edit_rules", _("Edit rules and stocks")
    LAUNCH_RULES = "launch_rules", _("Launch rules")
    CONSENT = "consent", _("Agree to rules and statements")
    IMPORT = "import", _("Import files")
    REDEEM = "redeem", _("Redeem coupons")
    MANAGE = "manage", _("Manage people and credentials")
    SETTLE = "settle", _("Close months, issue and pay statements")


class Scope(models.TextChoices):
    """What the key of a system may do."""

    PAYMENTS = "payments", _("Record payments")
    REFUNDS = "refunds", _("Record refunds")
    COUPONS = "coupons", _("Look at coupons")
    REDEEM = "redeem", _("Redeem coupons")
    CLAIM = "claim", _("Claim coupons for shoppers")
    SHOPPERS = "shoppers", _("Keep shoppers' tags, parking and contacts")
    RULES = "rules", _("Keep rules and stocks")
    STATEMENTS = "statements", _("Read statements")
