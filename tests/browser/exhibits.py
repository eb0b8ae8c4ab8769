"""Fills a site with every kind of thing that a page can show, and prints where. Run inside the site by gallery.py."""

import json
import time
from datetime import timedelta
from importlib import import_module
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from accounts import addresses, suppressions
from accounts.models import User
from articles.models import Article
from forum.models import Note, Post, Report, Subscription
from forum.moderation import claims, sanctions
from forum.notifications import outbox
from forum.posts import access, corrections, helpful, submit, transitions
from forum.posts import reports as reporting
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.states import Move
from tests import factories
from tests.browser import choices, desk, from_mail, mail, passkeys, recognition
from tests.browser.exhibits_of_data import own_data

LONG = "Supercalifragilisticexpialidocious" * 3
RICH = (
    f"Which is better, and for how long?\n\n- *first* the tablets\n- then **the pump**\n\n> They said: {LONG}\n\n"
    f"See https://example.org/{LONG.lower()}/ and `code {LONG}`.\n\n    Indented, in German: für Straße 10."
)
HELD = "Call me at +44 20 7946 0958 or write to canary@guests.test, and look at https://example.org/shop."
ERRORS = ("400", "403", "403_csrf", "404", "405", "413", "429", "500", "503")


def person(label: str) -> User:
    """Return one of the demo people."""
    return EmailAddress.objects.get(email=f"{label}@example.org").user


def session_of(user: User) -> str:
    """Return the key of a session in which the person has just typed their password."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # An hour ahead, so that allauth asks nobody for the password again while the pages are looked at.
    just_now = {"method": "password", "reauthenticated": True, "at": time.time() + 3600}
    session["account_authentication_methods"] = [just_now]
    session["account_authentication_methods_user"] = str(user.pk)
    session.create()
    return str(session.session_key)


def in_every_state(moderator: User) -> dict[str, Post]:
    """Return one guest's question for each state."""
    ends = {"published": Move.PUBLISH, "returned": Move.RETURN, "rejected": Move.REJECT, "spam": Move.SPAM}
    posts = {name: factories.pending(f"{RICH} {name}") for name in ("pending", "withdrawn", "removed", *ends)}
    for name, move in ends.items():
        factories.decide(posts[name], move, by=moderator, reason=f"Please leave out the link.\n\n{LONG}")
    submit.withdraw(posts["withdrawn"], actor=None, version=1)
    factories.decide(posts["removed"], Move.PUBLISH, by=moderator)
    factories.decide(posts["removed"], Move.REMOVE, by=moderator)
    return posts


def contacts() -> dict[str, str]:
    """Return links of mails to guests: to confirm, already confirmed, and for an address that is forgotten."""
    new, done, gone = (factories.pending(f"Who waits for {name}?") for name in ("new", "done", "gone"))
    assert new.contact and done.contact and gone.contact
    factories.confirmed(done)
    outbox.disown(gone.contact)
    type(gone.contact).objects.filter(pk=gone.contact.pk).forget()
    return {
        name: str(post.contact.token) for name, post in (("new", new), ("done", done), ("gone", gone)) if post.contact
    }


def discussion(article: Article, member: User, physician: User, moderator: User) -> Post:
    """Return a question under the article with many replies, one of them a physician's; more questions beside it."""
    question = factories.published(RICH, article=article, user=member, by=moderator)
    for number in range(34):
        draft = factories.draft(
            f"Reply {number}: {RICH}" if number < 2 else f"Reply number {number}.", question=question
        )
        factories.decide(submit.submit(draft), Move.PUBLISH, by=moderator)
    submit.submit(factories.draft("Please ask your own team first.", user=physician, question=question))
    for number in range(12):
        factories.published(f"Is question number {number} short?", article=article, by=moderator)
    return question


