"""What each mail says and, above all, what it must not say (DESIGN 8)."""

import re
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest

from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery.maildrop import Dropped
from forum.states import Move
from tests import factories
from tests.forum.notifications.mail_samples import (
    DECISIONS,
    HELD_TEXT,
    NASTY_NAME,
    REASON,
    Kind,
    Reader,
    compose,
    followed_question,
    owed,
    own_words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.table, pytest.mark.database_neutral]

# What nobody at the next table should read on a locked screen: drugs, illnesses, and the site's name with them.
PRIVATE_WORDS = re.compile(
    r"baclofen|lioresal|botox|tizanidine|\bdrug|\bpumps?\b|\btablets?\b|\bdose|spas[mt]|parapleg|\bHSP\b|\bSPG|"
    r"disease|illness|diagnos|disab|patient|physician|doctor|neurolog|medic|health",
    re.IGNORECASE,
)
HARMLESS = {"html", "head", "meta", "title", "body", "div", "p", "a", "table", "tr", "td", "hr", "strong", "bdi"}
HARMLESS |= {"blockquote", "br", "style", "tbody"}
WITH_REASON = [
    Kind.RETURNED,
    Kind.REJECTED,
    Kind.REMOVED,
    Kind.REMINDER,
    Kind.SANCTION,
    Kind.RECOGNISED,
    Kind.CREDENTIAL,
]
WITHOUT_ENTRY = {Kind.SANCTION, Kind.RECOGNISED, Kind.CREDENTIAL}
KINDS = [kind for kind in Kind if kind != Kind.ACCOUNT]
NOT_FOR_ASKERS = {Kind.QUEUE, Kind.URGENT, Kind.OPINION, Kind.SANCTION, Kind.DATA, Kind.ERASURE}
NOT_FOR_ASKERS |= {Kind.CHECKERS, Kind.RECOGNISED, Kind.CREDENTIAL, Kind.DESK, Kind.ROUTED}
NOT_FOR_ASKERS |= {Kind.ESCALATION, Kind.CLAIM}
# They bring the text, which everybody can read by then.
WITH_TEXT = {Kind.REPLY, Kind.ANSWER, Kind.NEWS}
WITHOUT_LIST = {
    Kind.CONFIRM,
    Kind.REFUSED,
    Kind.REPORT,
    Kind.SANCTION,
    Kind.DATA,
    Kind.ERASURE,
    Kind.RECOGNISED,
    Kind.CREDENTIAL,
}
URL = re.compile(r"https?://[^\s\"'<>]+")


# --- Every kind


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("as_reply", [False, True])
def test_what_a_locked_screen_shows_is_neutral(kind: Delivery.Kind, as_reply: bool) -> None:
    """The subject is one short line; it and the first words name no drug, illness, person or text."""
    mail = compose(kind, as_reply=as_reply)
    assert mail.subject and "\n" not in mail.subject and "\r" not in mail.subject
    assert len(mail.subject) <= 60
    seen_in_html = " ".join(Reader(mail.html).words)
    # The more of it, the more of a text stands in it further down.
    first = 140 if kind in WITH_TEXT else 90
    for shown in (mail.subject, mail.text[:first], seen_in_html[:first]):
        assert not PRIVATE_WORDS.search(shown)
        for secret in ("Ann", "Bcc", "zebra", "canary"):
            assert secret not in shown


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITH_TEXT])
def test_no_mail_carries_a_text_or_an_address(kind: Delivery.Kind) -> None:
    mail = compose(kind)
    everything = f"{mail.subject} {mail.text} {unescape(mail.html)} {mail.headers}"
    assert "zebra" not in everything
    assert "canary" not in everything
    assert "baclofen" not in everything.lower()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITH_TEXT])
