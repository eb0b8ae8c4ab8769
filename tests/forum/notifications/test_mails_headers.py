"""The headers of every kind of mail, as it is handed to the mail server; and that no word of anybody's gets into them."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.mail import EmailMessage as Outgoing
from django.core.mail import send_mail

from forum.models import Delivery
from forum.notifications.delivery import send
from forum.notifications.delivery.backend import OutboxBackend
from forum.notifications.mails.subjects import MAX_LENGTH, one_line
from tests import factories
from tests.forum.inbound.letters import ON
from tests.forum.notifications.mail_samples import Kind, owed

pytestmark = [pytest.mark.django_db, pytest.mark.database_neutral]

# kind -> the list it is of, and whether it is about a question. What has no list cannot be stopped by a link.
TABLE = {
    Kind.CONFIRM: ("", True),
    Kind.RECEIVED: ("questions", True),
    Kind.PUBLISHED: ("questions", True),
    Kind.RETURNED: ("questions", True),
    Kind.REJECTED: ("questions", True),
    Kind.REMOVED: ("questions", True),
    Kind.REMINDER: ("questions", True),
    Kind.EXPIRED: ("questions", True),
    Kind.REPLY: ("questions", True),
    Kind.ANSWER: ("questions", True),
    Kind.NEWS: ("news", True),
    Kind.REFUSED: ("", True),
    Kind.QUEUE: ("moderators", False),
    Kind.URGENT: ("moderators", True),
    Kind.ESCALATION: ("moderators", False),
    Kind.OPINION: ("physicians", True),
    Kind.DESK: ("physicians", False),
    Kind.ROUTED: ("physicians", True),
    Kind.CLAIM: ("physicians", True),
    Kind.CHECKERS: ("checkers", False),
    Kind.RECOGNISED: ("", False),
    Kind.CREDENTIAL: ("", False),
    Kind.REPORT: ("", False),
    Kind.SANCTION: ("", False),
    Kind.DATA: ("", False),
    Kind.ERASURE: ("", False),
    Kind.ACCOUNT: ("", False),
}
ALWAYS = {
    *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
}
OF_A_LIST = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"}
OF_A_THREAD = {"In-Reply-To", "References"}
HOSTILE = {
    "line breaks": "Ann\r\nBcc: x@evil.test\nX-Evil: 1\r\n\r\n<b>body</b>",
    "other line breaks": "Ann\x0bBcc: x\x0cBcc: x\x85Bcc: x\u2028Bcc: x\u2029Bcc: x\x1cBcc: x",
    "encoded words": "=?utf-8?q?Bcc:_x=40evil.test?= =?utf-8?b?QmNjOiB4?= =?us-ascii?q?=0D=0ABcc:_x?=",
    "other direction": "Ann \u202etset.live@x :ccB\u202c \u2066x\u2069 \u200f",
    "very long": "ä" * 10_000,
    "one long word": "a" * 10_000,
    "quotes": 'Ann" <x@evil.test>, "b',
}


def message(row: Delivery) -> tuple[EmailMessage, bytes]:
    """Return the mail as the mail server gets it: read again, and its bytes."""
    raw = send._message(row).message().as_bytes(linesep="\r\n")
    return message_from_bytes(raw, policy=policy.default), raw


def sample(kind: Delivery.Kind, **options: Any) -> Delivery:
    """Return one owed mail of the kind; account mail by way of its backend."""
    if kind != Kind.ACCOUNT:
        return owed(kind, **options)
    letter = Outgoing("Your sign-in code", "<p>Hello</p>", None, ["somebody@members.test"])
    letter.content_subtype = "html"
    OutboxBackend().send_messages([letter])
    return Delivery.objects.get(kind=kind)


def test_every_kind_is_in_the_table() -> None:
    assert set(TABLE) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_headers_of_each_kind(kind: Delivery.Kind, settings: Any) -> None:
    """One recipient, a neutral sender, automatic, the same Message-ID at each try, its list and its thread."""
    row = sample(kind)
    mail, _raw = message(row)
    of_list, of_thread = TABLE[kind]
    expected = ALWAYS | (OF_A_LIST if of_list else set()) | (OF_A_THREAD if of_thread else set())
    assert sorted(mail.keys()) == sorted(expected)
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL and settings.SITE_NAME not in mail["From"]
    assert len(mail["To"].addresses) == 1
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == message(row)[0]["Message-ID"] == f"<{row.message_key.hex}@{settings.SITE_HOST}>"
    if of_list:
        assert mail["List-Id"] == f"<{of_list}.{settings.SITE_HOST}>"
        assert re.fullmatch(rf"<{settings.SITE_URL}/unsubscribe/[\w-]+/>", mail["List-Unsubscribe"].strip())
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    if of_thread:
        assert row.post
        root = f"<question-{row.post.thread.public_id}@{settings.SITE_HOST}>"
        assert mail["In-Reply-To"] == mail["References"] == root != mail["Message-ID"]


def test_the_mails_of_one_question_stand_in_one_thread() -> None:
    question = factories.published(name="Ann", address="ann@guests.test")
    factories.confirmed(question)
    for _number in range(2):
        factories.published(question=question)
    one, other = (message(row)[0] for row in Delivery.objects.filter(kind=Kind.REPLY))
    assert one["References"] == other["References"] and one["Message-ID"] != other["Message-ID"]
    elsewhere = factories.published(name="Bert", address="bert@guests.test")
    factories.confirmed(elsewhere)
    assert message(Delivery.objects.get(kind=Kind.PUBLISHED, post=elsewhere))[0]["References"] != one["References"]


@pytest.mark.parametrize("kind", list(Kind))
def test_nobodys_words_reach_a_header(kind: Delivery.Kind, settings: Any) -> None:
    """Whatever people, posts and the site are called: the same headers, no line too long, and the mail is whole."""
    row = sample(kind)
    plain, _raw = message(row)
    for what, words in HOSTILE.items():
        _call_everything(row, words)
        settings.SITE_NAME = words
        mail, raw = message(row)
        assert mail.keys() == plain.keys(), what
        for name in {*plain.keys()} - {"Content-Type", "Date"}:
            assert mail[name] == plain[name], (what, name)
        assert max(map(len, raw.split(b"\r\n"))) <= 998, what
        assert {part.get_content_type() for part in mail.walk()} == {part.get_content_type() for part in plain.walk()}
        assert mail.get_body(("plain",)).get_content().startswith("Hello")  # type: ignore[union-attr] # all have one


def _call_everything(row: Delivery, words: str) -> None:
    """Give the names, titles and reasons that the mail may tell these words."""
    for member in row.members:
        for post in filter(None, (member.post, member.post and member.post.thread)):
            post.name = post.title = words
            if post.author:
                post.author.name = words
        for thing in filter(None, (member.entry, member.sanction, member.request)):
            thing.reason = words  # type: ignore[attr-defined] # all three have one
    if row.recipient.user:
        row.recipient.user.name = words


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_a_subject_is_one_short_line(words: str) -> None:
    """Also where a subject would one day quote somebody."""
    line = one_line(f"Hello \0\x1b {words}")
    assert len(line) <= MAX_LENGTH and line.isprintable() and "=?" not in line
    mail = message_from_bytes(Outgoing(line, "text").message().as_bytes(), policy=policy.default)
    assert mail["Subject"].strip() == line and mail["Bcc"] is None


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_account_mail_has_one_short_subject(words: str, settings: Any) -> None:
    settings.EMAIL_BACKEND = "forum.notifications.delivery.backend.OutboxBackend"
    send_mail(words, words, None, ["somebody@members.test"])
    mail, raw = message(Delivery.objects.get(kind=Kind.ACCOUNT))
    assert set(mail.keys()) - {"Content-Transfer-Encoding"} == ALWAYS
    assert mail["Subject"].strip() == one_line(words) and max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("address", ["a@b.test\nBcc: x@evil.test", "a@b.test\r\n\r\nbody"])
def test_an_address_with_line_breaks_reaches_nobody_else(address: str) -> None:
    """Forms refuse such; should one get into the table all the same, no mail is made, or one to a single recipient."""
    row = owed(Kind.CONFIRM)
    row.recipient.address = address
    try:
        mail, raw = message(row)
    except ValueError:
        return
    assert b"\nBcc" not in raw and len(mail["To"].addresses) == 1


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.PUBLISHED, Kind.QUEUE])
def test_a_mail_that_can_be_answered_names_one_address_of_ours(kind: Delivery.Kind, settings: Any) -> None:
    settings.INBOUND = ON
    row = sample(kind)
    letter = send._message(row)
    mail, _raw = message(row)
    assert re.fullmatch(rf"bounce\+[0-9a-f]{{48}}@{ON.domain}", letter.from_email)
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL
    if kind == Kind.QUEUE:
        assert mail["Reply-To"] is None
    else:
        assert re.fullmatch(rf"{ON.box}\+[0-9a-f]{{32}}@{ON.domain}", mail["Reply-To"].strip())
