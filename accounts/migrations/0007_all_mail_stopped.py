"""When a person stopped all mail, so that exactly that can be taken up again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_mails_without_text")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="mail_stopped_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        )
    ]
