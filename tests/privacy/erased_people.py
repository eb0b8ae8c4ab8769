"""Runs inside the site under test (manage.py shell): fifty people of whom every table holds something, and their erasure.

Each piece of what they are and wrote has a word of its own that stands nowhere else, so that a search can tell it.
"""

import hashlib
import json
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, hashers
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts import addresses
from accounts.models import Contact, CredentialRequest, Erasure, User
from forum import tasks
from forum.models import AnswerDraft, Helped, Note, Post, Snippet, Subscription
from forum.moderation import claims, sanctions
from forum.notifications import outbox
from forum.posts import access, reports, submit
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.states import Move, State
from tests import factories
from tests.privacy.detector import address_for

PEOPLE = 50
STATES = list(State)
MOVES: dict[State, list[Move]] = {
    State.PENDING: [],
    State.PUBLISHED: [Move.PUBLISH],
    State.RETURNED: [Move.RETURN],
    State.REJECTED: [Move.REJECT],
    State.SPAM: [Move.SPAM],
    State.REMOVED: [Move.PUBLISH, Move.REMOVE],
}


def word(number: int, what: str) -> str:
    """Return the word for one piece of one person."""
    return "zq" + hashlib.sha256(f"{number} {what}".encode()).hexdigest()[:14]


def is_member(number: int) -> bool:
    """Every second person has an account, of those every third is a physician."""
    return number % 2 == 0


def is_physician(number: int) -> bool:
    """Every third member: what they answer is public at once."""
    return number % 6 == 0


def keeps(number: int) -> bool:
    """Half of the members and half of the guests keep their public posts."""
    return number % 4 < 2


def must_be_gone(number: int) -> dict[str, str]:
    """Return what nobody may find afterwards: what it is -> the word."""
    whats = ["name", "new text", "draft", "snippet", "report", "licence", "secret", "conflicts"]
    whats += ["answer"] * (is_physician(number) and not keeps(number))
    whats += [f"text {state}" for state in STATES if not (keeps(number) and state == State.PUBLISHED)]
    gone = {what: word(number, what) for what in whats}
    return gone | {"address": address_for(f"erased {number}"), "second address": address_for(f"second {number}")}


def must_stay(number: int) -> dict[str, str]:
    """Return what is still there: the public text of those who keep it."""
    whats = ["text published", *["answer"] * is_physician(number)] if keeps(number) else []
    return {what: word(number, what) for what in whats}


def plant() -> None:
    """Make the fifty and everything about them; print what has to be gone besides words: tokens and keys."""
    # Real hashing takes a third of a second for each, on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    hashers.reset_hashers(setting="PASSWORD_HASHERS")
    helpers = (factories.moderator("Ordinary Moderator"), factories.published("Is this somebody else's question?"))
    people = [_member(n, *helpers) if is_member(n) else _guest(n, *helpers) for n in range(PEOPLE)]
    print(json.dumps({str(n): secrets for n, secrets in enumerate(people)}))


