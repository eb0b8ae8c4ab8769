"""Mail previews about posts, for authors and followers."""

from functools import partial

from accounts.models import Contact
from forum.models import Delivery, LogEntry, Post, Subscription, Topic
from forum.notifications import subscriptions
from forum.notifications.mails.posts import REFUSALS
from forum.states import Move
from forum.views.dev_mail.registry import PREVIEWS, Preview, preview
from forum.views.dev_mail.sample_people import Cast

Kind = Delivery.Kind


@preview(Kind.CONFIRM, "a question")
def confirm(cast: Cast) -> Delivery:
    post = cast.question()
    delivery = cast.about(Kind.CONFIRM, post, subscription=None)
    delivery.recipient.confirmed_at = None
    return delivery


@preview(Kind.RECEIVED, "a question")
def received(cast: Cast) -> Delivery:
    return cast.about(Kind.RECEIVED, cast.question())


@preview(Kind.PUBLISHED, "a question")
def published(cast: Cast) -> Delivery:
    return cast.about(Kind.PUBLISHED, cast.question(Move.PUBLISH))


@preview(Kind.PUBLISHED, "a reply with parts left out")
def masked(cast: Cast) -> Delivery:
    post = cast.reply(cast.question(Move.PUBLISH), Move.PUBLISH)
    entry = LogEntry(post=post, move=Move.MASK)
    return cast.about(Kind.PUBLISHED, post, entry=entry, subscription=None)


@preview(Kind.RETURNED, "a question")
def returned(cast: Cast) -> Delivery:
    return cast.about(Kind.RETURNED, cast.question(Move.RETURN))


@preview(Kind.REJECTED, "a question")
def rejected(cast: Cast) -> Delivery:
    return cast.about(Kind.REJECTED, cast.question(Move.REJECT))


@preview(Kind.REMOVED, "a question")
def removed(cast: Cast) -> Delivery:
    return cast.about(Kind.REMOVED, cast.question(Move.PUBLISH, Move.REMOVE))


@preview(Kind.REMINDER, "a question")
def reminder(cast: Cast) -> Delivery:
    return cast.about(Kind.REMINDER, cast.question(Move.RETURN))


@preview(Kind.EXPIRED, "a question")
def expired(cast: Cast) -> Delivery:
    return cast.about(Kind.EXPIRED, cast.question(Move.RETURN, Move.EXPIRE))


def _news(cast: Cast, *told: tuple[Post, Move], follower: Contact | None = None, bundle: str = "") -> Delivery:
    """Return the first of the bundled deliveries, to `follower` or else to the author of the first post's question."""
    question = told[0][0].thread
    about = {"recipient": follower or question.contact, "subscription": question.subscriptions.first()}
    members = [
        cast.about(
            Kind.ANSWER if post.is_answer else Kind.REPLY,
            post,
            **about,
            entry=LogEntry(post=post, move=move),
            bundle=bundle,
        )
        for post, move in told
    ]
    members[0].members = members
    return members[0]


@preview(Kind.REPLY, "by a reader")
def reply(cast: Cast) -> Delivery:
    return _news(cast, (cast.reply(cast.question(Move.PUBLISH), Move.PUBLISH), Move.PUBLISH))


@preview(Kind.REPLY, "links alone, to a follower")
def reply_without_text(cast: Cast) -> Delivery:
    follower = cast.contact(cast.member)
    follower.links_only = True
    return _news(cast, (cast.reply(cast.question(Move.PUBLISH), Move.PUBLISH), Move.PUBLISH), follower=follower)


@preview(Kind.REPLY, "several")
def several(cast: Cast) -> Delivery:
    question = cast.question(Move.PUBLISH)
    first = cast.reply(question, Move.PUBLISH)
    second = cast.reply(question, user=cast.physician)
    return _news(cast, (first, Move.PUBLISH), (second, Move.CORRECT))


@preview(Kind.REPLY, "a summary")
def summary(cast: Cast) -> Delivery:
    one, other = cast.question(Move.PUBLISH), cast.question(Move.PUBLISH)
    told = ((cast.reply(one, Move.PUBLISH), Move.PUBLISH), (cast.reply(other, user=cast.physician), Move.PUBLISH))
    return _news(cast, *told, follower=cast.contact(cast.member), bundle=Delivery.DIGEST)


@preview(Kind.ANSWER, "by a physician")
def answer(cast: Cast) -> Delivery:
    return _news(cast, (cast.reply(cast.question(Move.PUBLISH), user=cast.physician), Move.PUBLISH))


@preview(Kind.ANSWER, "corrected")
def corrected(cast: Cast) -> Delivery:
    return _news(cast, (cast.reply(cast.question(Move.PUBLISH), user=cast.physician), Move.CORRECT))


@preview(Kind.NEWS, "one question of a topic")
def one_question(cast: Cast) -> Delivery:
    return _new_questions(cast, 1)


@preview(Kind.NEWS, "several questions of a topic")
def several_questions(cast: Cast) -> Delivery:
    return _new_questions(cast, 3)


def _new_questions(cast: Cast, how_many: int) -> Delivery:
    topic = Topic.objects.first() or Topic.objects.create(name="Daily life", slug="daily-life")
    contact = cast.contact(cast.member)
    follows = subscriptions.follow(contact, Subscription.Kind.TOPIC, topic=topic)
    members = []
    for _number in range(how_many):
        post = cast.question(Move.PUBLISH)
        Post.objects.filter(pk=post.pk).update(topic=topic)
        post.topic = topic
        members.append(cast.about(Kind.NEWS, post, recipient=contact, subscription=follows))
    members[0].members = members
    return members[0]


def refused(why: str, cast: Cast) -> Delivery:
    post = cast.question(Move.PUBLISH)
    return cast.about(Kind.REFUSED, post, subscription=None, stored={"why": why})


PREVIEWS += [Preview(Kind.REFUSED, why, partial(refused, why)) for why in sorted(REFUSALS)]
