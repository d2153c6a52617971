from django.db import migrations
from django.utils import timezone


def grant(apps, schema_editor):
    """A provider that serves stores with a capability has been granted it."""
    agreements = apps.get_model("merchants", "Agreement").objects.order_by()
    capabilities = apps.get_model("merchants", "ProviderCapability").objects
    for mall, provider, capability in agreements.values_list("mall", "provider", "capability").distinct():
        capabilities.get_or_create(
            provider_id=provider, capability=capability, defaults={"mall_id": mall, "granted_at": timezone.now()}
        )


class Migration(migrations.Migration):
    dependencies = [("merchants", "0004_providers_in_full")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
