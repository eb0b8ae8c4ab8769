"""What each mail says: one function a kind. Subjects are neutral: phones show them on the locked screen (DESIGN 8)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from forum.models import Delivery, Post, Report, WaitingFor
from forum.states import Move, State


class NotWanted(Exception):
    """The mail is no longer true or no longer wanted; its text says why."""


class NotYet(Exception):
    """The mail has to wait until the given time."""

    def __init__(self, until: datetime) -> None:
        super().__init__("later")
        self.until = until


@dataclass(frozen=True)
class Mail:
    """A composed mail, without sender and recipient; html is empty when there is only text."""

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def compose(delivery: Delivery) -> Mail:
    """Return the mail for one delivery from what is true now, or raise NotWanted or NotYet."""
    if delivery.subscription and not delivery.subscription.is_active:
        raise NotWanted("The person has unsubscribed.")
    always = {Delivery.Kind.CONFIRM, Delivery.Kind.ACCOUNT}
    if not delivery.recipient.is_confirmed and delivery.kind not in always:
        raise NotWanted("The address is not confirmed.")
    return COMPOSERS[Delivery.Kind(delivery.kind)](delivery)


def confirm(delivery: Delivery) -> Mail:
    """Ask a guest to press the button that shows the address is theirs."""
    if delivery.recipient.is_confirmed:
        raise NotWanted("Already confirmed.")
    link = absolute(reverse("forum:confirm", args=[delivery.recipient.token]))
    return _render(delivery, {"confirm_url": link, "days": settings.UNCONFIRMED_DAYS})


def queue(delivery: Delivery) -> Mail:
    """Tell a moderator how many posts wait; counts and a link, never held text."""
    waiting = Post.objects.waiting()
    oldest = waiting.first()
    if oldest is None:
        raise NotWanted("Nothing waits any more.")
    _may_still(delivery, "forum.moderate_posts")
    _keep_the_pause(delivery)
    return _render(
        delivery, {"count": waiting.count(), "oldest": oldest, "queue_url": absolute(reverse("moderation:queue"))}
    )


def _keep_the_pause(delivery: Delivery) -> None:
    """Wait when another mail of this kind left within the pause: a retry may have been overtaken."""
    pause = timedelta(minutes=settings.MODERATOR_MAIL_MINUTES)
    since = timezone.now() - pause
    sent = Delivery.objects.filter(recipient=delivery.recipient, kind=delivery.kind, sent_at__gt=since)
    last = sent.order_by("-sent_at").first()
    if last and last.sent_at:
        raise NotYet(last.sent_at + pause)


def urgent(delivery: Delivery) -> Mail:
    """Tell a moderator on call that a post may not wait; a link, never held text."""
    post = _post_in(delivery, State.PENDING)
    _may_still(delivery, "forum.moderate_posts")
    link = absolute(reverse("moderation:post", args=[post.public_id]))
    return _render(delivery, {"decide_url": link, "queue_url": absolute(reverse("moderation:queue"))})


def opinion(delivery: Delivery) -> Mail:
    """Ask a physician what they think of a post that waits; a link, never held text."""
    post = _post_in(delivery, State.PENDING)
    if post.waiting_for != WaitingFor.PHYSICIAN:
        raise NotWanted("Nobody asks any more.")
    _may_still(delivery, "forum.answer_as_physician")
    return _render(delivery, {"opinions_url": absolute(reverse("moderation:opinions"))})


def published(delivery: Delivery) -> Mail:
    """Tell the author that everybody can read the post now, and whether parts were left out."""
    post = _public_post(delivery)
    masked = delivery.entry is not None and delivery.entry.move == Move.MASK
    return _render(delivery, {"post_url": absolute(reverse("forum:post", args=[post.public_id])), "masked": masked})


def returned(delivery: Delivery) -> Mail:
    """Send the post back to its author with the moderator's reason."""
    _post_in(delivery, State.RETURNED)
    return _render(delivery, {"reason": _reason(delivery)})


def rejected(delivery: Delivery) -> Mail:
    """Tell the author that the post will not be published, and why."""
    _post_in(delivery, State.REJECTED)
    return _render(delivery, {"reason": _reason(delivery)})


def removed(delivery: Delivery) -> Mail:
    """Tell the author that the post was public and is no longer, and why."""
    _post_in(delivery, State.REMOVED)
    return _render(delivery, {"reason": _reason(delivery)})


def reminder(delivery: Delivery) -> Mail:
    """Remind the author that a post still waits for their change, and until when."""
    post = _post_in(delivery, State.RETURNED)
    time = timedelta(days=settings.RETURNED_DAYS)
    # Nobody has less than half of the time after the reminder, however late it was owed.
    until = max(post.changed_at + time, delivery.created_at + time / 2)
    return _render(delivery, {"reason": _reason(delivery), "until": until})