def test_only_a_published_reply_names_its_author(kind: Delivery.Kind) -> None:
    mail = compose(kind)
    assert "Hara" not in mail.text + mail.html


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_part_is_plain_text(kind: Delivery.Kind) -> None:
    """No HTML entity and no left-over template tag; paragraphs are one empty line apart."""
    text = compose(kind).text
    assert not re.search(r"&(#\w+|amp|lt|gt|quot);", text)
    assert "{%" not in text and "{{" not in text and "{#" not in text
    assert "\n\n\n" not in text
    assert text.startswith("Hello,\n\n") and text.endswith("\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_part_fetches_and_runs_nothing(kind: Delivery.Kind) -> None:
    html = compose(kind).html
    reader = Reader(html)
    assert reader.tags <= HARMLESS
    assert not reader.attributes & {"src", "srcset", "background", "action", "data", "poster"}
    assert not [name for name in reader.attributes if name.startswith("on")]
    assert "url(" not in html and "@import" not in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "font-size: 18px" in html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("subscribed", [True, False])
def test_both_parts_have_the_same_links(kind: Delivery.Kind, subscribed: bool, settings: Any) -> None:
    """Each is on the site itself: no tracking, no third party."""
    mail = compose(kind, subscribed=subscribed)
    links = Reader(mail.html).links
    assert set(links) == set(URL.findall(mail.text))
    assert all(link == settings.SITE_URL or link.startswith(settings.SITE_URL + "/") for link in links)
    assert not [link for link in links if "?" in link]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("subscribed", [True, False])
def test_both_parts_say_the_same(kind: Delivery.Kind, subscribed: bool) -> None:
    """Word for word: the text part is made from the other."""
    mail = compose(kind, subscribed=subscribed)
    assert _words(URL.sub("", mail.text)) == _words(" ".join(Reader(mail.html).words))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("’", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_says_why_it_came_and_that_answers_go_nowhere(kind: Delivery.Kind) -> None:
    mail = compose(kind)
    for part in (mail.text, " ".join(Reader(mail.html).words)):
        assert "You get this because" in part
        assert "Please do not answer this mail" in part


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_LIST])
def test_the_way_to_stop_is_there_when_there_is_something_to_stop(kind: Delivery.Kind) -> None:
    delivery = owed(kind)
    assert delivery.subscription
    mail = mails.compose(delivery)
    link = mail.headers["List-Unsubscribe"].strip("<>")
    assert delivery.subscription.token in link
    assert f"\n\nStop these mails:\n{link}\n\n" in mail.text
    assert link in Reader(mail.html).links


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_subscription_no_mail_offers_to_end_one(kind: Delivery.Kind) -> None:
    mail = compose(kind, subscribed=False)
    assert "List-Unsubscribe" not in mail.headers
    for part in (mail.text, mail.html):
        assert "Stop these mails" not in part and "unsubscribe" not in part


@pytest.mark.parametrize("kind", KINDS)
def test_the_emergency_line_is_for_askers(kind: Delivery.Kind) -> None:
    mail = compose(kind)
    for part in (mail.text, mail.html):
        assert ("cannot help in an emergency" in part) == (kind not in NOT_FOR_ASKERS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_program_takes_it(kind: Delivery.Kind) -> None:
    """The standard library, strict about headers, builds the message and reads it back."""
    mail = compose(kind)
    message = EmailMessage()
    message["Subject"] = mail.subject
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    dropped = Dropped("x", message)
    assert dropped.text == mail.text and dropped.html == mail.html


# --- Names and reasons


def test_a_reply_says_who_wrote_it() -> None:
    mail = compose(Kind.REPLY)
    assert f"It was written by {NASTY_NAME}:" in mail.text
    assert "<b>" not in mail.html
    assert "<bdi>Ann &lt;b&gt;&amp;\"'&lt;/b&gt; O’Hara</bdi>" in mail.html
    assert "volunteer physician" not in mail.text + mail.html


def test_a_physicians_reply_says_so() -> None:
    question = followed_question()
    reply = factories.pending(HELD_TEXT, question=question, user=factories.physician("Malin <MD>"))
    assert reply.is_public
    mail = mails.compose(Delivery.objects.get(kind=Kind.ANSWER, post=reply))
    assert "It was written by Dr Malin <MD>, volunteer physician:" in mail.text
    assert "<bdi>Dr Malin &lt;MD&gt;</bdi></strong>, volunteer physician:" in mail.html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028", "\x0b"])
def test_a_line_break_in_a_name_adds_no_header(kind: Delivery.Kind, line_break: str) -> None:
    mail = compose(kind, name=f"Ann{line_break}Bcc: somebody")
    for value in (mail.subject, *mail.headers.values()):
        assert "Bcc" not in value and line_break not in value


@pytest.mark.parametrize("asked_it", [True, False])
def test_a_reply_tells_askers_and_followers_apart(asked_it: bool) -> None:
    delivery = owed(Kind.REPLY)
    if not asked_it:
        delivery.post.question.contact_id = None  # type: ignore[union-attr] # it has one
    mail = mails.compose(delivery)
    assert ("your question" in mail.subject) == ("you asked this question" in mail.text) == asked_it
    assert ("a question you follow" in mail.subject) == ("you follow this question" in mail.text) == (not asked_it)


@pytest.mark.parametrize("kind", WITH_REASON)
def test_the_reason_is_quoted_word_for_word(kind: Delivery.Kind) -> None:
    mail = compose(kind)
    assert f'"{REASON}"' in mail.text
    assert "<here>" not in mail.html
    assert 'doctor\'s name &lt;here&gt; &amp; there.<br>Thank you "very" much.' in mail.html


@pytest.mark.parametrize("kind", [kind for kind in WITH_REASON if kind not in WITHOUT_ENTRY])
def test_without_a_reason_nothing_is_announced(kind: Delivery.Kind) -> None:
    delivery = owed(kind)
    delivery.entry = None
    mail = mails.compose(delivery)
    assert "writes:" not in mail.text + mail.html
    assert "\n\n\n" not in mail.text


# --- Each kind's own promise


@pytest.mark.parametrize("kind", list(DECISIONS))
def test_word_to_the_author_has_the_private_page_and_its_warning(kind: Delivery.Kind) -> None:
    delivery = owed(kind)
    assert delivery.post
    mail = mails.compose(delivery)
    for part in (mail.text, mail.html):
        assert delivery.post.get_status_url() in part
        assert "keep the link to yourself" in part
        assert "6 May 2024" in part


def test_somebody_else_never_gets_the_private_page() -> None:
    """Neither a stranger whose address was typed in (the confirmation), nor those who follow a question."""
    for kind in (Kind.CONFIRM, Kind.REPLY):
        delivery = owed(kind)
        assert delivery.post
        mail = mails.compose(delivery)
        for token in (delivery.post.status_token, delivery.post.thread.status_token):
            assert token not in mail.text + mail.html


@pytest.mark.parametrize("as_reply", [False, True])
def test_the_confirmation_says_what_to_do_and_what_happens_otherwise(as_reply: bool) -> None:
    delivery = owed(Kind.CONFIRM, as_reply=as_reply)
    mail = mails.compose(delivery)
    for part in (mail.text, mail.html):
        assert f"/confirm/{delivery.recipient.token}/" in part
        assert "press the button" in part
        assert "14 days" in part
        assert "This was not me" in part
        assert "never shown" in part
        assert ("when somebody replies" in part) == (not as_reply)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((Kind.QUEUE, "moderators"), (Kind.URGENT, "moderators"), (Kind.REPLY, "questions")),
        *((Kind.OPINION, "physicians"), (Kind.DESK, "physicians"), (Kind.ROUTED, "physicians")),
    ],
)
def test_each_mail_names_its_list(kind: Delivery.Kind, name: str, settings: Any) -> None:
    assert compose(kind).headers["List-Id"] == f"<{name}.{settings.SITE_HOST}>"


