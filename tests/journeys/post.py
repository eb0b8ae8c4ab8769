"""What every mail of the site must be (DESIGN 8), and how a story waits for the worker."""

import re
from email.utils import getaddresses

from tests.support.smtp import Received
from tests.support.stack import Stack, wait_until

# Words that a phone must not show on its locked screen: illness, treatment, the site itself.
TELLING = re.compile(
    r"hsp|spas|parapleg|hereditary|baclofen|pump|tablet|doctor|physician|patient|diagnos", re.IGNORECASE
)
LINK = re.compile(r"https?://\S+")


def links(mail: Received, containing: str) -> list[str]:
    """Return the links in the mail's text part that lead to such a page."""
    return [link for link in LINK.findall(mail.text) if containing in link]


def faults(mail: Received, site: str) -> list[str]:
    """Return what is wrong with one mail, whatever it is about."""
    message, subject = mail.message, str(mail.message["Subject"])
    to = [address for _name, address in getaddresses([str(value) for value in message.get_all("To", [])])]
    away = [link for link in re.findall(r"https?://[^\s\"'<>]+", mail.text + mail.html) if not link.startswith(site)]
    checks = {
        "one recipient": len(mail.recipients) == 1 and to == mail.recipients,
        "nobody in copy": not message.get_all("Cc") and not message.get_all("Bcc"),
        "marked as automatic": message["Auto-Submitted"] == "auto-generated",
        "a Message-ID": re.fullmatch(r"<[0-9a-f]{32}@[\w.-]+>", str(message["Message-ID"])) is not None,
        "a date": bool(message["Date"]),
        "a neutral subject": bool(subject) and not TELLING.search(subject),
        "text and HTML": bool(mail.text.strip()) and "<html" in mail.html,
        "says why it came": "You get this because" in mail.text and "You get this because" in mail.html,
        "loads nothing": not re.search(r"<img|<link|<script|src\s*=|url\(|@import", mail.html, re.IGNORECASE),
        "links to the site alone": not away,
    }
    return [f"{subject!r} to {to}: not {name}" for name, holds in checks.items() if not holds]


def list_faults(mail: Received) -> list[str]:
    """Return what is missing for one-click unsubscribing (RFC 8058) in a mail that a subscription causes."""
    message = mail.message
    link = str(message["List-Unsubscribe"]).strip()  # a long value begins on a line of its own
    checks = {
        "List-Id": re.fullmatch(r"<[\w-]+\.[\w.-]+>", str(message["List-Id"])) is not None,
        "List-Unsubscribe": re.fullmatch(r"<http://127\.0\.0\.1:\d+/unsubscribe/[\w-]{20,}/>", link) is not None,
        "List-Unsubscribe-Post": message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click",
        "the same link in the text": link.strip("<>") in mail.text,
    }
    return [f"{message['Subject']!r}: {name}" for name, holds in checks.items() if not holds]


UNSENT = """
from datetime import timedelta
from django.utils import timezone
from forum.models import Delivery
soon = timezone.now() + timedelta(minutes=2)
print(Delivery.objects.filter(state__in=["owed", "sending", "retrying"], next_attempt_at__lt=soon).count())
"""


def wait_until_nothing_is_owed(stack: Stack, timeout: float = 30.0) -> None:
    """Wait until no mail is due or on its way: what has not arrived by then will not come.

    The moderators' next round, a quarter of an hour away, does not count.
    """
    wait_until(lambda: stack.shell(UNSENT).strip() == "0", timeout, "the last mail")
