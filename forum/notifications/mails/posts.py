"""Mails to authors about their own posts."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from forum.models import Delivery
from forum.models.posts import MAX_LENGTH
from forum.notifications.mails.parts import Mail, NotWanted, absolute, post_in, public_post, reason_of, render_mail
from forum.states import Move, State


def confirm(delivery: Delivery) -> Mail:
    if delivery.recipient.is_confirmed:
        raise NotWanted("Already confirmed.")
    link = absolute(reverse("forum:confirm", args=[delivery.recipient.token]))
    return render_mail(delivery, {"confirm_url": link, "days": settings.UNCONFIRMED_DAYS})


def received(delivery: Delivery) -> Mail:
    post_in(delivery, State.PENDING)
    return render_mail(delivery, {})


def published(delivery: Delivery) -> Mail:
    post = public_post(delivery)
    masked = delivery.entry is not None and delivery.entry.move == Move.MASK
    return render_mail(delivery, {"post_url": absolute(reverse("forum:post", args=[post.public_id])), "masked": masked})


def returned(delivery: Delivery) -> Mail:
    post_in(delivery, State.RETURNED)
    return render_mail(delivery, {"reason": reason_of(delivery)})


def rejected(delivery: Delivery) -> Mail:
    post_in(delivery, State.REJECTED)
    return render_mail(delivery, {"reason": reason_of(delivery)})


def removed(delivery: Delivery) -> Mail:
    post_in(delivery, State.REMOVED)
    return render_mail(delivery, {"reason": reason_of(delivery)})


def reminder(delivery: Delivery) -> Mail:
    post = post_in(delivery, State.RETURNED)
    time = timedelta(days=settings.RETURNED_DAYS)
    # At least half of the time remains after the reminder, however late it was queued.
    until = max(post.changed_at + time, delivery.created_at + time / 2)
    return render_mail(delivery, {"reason": reason_of(delivery), "until": until})


def expired(delivery: Delivery) -> Mail:
    post_in(delivery, State.WITHDRAWN)
    return render_mail(delivery, {"ask_url": absolute(reverse("forum:ask")), "days": settings.RETURNED_DAYS})


# Codes of forum.inbound.replies.Refused; templates/emails/refused/ has a sentence for each.
REFUSALS = frozenset({"other-address", "expired", "gone", "paused", "too-many", "empty", "too-long"})


def refused(delivery: Delivery) -> Mail:
    why = (delivery.stored or {}).get("why")
    if delivery.post is None or why not in REFUSALS:
        raise NotWanted("Nothing to explain.")
    # A paused account cannot write on the site either.
    is_open = delivery.post.is_public and why != "paused"
    link = absolute(reverse("forum:reply", args=[delivery.post.public_id])) if is_open else ""
    return render_mail(delivery, {"why": why, "reply_url": link, "longest": MAX_LENGTH})
