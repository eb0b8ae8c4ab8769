"""`manage.py receive_mail`: receive answers by mail and bounces from the local mail server (docs/mail.md)."""

import asyncio
import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from forum.inbound import server


class Command(BaseCommand):
    help = "Take answers by mail and bounces, over LMTP or SMTP, from the mail server on this machine."

    def handle(self, *_args: Any, **_options: Any) -> None:
        listener = settings.INBOUND.listener
        if listener is None:
            raise CommandError("Receiving mail is not configured: set INBOUND_ADDRESS (see docs/mail.md).")
        # aiosmtpd logs senders and recipients below this level.
        logging.getLogger("mail").setLevel(logging.ERROR)
        asyncio.run(server.listen(listener))
