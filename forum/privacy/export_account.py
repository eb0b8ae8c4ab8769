"""Export of the account: addresses, mail, subscriptions, sessions, second factors, credentials, sanctions."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.urls import reverse

from accounts import erasing
from accounts.models import Credential, CredentialRequest, Erasure, Suppression, User
from forum.models import Delivery, InboundMail, Sanction, Subscription
from forum.notifications.delivery import send
from forum.notifications.mails import absolute
from forum.privacy.subject import Subject

Rows = list[dict[str, Any]]


def sections(subject: Subject) -> dict[str, Rows]:
    user = subject.user
    return {
        "profile": _profile(user) if user else [],
        "addresses": [{"address": found} for found in send.addresses_of(user, subject.contacts())],
        "subscriptions": _subscriptions(subject),
        "mail_choices": _mail_choices(subject),
        "deliveries": _deliveries(subject),
        "answers_by_mail": _answers_by_mail(subject),
        "mail_that_came_back": _came_back(subject),
        "credential_requests": _requests(user) if user else [],
        "credentials": _credentials(user) if user else [],
        "sanctions": _sanctions(user) if user else [],
        "sessions": _sessions(user) if user else [],
        "authenticators": _authenticators(user) if user else [],
        "erasures": _erasures(subject),
    }


def _profile(user: User) -> Rows:
    groups = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    joined = {"name": user.name, "joined_at": user.date_joined, "last_sign_in": user.last_login, "roles": groups}
    return [{**joined, "has_password": user.has_usable_password()}]


def _subscriptions(subject: Subject) -> Rows:
    # The URL only: a title would be somebody else's words.
    found = Subscription.objects.filter(contact__in=subject.contacts()).order_by("pk")
    return [
        {
            "what": row.get_kind_display(),
            "page": _page_of(row),
            "how_soon": row.get_pace_display(),
            "since": row.created_at,
            "ended_at": row.ended_at,
        }
        for row in found.select_related("post", "article", "topic")
    ]


def _page_of(row: Subscription) -> str:
    if row.post:
        return absolute(reverse("forum:post", args=[row.post.public_id]))
    if row.topic:
        return absolute(reverse("forum:topic", args=[row.topic.slug]))
    return absolute(row.article.get_absolute_url()) if row.article else ""


def _mail_choices(subject: Subject) -> Rows:
    chosen = subject.contacts().filter(Q(links_only=True) | Q(mail_stopped_at__isnull=False)).order_by("pk")
    return [{"links_without_text": row.links_only, "all_mail_stopped_at": row.mail_stopped_at} for row in chosen]


def _deliveries(subject: Subject) -> Rows:
    found = Delivery.objects.filter(recipient__in=subject.contacts()).order_by("pk")
    return [
        {
            "what": row.get_kind_display(),
            "state": row.get_state_display(),
            "owed_at": row.created_at,
            "sent_at": row.sent_at,
            "attempts": row.attempts,
        }
        for row in found
    ]


def _answers_by_mail(subject: Subject) -> Rows:
    found = InboundMail.objects.filter(contact__in=subject.contacts()).order_by("pk")
    return [{"received_at": row.received_at, "what": row.get_outcome_display(), "why": row.reason} for row in found]


def _came_back(subject: Subject) -> Rows:
    found = Suppression.objects.filter(address_key__in=subject.keys).order_by("pk")
    return [
        {"why": row.get_reason_display(), "the_server_said": row.detail, "since": row.created_at, "until": row.until}
        for row in found
    ]


def _requests(user: User) -> Rows:
    """Return the requests with the licence number, without who checked and the checkers' notes."""
    columns = ("full_name", "licence_number", "registry_url", "jurisdiction", "specialty", "conflicts")
    found = CredentialRequest.objects.filter(user=user)
    return [
        {
            **{name: getattr(row, name) for name in columns},
            "state": row.get_state_display(),
            "asked_at": row.created_at,
            "checked_at": row.checked_at,
            "decided_at": row.decided_at,
            "reason_told": row.reason,
        }
        for row in found
    ]


def _credentials(user: User) -> Rows:
    columns = ("full_name", "specialty", "jurisdiction", "conflicts", "checked_on", "valid_from", "valid_until")
    return [
        {
            **{name: getattr(row, name) for name in columns},
            "withdrawn_at": row.withdrawn_at,
            "reason_told": row.withdrawn_reason,
        }
        for row in Credential.objects.filter(user=user)
    ]


def _sanctions(user: User) -> Rows:
    return [
        {
            "what": row.get_kind_display(),
            "reason_told": row.reason,
            "since": row.created_at,
            "until": row.ends_at,
            "lifted_at": row.lifted_at,
        }
        for row in Sanction.objects.filter(user=user).order_by("pk")
    ]


def _sessions(user: User) -> Rows:
    return [
        {"signed_in_at": row.created_at, "last_seen_at": row.last_seen_at, "network": row.ip, "browser": row.user_agent}
        for sessions in erasing.listed_sessions(user)
        for row in sessions.order_by("pk")
    ]


def _authenticators(user: User) -> Rows:
    """Return the kinds of second factors and their dates; never the secrets."""
    found = Authenticator.objects.filter(user=user).order_by("pk")
    return [
        {"what": row.get_type_display(), "since": row.created_at, "last_used_at": row.last_used_at} for row in found
    ]


def _erasures(subject: Subject) -> Rows:
    whose = {"user": subject.user} if subject.user else {"address_key__in": subject.keys}
    return [
        {
            "asked_at": row.asked_at,
            "due_at": row.due_at,
            "posts_stay": row.keep_posts,
            "taken_back_at": row.cancelled_at,
            "done_at": row.done_at,
        }
        for row in Erasure.objects.filter(**whose).order_by("pk")
    ]
