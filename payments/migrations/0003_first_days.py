from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_rules_in_full")]

    operations = [
        migrations.AddField(
            model_name="shopper",
            name="first_day",
            field=models.DateField(blank=True, null=True, verbose_name="first paid on"),
        ),
        migrations.RunSQL(
            "UPDATE payments_shopper SET first_day = (SELECT MIN(day) FROM payments_payment AS paid"
            " WHERE paid.mall_id = payments_shopper.mall_id AND paid.shopper_id = payments_shopper.id)",
            migrations.RunSQL.noop,
        ),
    ]
