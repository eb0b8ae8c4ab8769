"""Shared parts of mails: templates, headers, links, and the exceptions that stop a mail."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Contact
from forum.models import Delivery, Post, Subscription
from forum.notifications import links
from forum.notifications.mails.plain import text_of
from forum.notifications.mails.styling import styled
from forum.notifications.mails.subjects import one_line
from forum.states import State


class NotWanted(Exception):
    """The mail is no longer true or no longer wanted; the message tells the reason."""


class NotYet(Exception):
    """The mail has to wait until `until`; `reason` is shown to the operator, empty for an ordinary wait."""

    def __init__(self, until: datetime, reason: str = "") -> None:
        super().__init__("later")
        self.until, self.reason = until, reason


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)


# List-Id of mails that are not about followed questions.
LISTS = {
    Delivery.Kind.QUEUE: "moderators",
    Delivery.Kind.URGENT: "moderators",
    Delivery.Kind.OPINION: "physicians",
    Delivery.Kind.CHECKERS: "checkers",
    Delivery.Kind.DESK: "physicians",
    Delivery.Kind.ROUTED: "physicians",
    Delivery.Kind.NEWS: "news",
    Delivery.Kind.CLAIM: "physicians",
    Delivery.Kind.ESCALATION: "moderators",
}


def absolute(path: str) -> str:
    return settings.SITE_URL + path


def may_still(delivery: Delivery, permission: str) -> None:
    user = delivery.recipient.user
    if user is None or not user.is_active or not user.has_perm(permission):
        raise NotWanted("No longer in that role.")


def post_in(delivery: Delivery, state: State) -> Post:
    if delivery.post is None or delivery.post.state != state:
        raise NotWanted("The post has moved on.")
    return delivery.post


def public_post(delivery: Delivery) -> Post:
    post = post_in(delivery, State.PUBLISHED)
    if not post.is_public:
        raise NotWanted("The question is not public any more.")
    return post


def reason_of(delivery: Delivery) -> str:
    return delivery.entry.reason if delivery.entry else ""


def render_mail(delivery: Delivery, context: dict[str, Any], folder: str = "") -> Mail:
    """Render the templates of the delivery's kind, or of another folder; the text part is made from the HTML."""
    post = delivery.post
    unsubscribe = _unsubscribe_url(delivery)
    context = {
        **context,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "post": post,
        "status_url": absolute(post.get_status_url()) if post and post.contact_id == delivery.recipient_id else "",
        "unsubscribe_url": unsubscribe,
        "choices_url": _choices_url(delivery),
        "wait": settings.TYPICAL_WAIT,
        "reply_to": delivery.reply_to,
    }
    folder = f"emails/{folder or delivery.kind}"
    subject = one_line(render_to_string(f"{folder}/subject.txt", context))
    html = render_to_string(f"{folder}/body.html", {**context, "subject": subject})
    return Mail(subject=subject, text=text_of(html), html=styled(html), headers=_headers(delivery, unsubscribe))


def _unsubscribe_url(delivery: Delivery) -> str:
    ended_by_link = _summaries_to(delivery.recipient) if delivery.is_digest else delivery.subscription
    return absolute(reverse("forum:unsubscribe", args=[ended_by_link.token])) if ended_by_link else ""


def _summaries_to(contact: Contact) -> Subscription:
    """Return the subscription that the link in a summary ends: all summaries, not one thread."""
    return Subscription.objects.get_or_create(contact=contact, kind=Subscription.Kind.DIGEST)[0]


def _choices_url(delivery: Delivery) -> str:
    page = links.preferences_path(delivery.recipient)
    return absolute(page) if page else ""


def _list_name(delivery: Delivery) -> str:
    if delivery.is_digest:
        return "summaries"
    subscription = delivery.subscription
    of_posts = "your-posts" if subscription and subscription.kind == Subscription.Kind.DECISIONS else "questions"
    return LISTS.get(Delivery.Kind(delivery.kind), of_posts)


def _headers(delivery: Delivery, unsubscribe: str) -> dict[str, str]:
    """Return headers for mail programs: automatic mail (RFC 3834), list, thread, one-click unsubscribe (RFC 8058)."""
    host = settings.SITE_HOST
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if delivery.reply_to:
        headers["Reply-To"] = delivery.reply_to
    if unsubscribe:
        headers["List-Id"] = f"<{_list_name(delivery)}.{host}>"
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if delivery.post and not delivery.is_digest:
        # All mails about one question refer to the same root, which is never sent: mail programs then show one thread.
        root = f"<question-{delivery.post.thread.public_id}@{host}>"
        headers["In-Reply-To"] = headers["References"] = root
    return headers
