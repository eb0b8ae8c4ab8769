"""People and posts for tests; posts are made by the functions that make real ones."""

import itertools
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import roles
from accounts.credentials import Application
from accounts.models import Contact, Credential, CredentialRequest, User
from articles.models import Article
from forum.models import LogEntry, Post
from forum.physicians import credential_steps
from forum.posts import submit, transitions
from forum.posts.transitions import Transition
from forum.states import Move

_numbers = itertools.count(1)
PASSWORD = "correct horse battery"


def person(name: str = "", *groups: str, address: str = "", **fields: Any) -> User:
    """Return a member with a verified address and the given roles."""
    number = next(_numbers)
    user = User.objects.create_user(name or f"Person {number}", PASSWORD, **fields)
    address = address or f"person{number}@members.test"
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def moderator(name: str = "", **fields: Any) -> User:
    """Return a moderator."""
    return person(name, roles.MODERATORS, **fields)


def physician(name: str = "", *, days: int = 365, **fields: Any) -> User:
    """Return a physician whose credential is valid for `days` more days (negative: lapsed)."""
    user = person(name, roles.PHYSICIANS, **fields)
    today = timezone.localdate()
    Credential.objects.create(
        user=user,
        full_name=f"Dr {user.name}",
        specialty="Neurology",
        checked_by=person(f"Checker {next(_numbers)}"),
        checked_on=today - timedelta(days=400),
        valid_from=today - timedelta(days=400),
        valid_until=today + timedelta(days=days),
    )
    return user


def checker(name: str = "", **fields: Any) -> User:
    """Return somebody who checks and grants physicians' credentials."""
    return person(name, roles.CHECKERS, **fields)


def asked(user: User | None = None, **fields: str) -> CredentialRequest:
    """Return what somebody has asked who wants to be recognised as a physician."""
    values = {"full_name": "Dr Ann Asker", "licence_number": f"LIC-{next(_numbers):05}", "jurisdiction": "Scotland"}
    values |= {"specialty": "Neurology", "conflicts": "None declared.", "registry_url": "https://register.test/?id=1"}
    return credential_steps.ask(user or person(), Application(**{**values, **fields}))


def recognised(user: User | None = None, **fields: str) -> Credential:
    """Return a credential that two checkers have given."""
    request = asked(user, **fields)
    credential_steps.check(request, by=checker(), note="In the register, and valid.")
    return credential_steps.grant(request, by=checker())


def article(**fields: Any) -> Article:
    """Return a published article."""
    number = next(_numbers)
    values = {"slug": f"article-{number}", "title": f"Article {number}", "status": "published"}
    return Article.objects.create(**{**values, "published_at": timezone.now(), **fields})


def draft(text: str = "", **fields: Any) -> submit.Draft:
    """Return what a form would give; a guest's unless `user` is given."""
    number = next(_numbers)
    values: dict[str, Any] = {"text": text or f"Is this question number {number}?", "form_key": f"form-{number}"}
    if "user" not in fields:
        values |= {"name": f"Guest {number}", "address": f"guest{number}@guests.test"}
    return submit.Draft(**{**values, **fields})


def pending(text: str = "", **fields: Any) -> Post:
    """Return a post that waits for a moderator."""
    return submit.submit(draft(text, **fields))


def published(text: str = "", *, by: User | None = None, **fields: Any) -> Post:
    """Return a post that a moderator has published."""
    post = pending(text, **fields)
    decide(post, Move.PUBLISH, by=by)
    return post


def decide(post: Post, move: Move, *, by: User | None = None, reason: str = "") -> LogEntry:
    """Carry out a moderator's decision on the post as it stands."""
    needs = {Move.RETURN, Move.REJECT, Move.REMOVE}
    reason = reason or ("Please leave out the link." if move in needs else "")
    return transition(post, move, actor=by or moderator(), reason=reason)


def transition(post: Post, move: Move, *, actor: User | None, version: int | None = None, **fields: Any) -> LogEntry:
    """Move the post as it stands, or from an older version; `fields` are the Transition's."""
    return transitions.transition(post, Transition(move, actor, **fields), post.version if version is None else version)


def confirmed(post: Post) -> Contact:
    """Confirm the guest's address, as the button in the mail does."""
    from forum.notifications import outbox

    assert post.contact is not None
    outbox.confirm(post.contact)
    post.contact.refresh_from_db()
    return post.contact
