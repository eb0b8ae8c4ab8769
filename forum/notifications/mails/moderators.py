"""Mails to moderators, and to physicians whose opinion they ask: counts and links, never held text."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from forum.deadlines import for_moderator
from forum.models import Delivery, Post, Subscription, WaitingFor
from forum.notifications import links
from forum.notifications.mails.parts import Mail, NotWanted, NotYet, absolute, may_still, post_in, render_mail
from forum.states import State


def queue(delivery: Delivery) -> Mail:
    waiting = Post.objects.waiting().exclude(author=delivery.recipient.user_id)
    oldest = waiting.first()
    if oldest is None:
        raise NotWanted("Nothing waits any more.")
    may_still(delivery, "forum.moderate_posts")
    _keep_the_pause(delivery)
    count, urgent_ones = waiting.count(), waiting.filter(is_urgent=True).count()
    pace = delivery.subscription.pace if delivery.subscription else Subscription.Pace.AT_ONCE
    context = {"count": count, "urgent": urgent_ones, "oldest": oldest, "pace": pace}
    context["queue_url"] = absolute(reverse("moderation:queue"))
    return render_mail(delivery, context | (deciding(delivery, oldest) if count == 1 else {}))


def _keep_the_pause(delivery: Delivery) -> None:
    """Raise NotYet when another mail of this kind left within the pause: a retry may send two close together."""
    pause = timedelta(minutes=settings.MODERATOR_MAIL_MINUTES)
    since = timezone.now() - pause
    # A time in the future comes from a clock that was wrong and has been corrected.
    within = {"sent_at__gt": since, "sent_at__lte": timezone.now()}
    sent = Delivery.objects.filter(recipient=delivery.recipient, kind=delivery.kind, **within)
    last = sent.order_by("-sent_at").first()
    if last and last.sent_at:
        raise NotYet(last.sent_at + pause)


def urgent(delivery: Delivery) -> Mail:
    post = post_in(delivery, State.PENDING)
    may_still(delivery, "forum.moderate_posts")
    return render_mail(delivery, {"queue_url": absolute(reverse("moderation:queue")), **deciding(delivery, post)})


def deciding(delivery: Delivery, post: Post) -> dict[str, Any]:
    """Return the context for a link to one post: a signed link without sign-in where the moderator may use one."""
    moderator = delivery.recipient.user
    path = links.moderator_path(moderator, post) if moderator else ""
    return {
        "decide_url": absolute(path or reverse("moderation:post", args=[post.public_id])),
        "link_hours": settings.MODERATOR_LINK_HOURS if path else 0,
    }


def escalation(delivery: Delivery) -> Mail:
    may_still(delivery, "forum.moderate_posts")
    late = for_moderator(delivery.recipient.user_id)
    if late.oldest is None:
        raise NotWanted("Nothing has waited for too long any more.")
    context = {"late": late, "target": settings.MODERATION_TARGET_HOURS}
    context["queue_url"] = absolute(reverse("moderation:queue"))
    return render_mail(delivery, context | (deciding(delivery, late.oldest) if late.count == 1 else {}))


def opinion(delivery: Delivery) -> Mail:
    post = post_in(delivery, State.PENDING)
    if post.waiting_for != WaitingFor.PHYSICIAN:
        raise NotWanted("Nobody asks any more.")
    may_still(delivery, "forum.answer_as_physician")
    return render_mail(delivery, {"opinions_url": absolute(reverse("moderation:opinions"))})
