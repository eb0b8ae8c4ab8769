"""Mails as they come in, for tests: somebody answers a mail that the site has sent them."""

from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from django.conf import settings

from forum.inbound import receive
from forum.inbound.settings import Inbound, Listener
from forum.models import Delivery, InboundMail, Post
from forum.notifications.delivery import return_paths
from tests import factories

ON = Inbound(mailbox="reply@in.testserver", authserv_id="mx.testserver", listener=Listener("lmtp", "127.0.0.1", 1))
OWN_WORDS = "I have the pump since March, and I would take it again."


def proof(address: str) -> dict[str, str]:
    """Return the header with which our mail server says that the author's domain has signed."""
    domain = address.rpartition("@")[2]
    return {"Authentication-Results": f"mx.testserver; dkim=pass header.d={domain} header.b=abc; spf=none"}


def told(question: Post, address: str = "") -> Delivery:
    """Return a mail to the question's asker that can be answered: the question is public."""
    assert question.contact
    return Delivery.objects.create(
        kind=Delivery.Kind.PUBLISHED, event=f"test:{question.pk}", recipient=question.contact, post=question
    )


def mail(author: str, text: str = OWN_WORDS, *, proven: bool = True, **headers: Any) -> EmailMessage:
    """Return a person's mail; headers by name, with _ for -."""
    message = EmailMessage()
    message["From"] = f"Ann Asker <{author}>"
    message["Subject"] = "Re: Your question is public now"
    message["Message-ID"] = f"<{next(factories._numbers)}@mail.guests.test>"
    for name, value in (proof(author) if proven else {}).items():
        message[name] = value
    for name, value in headers.items():
        name = name.replace("_", "-")
        del message[name]
        message[name] = value
    message.set_content(text)
    return message


def send(message: EmailMessage, recipient: str, *, sender: str | None = None) -> InboundMail.Outcome:
    """Hand the mail over as the receiver does; `sender` is the envelope's."""
    envelope = str(message["From"]).rpartition("<")[2].strip(">") if sender is None else sender
    return receive.receive(message.as_bytes(), sender=envelope, recipient=recipient)


def answerable(**fields: Any) -> tuple[Post, str]:
    """Return a guest's public question, and the address under which its asker may answer."""
    question = factories.published(address="asker@guests.test", name="Wren", **fields)
    factories.confirmed(question)
    return question, return_paths.reply_to(told(question))


def without(**changes: Any) -> Inbound:
    """Return the settings with something else in them."""
    return replace(settings.INBOUND, **changes)
