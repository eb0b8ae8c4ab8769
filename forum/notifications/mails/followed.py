"""Mails to followers about replies, answers and corrections: single mails and summaries.

They quote only text that is public on the site, as plain text and cut. People who want no text in their mailbox get
links only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from articles.text import markup
from forum.models import Delivery, Post
from forum.notifications.mails.news import is_still_true
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail
from forum.states import Move

# Characters of one post's text.
MAX_TEXT_LENGTH = 1_000
MAX_SUMMARY_LENGTH = 300


@dataclass(frozen=True)
class News:
    post: Post
    is_correction: bool
    text: str
    is_cut: bool

    @property
    def url(self) -> str:
        return absolute(reverse("forum:post", args=[self.post.public_id]))

    @property
    def history_url(self) -> str:
        """URL of the public versions; "" unless it is a correction."""
        return absolute(reverse("forum:history", args=[self.post.public_id])) if self.is_correction else ""


@dataclass(frozen=True)
class Thread:
    question: Post
    news: list[News]

    @property
    def url(self) -> str:
        return absolute(reverse("forum:post", args=[self.question.public_id]))


def replies(delivery: Delivery) -> Mail:
    told = _still_public(delivery, MAX_TEXT_LENGTH)
    questions = {news.post.thread for news in told}
    asked_it = all(question.contact_id == delivery.recipient_id for question in questions)
    answers = all(news.post.is_answer for news in told)
    context = {"told": told, "asked_it": asked_it, "questions": questions, "shows_text": _wants_text(delivery)}
    return render_mail(delivery, context, Delivery.Kind.ANSWER if answers else Delivery.Kind.REPLY)


def digest(delivery: Delivery) -> Mail:
    told = _still_public(delivery, MAX_SUMMARY_LENGTH)
    are_replies = all(news.post.question_id and not news.is_correction for news in told)
    context = {"threads": _by_question(told), "count": len(told), "are_replies": are_replies}
    return render_mail(delivery, {**context, "shows_text": _wants_text(delivery)}, Delivery.DIGEST)


def _still_public(delivery: Delivery, max_length: int) -> list[News]:
    """Return the news to report; drop members that are not public any more, so that they are not marked as sent."""
    delivery.members = [member for member in delivery.members if _is_public(member)]
    if not delivery.members:
        raise NotWanted("Nothing of it is public any more.")
    max_length = max_length if _wants_text(delivery) else 0
    told = {member.post: _news(member, max_length) for member in delivery.members}
    return list(told.values())


def _is_public(delivery: Delivery) -> bool:
    if delivery.kind == Delivery.Kind.NEWS:
        return is_still_true(delivery)
    return delivery.post is not None and delivery.post.is_public


def _wants_text(delivery: Delivery) -> bool:
    return not delivery.recipient.links_only


def _news(member: Delivery, max_length: int) -> News:
    post = member.post
    assert post is not None  # noqa: S101 - _is_public has checked
    is_correction = member.entry is not None and member.entry.move == Move.CORRECT
    text = markup.text_of(post.html, between="\n\n") if max_length else ""
    return News(post, is_correction, cut(text, max_length), is_cut=len(text) > max_length)


def cut(text: str, max_length: int) -> str:
    """Return the start of a text, cut between two words where possible."""
    if len(text) <= max_length:
        return text
    head = text[:max_length]
    return (head.rsplit(None, 1)[0] if len(head.split()) > 1 else head).rstrip() + " …"


def _by_question(told: Iterable[News]) -> list[Thread]:
    threads: dict[int, Thread] = {}
    for news in told:
        question = news.post.thread
        threads.setdefault(question.pk, Thread(question, [])).news.append(news)
    return list(threads.values())