def aged(member: User, physician: User, moderator: User) -> dict[str, str]:
    """Return a question that its asker calls answered, with answers corrected, reviewed, helpful and superseded."""
    question = factories.published(f"Has this been answered? {LONG}", user=member, hide_name=True, by=moderator)
    texts = ("The dose is what the team says.", f"Ask for a trial dose. {LONG}", "A newer word on the dose.")
    old, corrected, newer = (submit.submit(factories.draft(text, user=physician, question=question)) for text in texts)
    corrections.supersede(old, newer, actor=moderator, version=old.version, reason=f"The dose has changed. {LONG}")
    submit.edit(corrected, f"Ask for a test dose. {LONG}", actor=physician, version=corrected.version)
    corrections.review(corrected, actor=physician, version=corrected.version)
    for number in range(3):
        helpful.mark_helpful(corrected, access.Reader.of(AnonymousUser(), f"192.0.{number}.0/24"))
    corrections.answered(question, is_answered=True, actor=member)
    ids = {"aged_id": question.public_id, "corrected": corrected.public_id, "superseded": old.public_id}
    return {**ids, "aged": question.get_absolute_url()}


def waiting(question: Post, member: User) -> Post:
    """Return a post that waits for several reasons and has been changed once; more wait behind it."""
    held = submit.submit(factories.draft(HELD, user=member, question=question))
    transitions.move(held, Move.RETURN, actor=person("moderator2"), version=held.version, reason="Please shorten it.")
    submit.edit(held, f"{HELD} {LONG}", actor=member, version=held.version)
    Post.objects.filter(pk=held.pk).update(waiting_since=timezone.now() - timedelta(days=3))
    for number in range(24):
        factories.pending(f"May question {number} wait?")
    return held


def shared(held: Post, article: Article) -> dict[str, str]:
    """Let a colleague have the held post open, with notes; ask physicians; add an urgent post, and one to spare."""
    ada = person("moderator2")
    claims.claim_post(Post.objects.get(pk=held.pk), ada)
    Note.objects.create(post=held, author=ada, text=f"The same number as last week. {LONG}")
    Note.objects.create(post=held, author=person("physician"), text="No harm in it.", is_opinion=True)
    Report.objects.create(post=held, reporter_key="exhibit", reason=Report.Reason.PERSONAL, note="Their own number?")
    urgent = factories.pending(f"My pump alarm beeps and I feel hot and itchy. {LONG}", article=article)
    asked = factories.pending(f"May I stop the tablets on the day of the filling? {LONG}", article=article)
    question = "May that stand without an answer beside it?"
    transitions.move(asked, Move.ASK_PHYSICIAN, actor=ada, version=asked.version, reason=question)
    spare = factories.pending("One that is decided in a list?")
    return {
        "urgent": urgent.public_id,
        "urgent_status": urgent.get_status_url(),
        "asked": asked.public_id,
        "spare": f"{spare.public_id}:{spare.version}",
    }


def reported(posts: dict[str, Post], moderator: User) -> dict[str, Any]:
    """Let readers report a public post, and another that a moderator then leaves; put somebody under a sanction."""
    first, second = (factories.published(f"Is number {number} reported?", by=moderator) for number in (1, 2))
    member, other = factories.person(f"Rita {LONG}"), factories.person("Kurt Closed")
    reader = access.Reader.of(member, "")
    files = [
        reporting.file(post, reader, reason="advice", note=f"Too much! {LONG}", form_key="1")
        for post in (first, second)
    ]
    factories.decide(second, Move.KEEP, by=moderator)
    sanctions.impose(member, sanctions.Measure("mute", 9, "Please report only what could hurt."), actor=moderator)
    session = session_of(other)
    sanctions.impose(other, sanctions.Measure("close", 7, f"Please be kinder. {LONG}"), actor=moderator)
    return {
        "reportable": posts["published"].public_id,
        "report_open": files[0].report.token,
        "report_kept": files[1].report.token,
        "report_pk": files[0].report.pk,
        "person": sanctions.key_of(member),
        "sanction_pk": member.sanctions.get().pk,
        "closed": session,
    }


