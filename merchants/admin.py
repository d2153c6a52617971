"""Administration of who is who. Saving configuration here leaves a line in the audit trail as the pages do."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mallops.lib.admin import ReadOnlyAdmin

from .models import (
    Agreement,
    ApiCredential,
    AuditEntry,
    Category,
    Floor,
    Invitation,
    Mall,
    Membership,
    Merchant,
    NegativeListing,
    Onboarding,
    ProviderCapability,
    ProviderDocument,
    ServiceProvider,
    StandingChange,
    Store,
    User,
)
from .services import audit, credentials


class AuditedAdmin(admin.ModelAdmin):
    """What people set up: every save and delete is traced with old and new values, and moves the mall's revision."""

    def save_model(self, request: HttpRequest, obj, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        old = {name: form.initial.get(name) for name in form.changed_data} if change else {}
        new = {name: plain(form.cleaned_data[name]) for name in form.changed_data}
        self.trace(request, "changed" if change else "added", obj, audit.changed(old, new))

    def delete_model(self, request: HttpRequest, obj) -> None:
        self.trace(request, "deleted", obj, {"name": [str(obj), None]})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset) -> None:
        for obj in queryset:  # one by one: the queryset's own delete would not touch the mall
            self.delete_model(request, obj)

    def trace(self, request: HttpRequest, action: str, obj, changes: dict[str, list]) -> None:
        mall = obj if isinstance(obj, Mall) else getattr(obj, "mall", None)
        kept = mall if mall and not (action == "deleted" and mall is obj) else None
        audit.record(actor=request.user, mall=kept, action=action, obj=obj, changes=changes)


def plain(value):
    """A cleaned value as `form.initial` would have it: keys for objects."""
    if hasattr(value, "pk"):
        return value.pk
    return [row.pk for row in value] if hasattr(value, "iterator") else value


class LowerCaseEmail(forms.ModelForm):
    """Addresses are kept in lower case, the form in which sign-in looks for them."""

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserForm(LowerCaseEmail, UserAdmin.form):
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser asks")), *settings.LANGUAGES], required=False
    )


class UserAddForm(LowerCaseEmail, UserAdmin.add_form):
    email = forms.EmailField(label=_("E-mail"), required=False)


@admin.register(User)
class MallUserAdmin(UserAdmin):
    form, add_form = UserForm, UserAddForm
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "is_active", "last_login")
    fieldsets = (*UserAdmin.fieldsets, (_("Face"), {"fields": ["language"]}))
    add_fieldsets = (
        (None, {"classes": ["wide"], "fields": ["username", "email", "usable_password", "password1", "password2"]}),
    )


@admin.register(Mall)
class MallAdmin(AuditedAdmin):
    list_display = ("slug", "name_zh", "name_en", "time_zone", "currency", "created_at")
    list_filter = ("time_zone",)
    search_fields = ("slug", "name_zh", "name_en")


class OfMallAdmin(AuditedAdmin):
    list_filter = ("mall",)
    list_select_related = ("mall",)
    search_fields = ("code", "name_zh", "name_en")
    autocomplete_fields = ("mall",)


@admin.register(Floor)
class FloorAdmin(OfMallAdmin):
    list_display = ("code", "name_zh", "name_en", "level", "mall")


@admin.register(Category)
class CategoryAdmin(OfMallAdmin):
    list_display = ("code", "name_zh", "name_en", "parent", "position", "mall")
    list_select_related = ("mall", "parent")
    autocomplete_fields = ("mall", "parent")


@admin.register(Merchant)
class MerchantAdmin(OfMallAdmin):
    list_display = ("code", "name_zh", "name_en", "registration_number", "mall")
    search_fields = (*OfMallAdmin.search_fields, "registration_number")


@admin.register(Store)
class StoreAdmin(OfMallAdmin):
    list_display = ("code", "name_zh", "name_en", "merchant", "category", "floor", "unit", "closed_on", "mall")
    list_filter = ("mall", ("closed_on", admin.EmptyFieldListFilter))
    list_select_related = ("mall", "merchant", "category", "floor")
    search_fields = (*OfMallAdmin.search_fields, "unit")
    autocomplete_fields = ("mall", "merchant", "category", "floor")


