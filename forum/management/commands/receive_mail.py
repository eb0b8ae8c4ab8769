"""manage.py receive_mail: take answers by mail and bounces from the mail server on this machine (docs/mail.md)."""

import asyncio
import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from forum.inbound import server


class Command(BaseCommand):
    """Listens at INBOUND_LISTEN until it is stopped."""

    help = "Take answers by mail and bounces, over LMTP or SMTP, from the mail server on this machine."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Listen, or say what is missing."""
        listener = settings.INBOUND.listener
        if listener is None:
            raise CommandError("Mail is not taken here: set INBOUND_ADDRESS (see docs/mail.md).")
        # aiosmtpd notes who writes to whom.
        logging.getLogger("mail").setLevel(logging.ERROR)
        asyncio.run(server.listen(listener))
