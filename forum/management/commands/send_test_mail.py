"""`manage.py send_test_mail ADDRESS`: send a test mail and explain failures, without repeating the address."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from forum.notifications.delivery import outcome, test_mail


class Command(BaseCommand):
    help = "Send a test mail to ADDRESS and explain what failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
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
