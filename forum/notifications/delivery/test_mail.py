"""Test mail for the operator, and advice about errors of the mail server."""

import smtplib
import socket
import ssl
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import get_connection

from forum.notifications.delivery.sign import SignedMail

TEXT = """Hello,

This is the test mail that you asked for. When it is in your inbox, open its source and look at Authentication-Results:
spf, dkim and dmarc should say "pass". If it is in the folder for spam, that is where everybody's mail would be.

--
You get this because somebody who runs {site} typed this address.
"""
# The first match is used: subclasses come before their base classes.
ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "The certificate is not valid for that name. Is the host in EMAIL_URL right?"),
    (ssl.SSLError, "Encryption failed. smtp+tls:// is for port 587, smtp+ssl:// for port 465."),
    (socket.gaierror, "No machine has that name. Is the host in EMAIL_URL right, and does DNS work here?"),
    (TimeoutError, "The mail server did not answer in time. Often a firewall blocks the port; hosters close port 25."),
    (ConnectionRefusedError, "Nothing listens there. Are host and port in EMAIL_URL right, and does the server run?"),
    (
        smtplib.SMTPAuthenticationError,
        "The mail server refused user or password. %-encode special characters.",
    ),
    (smtplib.SMTPNotSupportedError, "The mail server lacks what EMAIL_URL wants: encryption, or signing in."),
    (smtplib.SMTPRecipientsRefused, "The recipient was refused: mistyped, unknown, or it wants you to sign in."),
    (smtplib.SMTPSenderRefused, "The mail server refused the sender. May this user send as DEFAULT_FROM_EMAIL?"),
    (smtplib.SMTPDataError, "The mail server refused the mail itself: often SPF, DKIM, DMARC or spam."),
    (smtplib.SMTPServerDisconnected, "The mail server hung up. Does the port fit the scheme of EMAIL_URL?"),
)


def send_test_mail(address: str) -> None:
    SignedMail(
        subject="A test mail",
        body=TEXT.format(site=settings.SITE_URL),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": make_msgid(domain=settings.SITE_HOST), "Auto-Submitted": "auto-generated"},
        connection=get_connection(settings.MAIL_TRANSPORT, **settings.MAIL_TRANSPORT_OPTIONS),
    ).send()


def advice(error: Exception) -> str:
    for kind, words in ADVICE:
        if isinstance(error, kind):
            return words
    return "That is nothing we know. The mail server's log may say more."