def test_the_queue_mail_counts() -> None:
    delivery = owed(Kind.QUEUE)
    one = mails.compose(delivery)
    assert one.subject == "1 post is waiting for a moderator"
    assert "waited since 6 May 2024, 12:30 UTC." in one.text
    factories.pending()
    assert mails.compose(delivery).subject == "2 posts are waiting for a moderator"


@pytest.mark.parametrize(("as_reply", "subscribed"), [(False, True), (False, False), (True, False)])
def test_published_promises_mail_about_replies_only_where_some_will_come(as_reply: bool, subscribed: bool) -> None:
    mail = compose(Kind.PUBLISHED, as_reply=as_reply, subscribed=subscribed)
    for part in (mail.text, mail.html):
        assert ("We will mail you when somebody replies" in part) == subscribed


def test_returned_keeps_the_place_in_the_queue(settings: Any) -> None:
    mail = compose(Kind.RETURNED)
    for part in (mail.text, mail.html):
        assert "keeps its place in the queue" in part
        assert f"usually takes {settings.TYPICAL_WAIT}" in part


def test_who_may_not_write_is_not_sent_to_the_form() -> None:
    delivery = owed(Kind.REFUSED)
    assert delivery.post
    factories.decide(delivery.post, Move.PUBLISH)
    for why, is_offered in (("empty", True), ("paused", False)):
        delivery.stored = {"why": why}
        assert ("Answer on the site" in mails.compose(delivery).text) == is_offered


@pytest.mark.parametrize("kind", KINDS)
def test_mails_use_plain_words(kind: Delivery.Kind) -> None:
    """Flesch-Kincaid grade of what we wrote ourselves: nine at most, for tired and frightened readers."""
    assert grade(own_words(compose(kind))) <= 9


def grade(text: str) -> float:
    """Return the Flesch-Kincaid school grade; syllables are counted as groups of vowels."""
    sentences = [part for part in re.split(r"[.:!?]\s|\n\n", text) if re.search(r"\w", part)]
    words = re.findall(r"[A-Za-z’'-]+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
