"""What every mail is made of: its templates, headers and links, and the reasons why one does not leave."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Contact
from articles.text.plain import mail_text
from forum.models import Delivery, Post, Subscription
from forum.notifications import links
from forum.notifications.mails.styling import styled
from forum.notifications.mails.subjects import one_line
from forum.states import State


class NotWanted(Exception):
    """The mail is no longer true or no longer wanted; its text says why."""


class NotYet(Exception):
    """The mail has to wait until the given time; `why` is for the operator, where it is not the usual way."""

    def __init__(self, until: datetime, why: str = "") -> None:
        super().__init__("later")
        self.until, self.why = until, why


@dataclass(frozen=True)
class Mail:
    """A composed mail, without sender and recipient; html is empty when there is only text."""

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)


# The List-Id of what is not about a question that somebody follows.
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
    """Return a link that works outside the site."""
    return settings.SITE_URL + path


def may_still(delivery: Delivery, permission: str) -> None:
    """Raise NotWanted when the recipient has left the role that the mail is for."""
    user = delivery.recipient.user
    if user is None or not user.is_active or not user.has_perm(permission):
        raise NotWanted("No longer in that role.")


def post_in(delivery: Delivery, state: State) -> Post:
    """Return the mail's post if it is (still) in the state; else raise NotWanted."""
    if delivery.post is None or delivery.post.state != state:
        raise NotWanted("The post has moved on.")
    return delivery.post


def public_post(delivery: Delivery) -> Post:
    """Return the mail's post if everybody can read it; else raise NotWanted."""
    post = post_in(delivery, State.PUBLISHED)
    if not post.is_public:
        raise NotWanted("The question is not public any more.")
    return post


def reason_of(delivery: Delivery) -> str:
    """Return the reason that the moderator gave, if there is one."""
    return delivery.entry.reason if delivery.entry else ""


def render_mail(delivery: Delivery, context: dict[str, Any], folder: str = "") -> Mail:
    """Render the delivery's kind, or another folder: its subject, and its body, from which the text part is made."""
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
    return Mail(subject=subject, text=mail_text(html), html=styled(html), headers=_headers(delivery, unsubscribe))


def _unsubscribe_url(delivery: Delivery) -> str:
    ended_by_link = _summaries_to(delivery.recipient) if delivery.is_digest else delivery.subscription
    return absolute(reverse("forum:unsubscribe", args=[ended_by_link.token])) if ended_by_link else ""


def _summaries_to(contact: Contact) -> Subscription:
    """Return what the link in a summary ends, made for the first one: not one thread, but all summaries."""
    return Subscription.objects.get_or_create(contact=contact, kind=Subscription.Kind.DIGEST)[0]


def _choices_url(delivery: Delivery) -> str:
    page = links.preferences_path(delivery.recipient)
    return absolute(page) if page else ""


def _list_name(delivery: Delivery) -> str:
    """Return the List-Id's name: summaries, the list of the kind, all of the author's own posts, or one question."""
    if delivery.is_digest:
        return "summaries"
    subscription = delivery.subscription
    of_posts = "your-posts" if subscription and subscription.kind == Subscription.Kind.DECISIONS else "questions"
    return LISTS.get(Delivery.Kind(delivery.kind), of_posts)


def _headers(delivery: Delivery, unsubscribe: str) -> dict[str, str]:
    """Return the headers that mail programs act on: automatic mail, its list, its thread, one-click unsubscribe."""
    host = settings.SITE_HOST
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if delivery.reply_to:
        headers["Reply-To"] = delivery.reply_to
    if unsubscribe:
        headers["List-Id"] = f"<{_list_name(delivery)}.{host}>"
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if delivery.post and not delivery.is_digest:
        # Every mail about one question answers the same root, which itself is never sent: programs show one thread.
        root = f"<question-{delivery.post.thread.public_id}@{host}>"
        headers["In-Reply-To"] = headers["References"] = root
    return headers
