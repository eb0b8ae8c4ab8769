"""`manage.py send_test_mail ADDRESS`: does mail leave, and if not, why?"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from forum.notifications.delivery import outcome, test_mail


class Command(BaseCommand):
    """Sends one mail at once and says in plain words what became of it."""

    help = "Send a test mail to ADDRESS and explain what failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address."""
        parser.add_argument("address", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send it; a failure ends with advice and what the mail server said, without the address."""
        try:
            validate_email(options["address"])
        except ValidationError:
            raise CommandError("That is not an e-mail address.") from None
        try:
            test_mail.send_test_mail(options["address"])
        except Exception as error:
            raise CommandError(f"{test_mail.advice(error)}\n  {outcome.describe(error)}") from None
        signed = "signed (DKIM)" if settings.DKIM else "not signed here: DKIM_KEY_FILE is not set"
        self.stdout.write(f"The mail server took it; {signed}. Now look into the mailbox: docs/mail.md says for what.")