def _posts(number: int, moderator: User, question: Post, **who: Any) -> list[Post]:
    """Three posts in states that differ from person to person; among everybody there is every one, often."""
    posts = []
    for offset in range(3):
        state = STATES[(number // 2 + offset) % len(STATES)]
        text = f"My {word(number, f'text {state}')}, asks {who['name']}, is it known?"
        fields = {"user": who["user"]} if "user" in who else {"name": who["name"], "address": who["address"]}
        post = factories.pending(
            text, **fields, question=question if offset == 2 and not is_physician(number) else None
        )
        if state == State.WITHDRAWN:
            submit.withdraw(post, actor=post.author, version=post.version)
        elif not post.is_public:
            for move in MOVES[state]:
                factories.decide(post, move, by=moderator)
        posts.append(post)
    returned = next((post for post in posts if post.state in {State.PENDING, State.RETURNED}), None)
    if returned:
        submit.edit(returned, f"Now {word(number, 'new text')}?", actor=returned.author, version=returned.version)
    Note.objects.create(post=question, author=moderator, text=f"Another one by {who['name']}, see above.")
    return posts


def _secrets(user: User | None, posts: list[Post]) -> dict[str, str]:
    """Return the tokens by which somebody could be found or act."""
    contacts = Contact.objects.filter(pk__in=[post.contact_id for post in posts])
    follows = Subscription.objects.filter(contact__in=contacts).values_list("token", flat=True)
    found = {f"status {post.pk}": post.status_token for post in posts}
    found |= {f"contact {contact.pk}": contact.token for contact in contacts}
    found |= {f"key {contact.pk}": contact.address_key for contact in contacts if contact.address_key}
    found |= {f"follow {number}": token for number, token in enumerate(follows)}
    return found | ({"handle": user.handle} if user else {})


def _guest(number: int, moderator: User, question: Post) -> dict[str, str]:
    who = {"name": word(number, "name"), "address": address_for(f"erased {number}")}
    posts = _posts(number, moderator, question, **who)
    for post in posts[number % 2 :]:
        factories.confirmed(post)
    requests.send_link(who["address"])
    return _secrets(None, posts)


def _member(number: int, moderator: User, question: Post) -> dict[str, str]:
    name = word(number, "name")
    make = (
        factories.physician if is_physician(number) else factories.moderator if number % 10 == 2 else factories.person
    )
    user: User = make(name, address=address_for(f"erased {number}"))
    EmailAddress.objects.create(user=user, email=address_for(f"second {number}"))
    posts = _posts(number, moderator, question, name=name, user=user)
    if is_physician(number):
        submit.submit(factories.draft(f"The {word(number, 'answer')}. Dr {name}", user=user, question=question))
    _work(number, user, moderator)
    outbox.follow(Contact.objects.for_user(user), Subscription.Kind.THREAD, question)
    measure = sanctions.Measure("hold", 30, f"Dear {name}, please leave out addresses.")
    if not sanctions.is_protected(user):
        sanctions.impose(user, measure, actor=moderator)
    # Account mail that waits, with the address and a code in it.
    EmailMessage(f"Hello {name}", f"Your code, {name}", to=[address_for(f"erased {number}")]).send()
    kind = ContentType.objects.get_for_model(User)
    about = {"content_type": kind, "object_id": str(user.pk), "object_repr": name, "change_message": f"[{name}]"}
    AdminEntry.objects.create(user=moderator, action_flag=CHANGE, **about)
    return {**_secrets(user, posts), "session": _session(user), "typed": _typed(number)}


def _work(number: int, user: User, moderator: User) -> None:
    """What they did about others' posts, and what only they saw."""
    question = factories.published(f"Is number {number} by somebody else?", by=moderator)
    waiting = factories.pending(f"Number {number} waits for a decision?")
    claims.claim_post(waiting, user)
    AnswerDraft.objects.create(author=user, question=question, text=word(number, "draft"))
    Snippet.objects.create(author=user, title="Mine", text=word(number, "snippet"))
    Helped.objects.create(post=question, user=user, reader_key=f"member:{user.pk}")
    Authenticator.objects.create(user=user, type="totp", data={"secret": word(number, "secret")})
    words = word(number, "report")
    reports.file(question, access.Reader.of(user, ""), reason="other", note=words, form_key=str(number))
    CredentialRequest.objects.create(
        user=user,
        full_name=f"Dr {user.name}",
        licence_number=word(number, "licence"),
        registry_url=f"https://registry.example/{word(number, 'licence')}",
        jurisdiction="Utopia",
        specialty="Neurology",
        conflicts=word(number, "conflicts"),
    )


def _session(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _typed(number: int) -> str:
    """A session of nobody, in which the address was typed to get a code."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["account_login"] = {"email": address_for(f"erased {number}")}
    session.create()
    return str(session.session_key)


def ask() -> None:
    """All fifty ask to be erased; then a day passes, and the worker is asked to look."""
    for number in range(PEOPLE):
        address = address_for(f"erased {number}")
        if is_member(number):
            subject = Subject.member(EmailAddress.objects.get(email=address).user)
        else:
            subject = Subject.guest(addresses.key_of(address))
        requests.request_erasure(subject, keep_posts=keeps(number))
    Erasure.objects.update(due_at=timezone.now())
    tasks.erasures.delay()
