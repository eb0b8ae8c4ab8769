"""Mails to followers of an article or a topic: links to new questions, never their text."""

from django.urls import reverse

from forum.models import Delivery, Subscription
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail
from forum.states import State


def news(delivery: Delivery) -> Mail:
    delivery.members = [member for member in delivery.members if is_still_true(member)]
    told = [
        {"url": absolute(reverse("forum:post", args=[member.post.public_id]))}
        for member in delivery.members
        if member.post
    ]
    if not told:
        raise NotWanted("Nothing of it is public any more.")
    is_article = delivery.subscription is not None and delivery.subscription.kind == Subscription.Kind.ARTICLE
    return render_mail(delivery, {"told": told, "is_article": is_article})


def is_still_true(delivery: Delivery) -> bool:
    """Return True while the question is public and in the followed topic: moderators may have moved it."""
    post, followed = delivery.post, delivery.subscription
    if post is None or post.state != State.PUBLISHED or not post.is_public:
        return False
    by_topic = followed is not None and followed.kind == Subscription.Kind.TOPIC
    return not by_topic or (followed is not None and post.thread.topic_id == followed.topic_id)