def expired(delivery: Delivery) -> Mail:
    """Tell the author that a post which came back to them is closed now, and that they may ask again."""
    _post_in(delivery, State.WITHDRAWN)
    return _render(delivery, {"ask_url": absolute(reverse("forum:ask")), "days": settings.RETURNED_DAYS})


def report(delivery: Delivery) -> Mail:
    """Tell a reader what became of their report."""
    if delivery.report is None or delivery.report.outcome == Report.Outcome.OPEN:
        raise NotWanted("The report is open again.")
    link = absolute(reverse("forum:report-outcome", args=[delivery.report.token]))
    return _render(delivery, {"report": delivery.report, "report_url": link})


def sanction(delivery: Delivery) -> Mail:
    """Tell a person what was decided about their account, why and until when."""
    if delivery.sanction is None or delivery.sanction.lifted_at:
        raise NotWanted("It was lifted.")
    return _render(delivery, {"sanction": delivery.sanction, "reason": delivery.sanction.reason})


def reply(delivery: Delivery) -> Mail:
    """Tell a follower of a question that a reply is public."""
    post = _public_post(delivery)
    asked_it = post.thread.contact_id == delivery.recipient_id
    link = absolute(reverse("forum:post", args=[post.public_id]))
    return _render(delivery, {"post_url": link, "asked_it": asked_it})


def account(delivery: Delivery) -> Mail:
    """Return what allauth composed when it was asked for."""
    if not delivery.stored:
        raise NotWanted("The text is no longer stored.")
    return Mail(**delivery.stored)


COMPOSERS: dict[Delivery.Kind, Callable[[Delivery], Mail]] = {
    Delivery.Kind.CONFIRM: confirm,
    Delivery.Kind.QUEUE: queue,
    Delivery.Kind.PUBLISHED: published,
    Delivery.Kind.RETURNED: returned,
    Delivery.Kind.REJECTED: rejected,
    Delivery.Kind.REMOVED: removed,
    Delivery.Kind.REPLY: reply,
    Delivery.Kind.URGENT: urgent,
    Delivery.Kind.OPINION: opinion,
    Delivery.Kind.REMINDER: reminder,
    Delivery.Kind.EXPIRED: expired,
    Delivery.Kind.REPORT: report,
    Delivery.Kind.SANCTION: sanction,
    Delivery.Kind.ACCOUNT: account,
}


# The List-Id of what is not about a question that somebody follows.
LISTS = {
    Delivery.Kind.QUEUE: "moderators",
    Delivery.Kind.URGENT: "moderators",
    Delivery.Kind.OPINION: "physicians",
}


def absolute(path: str) -> str:
    """Return a link that works outside the site."""
    return settings.SITE_URL + path


def _may_still(delivery: Delivery, permission: str) -> None:
    """Raise NotWanted when the recipient has left the role that the mail is for."""
    user = delivery.recipient.user
    if user is None or not user.is_active or not user.has_perm(permission):
        raise NotWanted("No longer in that role.")


def _post_in(delivery: Delivery, state: State) -> Post:
    if delivery.post is None or delivery.post.state != state:
        raise NotWanted("The post has moved on.")
    return delivery.post


def _public_post(delivery: Delivery) -> Post:
    post = _post_in(delivery, State.PUBLISHED)
    if not post.is_public:
        raise NotWanted("The question is not public any more.")
    return post


def _reason(delivery: Delivery) -> str:
    return delivery.entry.reason if delivery.entry else ""


def _render(delivery: Delivery, context: dict[str, Any]) -> Mail:
    """Render the three templates of the delivery's kind."""
    post = delivery.post
    unsubscribe = _unsubscribe_url(delivery)
    context = {
        **context,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "post": post,
        "status_url": absolute(post.get_status_url()) if post and post.contact_id == delivery.recipient_id else "",
        "unsubscribe_url": unsubscribe,
        "wait": settings.TYPICAL_WAIT,
    }
    folder = f"emails/{delivery.kind}"
    return Mail(
        subject=" ".join(render_to_string(f"{folder}/subject.txt", context).split()),
        text=render_to_string(f"{folder}/body.txt", context),
        html=render_to_string(f"{folder}/body.html", context),
        headers=_headers(delivery, unsubscribe),
    )


def _unsubscribe_url(delivery: Delivery) -> str:
    if delivery.subscription is None:
        return ""
    return absolute(reverse("forum:unsubscribe", args=[delivery.subscription.token]))


def _headers(delivery: Delivery, unsubscribe: str) -> dict[str, str]:
    """Return the headers that mail programs act on: automatic mail, its list, its thread, one-click unsubscribe."""
    host = settings.SITE_HOST
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if unsubscribe:
        name = LISTS.get(Delivery.Kind(delivery.kind), "questions")
        headers["List-Id"] = f"<{name}.{host}>"
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if delivery.post:
        # Every mail about one question answers the same root, which itself is never sent: programs show one thread.
        root = f"<question-{delivery.post.thread.public_id}@{host}>"
        headers["In-Reply-To"] = headers["References"] = root
    return headers