def account_pages(member: User) -> dict[str, Any]:
    """Return links of account mails, and people in special situations."""
    secured, newcomer = factories.person("Sam Secured"), User.objects.create_user("Nora Newcomer", factories.PASSWORD)
    TOTP.activate(secured, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(secured)
    passkey_of = factories.person("Paula Passkey")
    passkey = passkeys.give(passkey_of, f"My telephone {LONG}"[:100])
    unverified = EmailAddress.objects.create(user=newcomer, email="newcomer@members.test", primary=True)
    changing = factories.person("Charly Changing")
    claiming = factories.person("Clara Claiming", address="clara@guests.test")
    returning = factories.person("Rita Returning", address="rita@members.test")
    suppressions.suppress(addresses.key_of("rita@members.test"), suppressions.Reason.HARD, "550 5.1.1")
    for number in (1, 2):
        guests = factories.pending(f"Did I write number {number}? {LONG}", name="Clara", address="clara@guests.test")
        factories.confirmed(guests)
    EmailAddress.objects.create(user=changing, email="another@members.test")
    requests.request_erasure(Subject.member(changing), keep_posts=True)
    return {
        "confirm_email": EmailConfirmationHMAC(unverified).key,
        "reset_key": f"{user_pk_to_url_str(member)}-{default_token_generator.make_token(member)}",
        "reset_user": user_pk_to_url_str(member),
        "passkey": passkey.pk,
        "passkey_address": EmailAddress.objects.get(user=passkey_of).email,
        "secured_address": EmailAddress.objects.get(user=secured).email,
        "sessions": {
            "secured": session_of(secured),
            "changing": session_of(changing),
            "passkey": session_of(passkey_of),
            "claiming": session_of(claiming),
            "returning": session_of(returning),
        },
    }


def error_pages() -> dict[str, str]:
    """Return the error pages that no link leads to, as the site would send them."""
    request = RequestFactory().get("/nowhere/")
    request.user = AnonymousUser()
    return {name: render_to_string(f"{name}.html", {}, None if name == "500" else request) for name in ERRORS}


def main() -> None:
    """Put everything up and print what gallery.py needs to find it, as JSON."""
    member, physician, moderator = map(person, ("member", "physician", "moderator"))
    article = Article.objects.get(slug="intrathecal-vs-oral-baclofen")
    posts = in_every_state(moderator)
    question = discussion(article, member, physician, moderator)
    old_answers = aged(member, physician, moderator)
    held = waiting(question, member)
    together = shared(held, article)
    follow = Subscription.objects.get(contact__user=member, post=question)
    ended = Subscription.objects.exclude(pk=follow.pk).filter(kind="thread", post__state="published").first()
    assert ended is not None
    outbox.end(ended)
    account = account_pages(member)
    reports = reported(posts, moderator)
    people = {"member": member, "physician": physician, "moderator": moderator, "editor": person("editor")}
    sessions = {name: session_of(user) for name, user in people.items()} | account.pop("sessions")
    sessions["closed"] = reports.pop("closed")
    physicians = recognition.exhibits(person("editor"), person("moderator2"))
    at_the_desk = desk.exhibits(moderator, article)
    chosen = choices.exhibits(article)
    for found in (physicians, at_the_desk, chosen):
        sessions |= {name: session_of(user) for name, user in found.pop("people").items()}
    found = {
        **account,
        **old_answers,
        **together,
        **reports,
        **physicians,
        **at_the_desk,
        **chosen,
        **own_data(),
        **mail.exhibits(member),
        **from_mail.exhibits(held, moderator, person("moderator2")),
        "sessions": sessions,
        "status": {name: post.get_status_url() for name, post in posts.items()},
        "confirm": contacts(),
        "question": question.get_absolute_url(),
        "question_id": question.public_id,
        "held": held.public_id,
        "held_status": held.get_status_url(),
        "decided": posts["published"].public_id,
        "unsubscribe": {"thread": follow.token, "ended": ended.token, "queue": _queue_token()},
        "errors": error_pages(),
    }
    print(json.dumps(found))


def _queue_token() -> str:
    return Subscription.objects.filter(kind="queue").values_list("token", flat=True)[0]