@admin.register(ServiceProvider)
class ServiceProviderAdmin(OfMallAdmin):
    list_display = ("code", "name_zh", "name_en", "state", "standing", "contact_email", "mall")
    list_filter = ("state", "standing", "mall")
    search_fields = (*OfMallAdmin.search_fields, "registration_number")
    readonly_fields = ("state", "standing", "applied_at", "decided_at", "decided_by", "decision_reason")


@admin.register(ProviderCapability)
class ProviderCapabilityAdmin(ReadOnlyAdmin):
    """Granted and taken back on the provider's page, which tells those concerned."""

    list_display = ("provider", "capability", "asked_at", "granted_at", "revoked_at", "mall")
    list_filter = ("capability", "mall")
    list_select_related = ("mall", "provider")
    search_fields = ("provider__code", "provider__name_zh", "provider__name_en")


@admin.register(ProviderDocument)
class ProviderDocumentAdmin(ReadOnlyAdmin):
    """Files are opened on the provider's page, where the reader is checked."""

    list_display = ("name", "provider", "kind", "content_type", "size", "uploaded_at")
    list_filter = ("kind", "content_type", "provider__mall")
    list_select_related = ("provider",)
    search_fields = ("name", "provider__code")
    exclude = ("file",)


@admin.register(StandingChange)
class StandingChangeAdmin(ReadOnlyAdmin):
    list_display = ("provider", "standing", "reason", "at", "by")
    list_filter = ("standing", "provider__mall")
    list_select_related = ("provider", "by")
    search_fields = ("provider__code", "reason")
    date_hierarchy = "at"


@admin.register(NegativeListing)
class NegativeListingAdmin(ReadOnlyAdmin):
    list_display = ("category", "reason", "added_at", "mall")
    list_filter = ("mall",)
    list_select_related = ("mall", "category")
    search_fields = ("category__code", "reason")


@admin.register(Onboarding)
class OnboardingAdmin(ReadOnlyAdmin):
    list_display = ("store_code", "provider", "registration_number", "state", "proposed_at", "decided_at", "mall")
    list_filter = ("state", "mall")
    list_select_related = ("mall", "provider")
    search_fields = ("store_code", "registration_number", "store_name_zh", "store_name_en", "provider__code")
    date_hierarchy = "proposed_at"


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    """Agreements are made, answered and ended on the pages, where what excludes each other is held apart."""

    list_display = ("provider", "store", "capability", "from_day", "until_day", "state", "mall")
    list_filter = ("state", "capability", "mall")
    list_select_related = ("mall", "provider", "store")
    search_fields = ("provider__code", "provider__name_zh", "provider__name_en", "store__code", "store__name_zh")
    date_hierarchy = "from_day"


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    list_display = ("user", "role", "mall", "merchant", "provider", "created_at")
    list_filter = ("role", "mall")
    list_select_related = ("user", "mall", "merchant", "provider")
    search_fields = ("user__username", "user__email")
    autocomplete_fields = ("user", "mall", "merchant", "provider")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "role", "mall", "merchant", "provider", "invited_by", "expires_at", "accepted_at")
    list_filter = ("role", "mall", "expires_at")
    list_select_related = ("mall", "merchant", "provider", "invited_by")
    search_fields = ("email",)
    exclude = ("token_digest",)


@admin.register(ApiCredential)
class ApiCredentialAdmin(ReadOnlyAdmin):
    """Keys are made on the pages, where they can be shown once; here they are revoked."""

    list_display = ("label", "key_id", "mall", "provider", "created_by", "created_at", "revoked_at")
    list_filter = ("mall", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("mall", "provider", "created_by")
    search_fields = ("label", "=key_id")
    exclude = ("secret_digest",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset) -> None:
        count = sum(credentials.revoke(credential=row, by=request.user) for row in queryset.select_related("mall"))
        text = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("merchants.change_apicredential")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "object_type", "object_id", "mall")
    list_filter = ("action", "object_type", "mall", "at")
    list_select_related = ("mall", "actor")
    search_fields = ("=object_id", "actor__username")
    date_hierarchy = "at"
