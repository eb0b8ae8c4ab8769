"""One mail of each kind, owed by the site's own functions, for the tests of what mails say."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from django.utils import timezone

from accounts.models import Contact, DataLink, Erasure
from forum.models import Delivery, DeskQuestion, LogEntry, Post, Report, Sanction, Subscription, Topic
from forum.moderation import escalation
from forum.notifications import announce, mails, outbox, subscriptions
from forum.physicians import claims, credential_steps, reminders, routing
from forum.states import Move
from tests import factories

Kind = Delivery.Kind
ADDRESS = "canary@guests.test"
NASTY_NAME = "Ann <b>&\"'</b> O’Hara"
HELD_TEXT = "Which dose of baclofen helps my spastic legs? zebra-crossing"
REASON = 'Please leave out the doctor\'s name <here> & there.\nThank you "very" much.'
SENT_ON = datetime(2024, 5, 6, 12, 30, tzinfo=UTC)
DECISIONS = {
    Kind.PUBLISHED: Move.PUBLISH,
    Kind.RETURNED: Move.RETURN,
    Kind.REJECTED: Move.REJECT,
    Kind.REMOVED: Move.REMOVE,
    Kind.REMINDER: Move.RETURN,
    Kind.EXPIRED: Move.RETURN,
}


def owed(kind: Delivery.Kind, *, as_reply: bool = False, subscribed: bool = True, **draft: Any) -> Delivery:
    """Return the delivery that the site owes; the post that it is about is a reply if `as_reply`.

    Its post was sent on SENT_ON. With `subscribed` false the subscription behind it is gone.
    """
    moderator = factories.moderator("Mo")
    draft = {"name": NASTY_NAME, "address": ADDRESS, **draft}
    if as_reply or kind in TO_FOLLOWERS:
        draft["question"] = followed_question()
    if kind == Kind.OPINION:
        factories.physician("Phil")
    if kind == Kind.ANSWER:
        draft["user"] = factories.physician(NASTY_NAME)
    post = factories.pending(HELD_TEXT, **draft)
    Post.objects.filter(pk=post.pk).update(created_at=SENT_ON, waiting_since=SENT_ON)
    if kind == Kind.RECEIVED:
        factories.confirmed(post)
    if kind in {Kind.REPLY, *DECISIONS}:
        _decide(post, DECISIONS.get(kind, Move.PUBLISH))
    if kind in BESIDES:
        BESIDES[kind](post, moderator)
    mine = Delivery.objects.select_related(*RELATED)
    whose = {"recipient__user": moderator} if kind in TO_MODERATOR else {"post": None if kind in WITHOUT_POST else post}
    delivery = mine.get(kind=kind, **whose)
    if not subscribed:
        delivery.subscription = None
    return delivery


RELATED = (
    *("post__question", "entry", "subscription", "recipient__user", "report", "sanction"),
    *("data_link", "erasure", "request", "credential"),
)
TO_MODERATOR = (Kind.QUEUE, Kind.URGENT, Kind.ESCALATION, Kind.REPORT, Kind.SANCTION, Kind.DATA, Kind.ERASURE)
TO_FOLLOWERS = (Kind.REPLY, Kind.ANSWER)
WITHOUT_POST = (Kind.CHECKERS, Kind.RECOGNISED, Kind.CREDENTIAL, Kind.DESK)


def _urgent(post: Post, moderator: Any) -> None:
    contact = Contact.objects.for_user(moderator)
    subscriptions.follow(contact, Subscription.Kind.URGENT)
    announce.tell_moderators_on_call(LogEntry.objects.filter(post=post).select_related("post").latest("pk"))


def _opinion(post: Post, moderator: Any) -> None:
    factories.decide(post, Move.ASK_PHYSICIAN, by=moderator)


def _reminder(post: Post, moderator: Any) -> None:
    entry = LogEntry.objects.filter(post=post).latest("pk")
    assert post.contact
    list_of_author = announce.list_of_author(post, post.contact)
    outbox.owe(Kind.REMINDER, "reminder:1", post.contact, post=post, entry=entry, subscription=list_of_author)


def _expired(post: Post, moderator: Any) -> None:
    factories.transition(post, Move.EXPIRE, actor=None)


def _report(post: Post, moderator: Any) -> None:
    report = Report.objects.create(
        post=post, reporter=moderator, reporter_key="key", reason="other", outcome=Report.Outcome.KEPT
    )
    outbox.owe(Kind.REPORT, "report:1", Contact.objects.for_user(moderator), report=report)


def _sanction(post: Post, moderator: Any) -> None:
    ends = timezone.now() + timedelta(days=7)
    sanction = Sanction.objects.create(user=moderator, kind="pause", reason=REASON, created_by=moderator, ends_at=ends)
    outbox.owe(Kind.SANCTION, "sanction:1", Contact.objects.for_user(moderator), sanction=sanction)


def _data(post: Post, moderator: Any) -> None:
    ends = timezone.now() + timedelta(hours=24)
    link = DataLink.objects.create(address_key="key", expires_at=ends)
    outbox.owe(Kind.DATA, "data:1", Contact.objects.for_user(moderator), data_link=link)


def _erasure(post: Post, moderator: Any) -> None:
    due = timezone.now() + timedelta(hours=24)
    erasure = Erasure.objects.create(user=moderator, keep_posts=True, due_at=due)
    outbox.owe(Kind.ERASURE, "erasure:1", Contact.objects.for_user(moderator), erasure=erasure)


def _checkers(post: Post, moderator: Any) -> None:
    factories.checker("Ella")
    factories.asked(full_name=NASTY_NAME)


def _recognised(post: Post, moderator: Any) -> None:
    credential_steps.decline(factories.asked(full_name=NASTY_NAME), by=factories.checker(), reason=REASON, seen="asked")


def _credential(post: Post, moderator: Any) -> None:
    credential_steps.withdraw(factories.recognised(full_name=NASTY_NAME), by=factories.checker(), reason=REASON)


def _desk(post: Post, moderator: Any) -> None:
    factories.physician("Phil")
    thread = post.thread
    if thread.state == "pending":
        factories.decide(thread, Move.PUBLISH)
    reminders.remind_of_waiting()


def _routed(post: Post, moderator: Any) -> None:
    """Route the question before it is published; of a reply, which is never routed, owe what its question would."""
    physician = factories.physician("Phil")
    wanted = routing.Route(None, True, physician)
    if post.question is None:
        routing.route(post, wanted, actor=moderator)
        factories.decide(post, Move.PUBLISH)
    else:
        entry = routing.route(post.question, wanted, actor=moderator)
        Delivery.objects.filter(entry=entry).update(post=post)
        DeskQuestion.objects.update(question=post)
        factories.decide(post, Move.PUBLISH)


def _news(post: Post, moderator: Any) -> None:
    """Publish the question under a topic that somebody follows; of a reply, owe what its question would."""
    topic = Topic.objects.first() or Topic.objects.create(slug="rest", name="Rest")
    subscriptions.follow(Contact.objects.for_user(factories.person()), Subscription.Kind.TOPIC, topic=topic)
    thread = post.thread
    Post.objects.filter(pk=thread.pk).update(topic=topic)
    factories.decide(post, Move.PUBLISH)
    if post.question is not None:
        thread.topic = topic
        announce.tell_news(thread, LogEntry.objects.filter(post=thread).latest("pk"))
        Delivery.objects.filter(kind=Kind.NEWS).update(post=post)


def _refused(post: Post, moderator: Any) -> None:
    assert post.contact
    outbox.owe(Kind.REFUSED, "refused:1", factories.confirmed(post), post=post, stored={"why": "empty"})


def _escalation(post: Post, moderator: Any) -> None:
    escalation.escalate()


def _claim(post: Post, moderator: Any) -> None:
    """Let a physician claim the question, or of a reply, which is never claimed, owe what its question would."""
    factories.decide(post, Move.PUBLISH)
    claims.claim_question(post.thread, factories.physician("Phil"))
    DeskQuestion.objects.update(question=post, claimed_until=timezone.now() + timedelta(hours=5))
    reminders.remind_of_lapsing_claims()


BESIDES = {
    Kind.NEWS: _news,
    Kind.ESCALATION: _escalation,
    Kind.CLAIM: _claim,
    Kind.REFUSED: _refused,
    Kind.DESK: _desk,
    Kind.ROUTED: _routed,
    Kind.URGENT: _urgent,
    Kind.OPINION: _opinion,
    Kind.REMINDER: _reminder,
    Kind.EXPIRED: _expired,
    Kind.REPORT: _report,
    Kind.SANCTION: _sanction,
    Kind.DATA: _data,
    Kind.ERASURE: _erasure,
    Kind.CHECKERS: _checkers,
    Kind.RECOGNISED: _recognised,
    Kind.CREDENTIAL: _credential,
}


def followed_question() -> Post:
    """Return a public question whose guest has confirmed the address."""
    question = factories.published("An older question of zebra kind?", name="Zebra", address="canary2@guests.test")
    factories.confirmed(question)
    return question


def _decide(post: Post, move: Move) -> None:
    factories.confirmed(post)
    if move == Move.REMOVE:
        factories.decide(post, Move.PUBLISH)
    factories.decide(post, move, reason=REASON)


def compose(kind: Delivery.Kind, **options: Any) -> mails.Mail:
    """Return the mail of the kind as delivery would send it."""
    return mails.compose(owed(kind, **options))


def own_words(mail: mails.Mail) -> str:
    """Return what we wrote ourselves in the text part: no links, no reason, no text of a post."""
    text = mail.text.replace(f'"{REASON}"', "").replace(f'"{HELD_TEXT}"', "")
    return re.sub(r"https?://\S+", "", text)


class Reader(HTMLParser):
    """Collects the links, the tags, their attributes and the visible words of an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self._in_head = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_head = self._in_head or tag == "head"
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self._in_head = self._in_head and tag != "head"

    def handle_data(self, data: str) -> None:
        if not self._in_head:
            self.words += data.split()
