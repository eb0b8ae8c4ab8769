"""Steps of credential verification: accounts.credentials with the log entry and the mail, in one transaction."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import credentials
from accounts.models import Contact, Credential, CredentialRequest
from forum import audit
from forum.models import Delivery, Post, Subscription
from forum.notifications import outbox, subscriptions
from forum.states import Act, State

if TYPE_CHECKING:
    from accounts.models import User


def ask(user: "User", application: credentials.Application) -> CredentialRequest:
    """Raises the same errors as accounts.credentials.ask."""
    with transaction.atomic():
        request = credentials.ask(user, application)
        _tell_checkers(request, about_to="check")
    return request


def take_back(request: CredentialRequest) -> None:
    # Queued mails about a request that is gone cancel themselves when they are composed.
    credentials.take_back(request)


def check(request: CredentialRequest, *, by: "User", note: str) -> None:
    with transaction.atomic():
        credentials.check(request, by=by, note=note)
        # Without the note, since others than checkers read the log.
        audit.act(Act.CHECK, actor=by, subject=request.user)
        _tell_checkers(request, about_to="grant")


def grant(request: CredentialRequest, *, by: "User") -> Credential:
    with transaction.atomic():
        credential = credentials.grant(request, by=by)
        audit.act(Act.GRANT, actor=by, subject=request.user)
        _tell_person(request)
        _invalidate_badges(request.user)
    return credential


def decline(request: CredentialRequest, *, by: "User", reason: str, seen: str) -> None:
    with transaction.atomic():
        credentials.decline(request, by=by, reason=reason, seen=seen)
        audit.act(Act.DECLINE, actor=by, subject=request.user, reason=reason)
        _tell_person(request)


def withdraw(credential: Credential, *, by: "User", reason: str) -> None:
    with transaction.atomic():
        credentials.withdraw(credential, by=by, reason=reason)
        audit.act(Act.REVOKE, actor=by, subject=credential.user, reason=reason)
        contact = Contact.objects.for_user(credential.user)
        outbox.owe(Delivery.Kind.CREDENTIAL, f"credential:{credential.pk}:withdrawn", contact, credential=credential)
        _invalidate_badges(credential.user)


def _tell_checkers(request: CredentialRequest, *, about_to: str) -> None:
    for contact in subscriptions.contacts_with(credentials.PERMISSION):
        if contact.user_id in {request.user_id, request.checked_by_id}:
            continue
        subscription = subscriptions.follow(contact, Subscription.Kind.CHECKERS)
        if subscription.is_active:
            event = f"checkers:{request.pk}:{about_to}"
            outbox.owe(Delivery.Kind.CHECKERS, event, contact, request=request, subscription=subscription)


def _tell_person(request: CredentialRequest) -> None:
    contact = Contact.objects.for_user(request.user)
    outbox.owe(Delivery.Kind.RECOGNISED, f"recognised:{request.pk}", contact, request=request)


def _invalidate_badges(person: "User") -> None:
    answers = Post.objects.filter(author=person, state=State.PUBLISHED).exclude(credential=None)
    answers.update(changed_at=timezone.now())
