"""A disk without room, for one process: no file may grow any more (RLIMIT_FSIZE); SQLite, its log and drafts feel it.

Runs in a site's own Django (Stack.shell), with SQLite, and prints as JSON what became of everything.
"""

import json
import resource
import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

from forum.models import Post
from forum.notifications.delivery import outcome, send
from forum.notifications.delivery.sign import SignedMail
from tests import factories
from tests.faults.crashing import ask, first_owed

ADDRESSES = ["full-claim@guests.test", "full-mark@guests.test", "full-drop@guests.test"]
ASKING = "full-asking@guests.test"
SOFT, HARD = resource.getrlimit(resource.RLIMIT_FSIZE)
Send = Callable[[SignedMail], None]
usual: Send = SignedMail.send  # type: ignore[assignment]


def suffer() -> None:
    """Find the disk full before a mail and for a question, between a mail and its mark, and for a mail into a folder."""
    for address in ADDRESSES:
        # A key of its own: the factories of every run begin to count anew.
        factories.pending(address=address, form_key=secrets.token_hex(8))
    outcome.MARK_PAUSES = (0.01, 0.01)  # type: ignore[assignment]
    found: dict[str, object] = {}
    fill()
    asked = ask(ASKING)
    found["asked"] = [asked.status_code, ASKING in asked.content.decode()]
    found["claim"] = deliver(ADDRESSES[0], usual)
    found["mark"] = deliver(ADDRESSES[1], send_and_fill)
    settings.MAIL_TRANSPORT = "forum.notifications.delivery.maildrop.MaildropBackend"
    settings.MAIL_TRANSPORT_OPTIONS = {"folder": str(folder := Path(settings.VAR_DIR) / "full")}
    found["drop"] = deliver(ADDRESSES[2], send_while_full)
    found["mails"] = len(list(folder.glob("*.eml")))
    found["stored"] = Post.objects.filter(contact__address=ASKING).count()
    print(json.dumps(found))


def fill() -> None:
    """Let no file grow."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, HARD))


def make_room() -> None:
    """Let files grow again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (SOFT, HARD))


def send_and_fill(message: SignedMail) -> None:
    """Hand the mail over; there is room until then."""
    usual(message)
    fill()


def send_while_full(message: SignedMail) -> None:
    """Hand the mail over; there is room before, and after."""
    fill()
    try:
        usual(message)
    finally:
        make_room()


def deliver(address: str, hand_over: Send) -> list[str]:
    """Deliver what is owed to the address, and make room; return the row's state, and what went wrong."""
    row, raised = first_owed(address), ""
    SignedMail.send = hand_over  # type: ignore[method-assign,assignment]
    try:
        send.deliver(row.pk)
    except OperationalError:
        raised = "OperationalError"
    finally:
        SignedMail.send = usual  # type: ignore[method-assign,assignment]
        make_room()
    row.refresh_from_db()
    return [row.state, raised or row.last_error]
