"""What authors are mailed about their own posts."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from forum.models import Delivery
from forum.models.posts import MAX_LENGTH
from forum.notifications.mails.parts import Mail, NotWanted, absolute, post_in, public_post, reason_of, render_mail
from forum.states import Move, State


def confirm(delivery: Delivery) -> Mail:
    """Ask a guest to press the button that shows the address is theirs."""
    if delivery.recipient.is_confirmed:
        raise NotWanted("Already confirmed.")
    link = absolute(reverse("forum:confirm", args=[delivery.recipient.token]))
    return render_mail(delivery, {"confirm_url": link, "days": settings.UNCONFIRMED_DAYS})


def received(delivery: Delivery) -> Mail:
    """Tell the author that the post has arrived, and how long it usually takes until a moderator has read it."""
    post_in(delivery, State.PENDING)
    return render_mail(delivery, {})


def published(delivery: Delivery) -> Mail:
    """Tell the author that everybody can read the post now, and whether parts were left out."""
    post = public_post(delivery)
    masked = delivery.entry is not None and delivery.entry.move == Move.MASK
    return render_mail(delivery, {"post_url": absolute(reverse("forum:post", args=[post.public_id])), "masked": masked})


def returned(delivery: Delivery) -> Mail:
    """Send the post back to its author with the moderator's reason."""
    post_in(delivery, State.RETURNED)
    return render_mail(delivery, {"reason": reason_of(delivery)})


def rejected(delivery: Delivery) -> Mail:
    """Tell the author that the post will not be published, and why."""
    post_in(delivery, State.REJECTED)
    return render_mail(delivery, {"reason": reason_of(delivery)})


def removed(delivery: Delivery) -> Mail:
    """Tell the author that the post was public and is no longer, and why."""
    post_in(delivery, State.REMOVED)
    return render_mail(delivery, {"reason": reason_of(delivery)})


def reminder(delivery: Delivery) -> Mail:
    """Remind the author that a post still waits for their change, and until when."""
    post = post_in(delivery, State.RETURNED)
    time = timedelta(days=settings.RETURNED_DAYS)
    # Nobody has less than half of the time after the reminder, however late it was owed.
    until = max(post.changed_at + time, delivery.created_at + time / 2)
    return render_mail(delivery, {"reason": reason_of(delivery), "until": until})


def expired(delivery: Delivery) -> Mail:
    """Tell the author that a post which came back to them is closed now, and that they may ask again."""
    post_in(delivery, State.WITHDRAWN)
    return render_mail(delivery, {"ask_url": absolute(reverse("forum:ask")), "days": settings.RETURNED_DAYS})


# Why an answer by mail was not taken, in forum.inbound's code words; templates/emails/refused/ has the sentences.
REFUSALS = frozenset({"other-address", "expired", "gone", "paused", "too-many", "empty", "too-long"})


def refused(delivery: Delivery) -> Mail:
    """Tell a person why their answer by mail is not on the site, and how to send it all the same."""
    why = (delivery.stored or {}).get("why")
    if delivery.post is None or why not in REFUSALS:
        raise NotWanted("Nothing to explain.")
    # Who may not write now may not on the site either.
    is_open = delivery.post.is_public and why != "paused"
    link = absolute(reverse("forum:reply", args=[delivery.post.public_id])) if is_open else ""
    return render_mail(delivery, {"why": why, "reply_url": link, "longest": MAX_LENGTH})
