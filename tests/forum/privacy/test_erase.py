"""What an erasure takes away and what it leaves, one person at a time (tests/privacy/test_erased_people.py: fifty)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import suppressions
from accounts.models import Contact, Credential, Erasure, Suppression, User
from accounts.models.contacts import key_of
from forum.models import (
    AnswerDraft,
    Delivery,
    DeskQuestion,
    Helped,
    InboundMail,
    LogEntry,
    Note,
    Post,
    ReplyAddress,
    Report,
    Snippet,
    Subscription,
)
from forum.moderation import claims
from forum.notifications import subscriptions
from forum.posts import access, reports, submit
from forum.privacy import erase, erase_posts, ledger, requests
from forum.privacy.subject import Subject
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
NAME = "Zebulon Quartz"
GUEST = "zebulon@guests.test"


@pytest.fixture(autouse=True)
def ledger_file(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A ledger of this test's own."""
    settings.ERASURE_LEDGER = tmp_path / "ledger" / "erasures.jsonl"
    yield settings.ERASURE_LEDGER


def ask_and_erase(subject: Subject, *, keep: bool) -> Erasure:
    """Ask, let the time pass, and carry it out."""
    wish = requests.request_erasure(subject, keep_posts=keep)
    Erasure.objects.filter(pk=wish.pk).update(due_at=timezone.now())
    erase.erase_due()
    wish.refresh_from_db()
    return wish


def in_every_state(**who: Any) -> dict[State, Post]:
    """Return a post for each state by the person, brought there by the site's own functions."""
    posts = {state: factories.pending(f"My {state} words, says {NAME}?", **who) for state in State}
    moves = {"published": "publish", "returned": "return", "rejected": "reject", "spam": "spam"}
    for state, move in moves.items():
        factories.decide(posts[State(state)], Move(move))
    withdrawn = posts[State.WITHDRAWN]
    submit.withdraw(withdrawn, actor=withdrawn.author, version=1)
    for move in (Move.PUBLISH, Move.REMOVE):
        factories.decide(posts[State.REMOVED], move)
    return posts


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("is_member", [True, False])
def test_posts_in_every_state(keep: bool, is_member: bool) -> None:
    who: dict[str, Any] = {"user": factories.person(NAME)} if is_member else {"name": NAME, "address": GUEST}
    posts = in_every_state(**who)
    lines = list(LogEntry.objects.values())
    subject = Subject.member(who["user"]) if is_member else Subject.guest(key_of(GUEST))
    ask_and_erase(subject, keep=keep)
    for state, old in posts.items():
        post = Post.objects.get(pk=old.pk)
        stays = keep and state == State.PUBLISHED
        assert (post.author, post.contact, post.name) == (None, None, "A former reader")
        assert post.state == (State.PUBLISHED if stays else State.WITHDRAWN)
        assert post.status_token != old.status_token
        assert ("words" in post.source, "words" in post.html, "words" in post.title) == (stays, stays, stays)
        assert post.revisions.count() == int(stays)
        assert NAME not in repr([*Post.objects.filter(pk=post.pk).values(), *post.revisions.values()])
        assert Visitor().get(f"/p/{old.status_token}/").status_code == 404
        last = LogEntry.objects.filter(post=post).latest("pk")
        assert (last.move, last.actor) == ((Move.PUBLISH, last.actor) if stays else (Move.ERASE, None))
    page = Visitor().get(posts[State.PUBLISHED].get_absolute_url(), follow=True)
    assert page.status_code == (200 if keep else 404)
    assert NAME not in page.text
    assert not keep or "words, says A former reader?" in page.text
    assert list(LogEntry.objects.filter(pk__in=[line["id"] for line in lines]).order_by("-id").values()) == lines


def test_a_text_that_was_deleted_before_only_loses_its_author() -> None:
    post = factories.pending("Buy my herb today?", name=NAME, address=GUEST)
    factories.decide(post, Move.SPAM)
    Post.objects.filter(pk=post.pk).update(purged_at=timezone.now(), source="")
    ask_and_erase(Subject.guest(key_of(GUEST)), keep=True)
    post.refresh_from_db()
    assert (post.state, post.name, post.contact) == (State.SPAM, "A former reader", None)


def member_with_everything() -> User:
    """Return a physician and moderator of whom every table holds something."""
    user = factories.physician(NAME)
    user.groups.add(*factories.moderator().groups.all())
    other = factories.published("Is this somebody else's question?")
    waiting = factories.pending("Does this wait?")
    Note.objects.create(post=waiting, author=factories.moderator(), text="Ask ZEBULON  quartz, not Zebulonia.")
    Note.objects.create(post=waiting, author=user, text="I think it may stand.")
    claims.claim_post(waiting, user)
    reports.file(other, access.Reader.of(user, ""), reason="other", note="My own words of a report", form_key="1")
    AnswerDraft.objects.create(author=user, question=other, text="My own words of a draft")
    Snippet.objects.create(author=user, title="Mine", text="My own words of a snippet")
    Helped.objects.create(post=other, user=user, reader_key=f"member:{user.pk}")
    DeskQuestion.objects.update_or_create(question=other, defaults={"claimed_by": user, "routed_to": user})
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    subscriptions.follow(Contact.objects.for_user(user), Subscription.Kind.THREAD, other)
    kind = ContentType.objects.get_for_model(User)
    AdminEntry.objects.create(
        user=user, content_type=kind, object_id=str(user.pk), object_repr=NAME, action_flag=CHANGE, change_message=NAME
    )
    return user


def test_everything_else_of_a_member_goes() -> None:
    user = member_with_everything()
    Visitor(user)
    store = SessionStore()
    store["account_login"] = {"email": EmailAddress.objects.get(user=user).email}
    store.create()
    before = Session.objects.count()
    contact = Contact.objects.get(user=user)
    wish = ask_and_erase(Subject.member(user), keep=True)
    user.refresh_from_db()
    assert (user.name, user.is_active, user.is_staff, user.has_usable_password()) == (
        "A former reader",
        False,
        False,
        False,
    )
    assert user.erased_at and not user.groups.exists()
    assert before - Session.objects.count() == 2
    assert not EmailAddress.objects.filter(user=user).exists() and not Authenticator.objects.filter(user=user).exists()
    contact.refresh_from_db()
    assert (contact.user, contact.address) == (None, "")
    assert not Subscription.objects.filter(contact=contact).exists()
    assert set(Delivery.objects.filter(recipient=contact).values_list("state", flat=True)) <= {"cancelled", "sent"}
    report = Report.objects.get()
    assert (report.reporter, report.note, report.reporter_key) == (None, "", f"forgotten:{report.pk}")
    helped = Helped.objects.get()
    assert (helped.user, helped.reader_key) == (None, f"forgotten:{helped.pk}")
    desk = DeskQuestion.objects.get(question=helped.post)
    assert (desk.claimed_by, desk.claimed_until, desk.routed_to) == (None, None, None)
    assert not AnswerDraft.objects.exists() and not Snippet.objects.exists()
    assert set(Note.objects.values_list("text", flat=True)) == {
        "Ask A former reader, not Zebulonia.",
        "I think it may stand.",
    }
    entry = AdminEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == ("A former reader", "")
    assert wish.done_at and not wish.address_key


def test_a_physicians_answers_keep_their_badge_without_the_name() -> None:
    user = factories.physician(NAME)
    question = factories.published("Which dose is usual?")
    answer = submit.submit(factories.draft(f"Ask your team. Dr {NAME}", user=user, question=question))
    assert answer.is_public and answer.name == f"Dr {NAME}"
    old_id = Credential.objects.get(user=user).public_id
    ask_and_erase(Subject.member(user), keep=True)
    credential = Credential.objects.get(user=user)
    assert (credential.full_name, credential.specialty) == ("A former physician", "Neurology")
    assert (credential.jurisdiction, credential.conflicts) == ("", "")
    assert not credential.is_in_force and credential.public_id != old_id
    page = Visitor().get(question.get_absolute_url()).text
    assert "A former physician" in page and "Volunteer physician" in page and "Neurology" in page
    assert NAME not in page


def test_mail_that_is_owed_does_not_leave() -> None:
    user = factories.person(NAME)
    post = factories.pending("Will you mail me?", user=user)
    factories.decide(post, Move.RETURN)
    unsent = Delivery.objects.filter(recipient__user=user)
    assert unsent.filter(state="owed").exists()
    numbers = list(unsent.values_list("pk", flat=True))
    ask_and_erase(Subject.member(user), keep=True)
    assert set(Delivery.objects.filter(pk__in=numbers).values_list("state", flat=True)) == {"cancelled"}


def test_account_mail_that_waits_is_forgotten_too() -> None:
    """A code to sign in, say: its row has an address of its own."""
    user = factories.person(NAME)
    Visitor().post("/accounts/login/code/", {"email": EmailAddress.objects.get(user=user).email})
    mail = Delivery.objects.get(kind="account")
    assert mail.stored and mail.recipient.address
    ask_and_erase(Subject.member(user), keep=True)
    mail.refresh_from_db()
    assert mail.stored is None and mail.state == "cancelled"
    assert Contact.objects.get(pk=mail.recipient_id).address == ""


def test_before_its_time_nothing_happens_and_it_can_be_taken_back(ledger_file: Path) -> None:
    user = factories.person(NAME)
    wish = requests.request_erasure(Subject.member(user), keep_posts=False)
    assert erase.erase_due() == 0
    assert requests.cancel_erasure(wish) and not requests.cancel_erasure(wish)
    Erasure.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert erase.erase_due() == 0
    assert User.objects.get(pk=user.pk).name == NAME
    assert [json.loads(line)["event"] for line in ledger_file.read_text().splitlines()] == ["taken back"]


def test_after_its_time_it_is_too_late_to_take_it_back() -> None:
    """The ledger may name the person by then."""
    wish = requests.request_erasure(Subject.member(factories.person(NAME)), keep_posts=False)
    Erasure.objects.update(due_at=timezone.now())
    assert not requests.cancel_erasure(wish)


def test_asked_twice_it_is_one_erasure_and_the_later_choice_counts() -> None:
    subject = Subject.member(factories.person(NAME))
    first, second = (
        requests.request_erasure(subject, keep_posts=True),
        requests.request_erasure(subject, keep_posts=False),
    )
    assert first.pk == second.pk
    assert not Erasure.objects.get().keep_posts
    assert Delivery.objects.filter(kind="erasure").count() == 1


def test_the_last_operator_is_not_erased_and_neither_is_whoever_becomes_it() -> None:
    one, two = (factories.person(f"Op {n}", is_superuser=True) for n in (1, 2))
    wish = requests.request_erasure(Subject.member(one), keep_posts=True)
    User.objects.filter(pk=two.pk).update(is_superuser=False)
    Erasure.objects.update(due_at=timezone.now())
    assert erase.erase_due() == 0
    wish.refresh_from_db()
    assert wish.is_open and User.objects.get(pk=one.pk).is_active
    wish.delete()
    with pytest.raises(requests.LastOperator):
        requests.request_erasure(Subject.member(one), keep_posts=True)


@pytest.mark.parametrize(
    "step", ["erase_posts.leave", "erase_traces.erase", "erasing.make_tombstone", "ledger.record_event"]
)
def test_a_crash_in_the_middle_leaves_everything_as_it_was_and_the_next_round_does_it(
    step: str, monkeypatch: pytest.MonkeyPatch, ledger_file: Path
) -> None:
    user = factories.person(NAME)
    post = factories.published("Does this survive?", user=user)
    wish = requests.request_erasure(Subject.member(user), keep_posts=False)
    Erasure.objects.update(due_at=timezone.now())

    def crash(*_arguments: Any, **_keywords: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(f"forum.privacy.erase.{step}", crash)
        with pytest.raises(OSError, match="full"):
            erase.erase_person(wish)
    assert User.objects.get(pk=user.pk).name == NAME and Post.objects.get(pk=post.pk).source
    assert erase.erase_due() == 1
    assert User.objects.get(pk=user.pk).name == "A former reader" and not Post.objects.get(pk=post.pk).source
    assert len(ledger_file.read_text().splitlines()) == 1, "noted once, however often it was tried"


def test_a_crash_after_the_commit_is_made_up_for(monkeypatch: pytest.MonkeyPatch, ledger_file: Path) -> None:
    user = factories.person(NAME)
    wish = requests.request_erasure(Subject.member(user), keep_posts=False)
    Erasure.objects.update(due_at=timezone.now())
    calls = iter([None, OSError()])

    def second_fails(_subject: Subject) -> None:
        if error := next(calls):
            raise error

    with monkeypatch.context() as broken:
        broken.setattr(erase, "_end_sessions", second_fails)
        with pytest.raises(OSError):
            erase.erase_person(wish)
    wish.refresh_from_db()
    assert wish.done_at is None and User.objects.get(pk=user.pk).erased_at
    handle = User.objects.get(pk=user.pk).handle
    assert erase.erase_due() == 1
    assert ledger.hash_of(handle) not in ledger_file.read_text(), "the handle after the erasure is nobody's"
    assert erase.erase_due() == 0


@pytest.mark.parametrize("is_member", [True, False])
def test_of_two_rounds_at_once_one_notes_it(
    is_member: bool, monkeypatch: pytest.MonkeyPatch, ledger_file: Path
) -> None:
    """The slower one has read everything when the other one erases the person, and only then gets the lock."""
    who: dict[str, Any] = {"user": factories.person(NAME)} if is_member else {"name": NAME, "address": GUEST}
    factories.pending("Was this noted twice?", **who)
    wish = requests.request_erasure(
        Subject.member(who["user"]) if is_member else Subject.guest(key_of(GUEST)), keep_posts=True
    )
    Erasure.objects.update(due_at=timezone.now())
    prepare = erase_posts.prepare

    def and_the_other_is_quicker(*arguments: Any) -> Any:
        found = prepare(*arguments)
        monkeypatch.setattr(erase_posts, "prepare", prepare)
        assert erase.erase_person(Erasure.objects.get(pk=wish.pk))
        # It has committed, and not yet said that it is done.
        Erasure.objects.filter(pk=wish.pk).update(done_at=None, address_key=wish.address_key)
        return found

    monkeypatch.setattr(erase_posts, "prepare", and_the_other_is_quicker)
    assert erase.erase_person(Erasure.objects.get(pk=wish.pk))
    assert len(ledger_file.read_text().splitlines()) == 1


def test_the_ledger_is_told_again_what_has_changed_since_it_was_noted(ledger_file: Path) -> None:
    for keep in (True, True, False, True):
        ledger.record_event(ledger.ERASED, ["one", "two"], keep_posts=keep)
    ledger.record_event(ledger.ERASED, ["two", "one", "three"], keep_posts=True)
    assert [(line.keep_posts, len(line.who)) for line in ledger.lines()] == [
        (True, 2),
        (False, 2),
        (True, 2),
        (True, 3),
    ]


def test_what_a_request_under_way_wrote_after_the_erasure_is_erased_by_the_next_round() -> None:
    user = factories.person(NAME)
    late = factories.pending("Written in the same moment?", user=user)
    ask_and_erase(Subject.member(user), keep=True)
    Post.objects.filter(pk=late.pk).update(author=user, name=NAME, source="Late words")
    erase.erase_due()
    late.refresh_from_db()
    assert (late.author, late.name) == (None, "A former reader")
    assert erase.erase_due() == 0


def test_a_post_changed_while_its_new_text_was_prepared_waits_for_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = factories.person(NAME)
    post = factories.published(f"Signed by {NAME}?", user=user)
    requests.request_erasure(Subject.member(user), keep_posts=True)
    Erasure.objects.update(due_at=timezone.now())
    prepare = erase_posts.prepare

    def and_then_changed(*arguments: Any) -> Any:
        found = prepare(*arguments)
        Post.objects.filter(pk=post.pk).update(version=post.version + 1)
        return found

    with monkeypatch.context() as busy:
        busy.setattr(erase_posts, "prepare", and_then_changed)
        assert erase.erase_due() == 0
    assert User.objects.get(pk=user.pk).name == NAME
    assert erase.erase_due() == 1
    assert "Signed by A former reader?" in Post.objects.get(pk=post.pk).source


def test_the_ledger_names_nobody_and_is_for_its_owner_alone(ledger_file: Path) -> None:
    user = factories.person(NAME)
    address = EmailAddress.objects.get(user=user).email
    handle = user.handle
    ask_and_erase(Subject.member(user), keep=True)
    text = ledger_file.read_text()
    assert ledger.hash_of(handle) in text
    for secret in (NAME, address, handle, key_of(address), "@"):
        assert secret not in text
    assert ledger_file.stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_off_spoils_no_other(ledger_file: Path) -> None:
    ledger.record_event(ledger.ERASED, ["one"], keep_posts=True)
    with ledger_file.open("a") as file:
        file.write('{"event": "eras')
    ledger.record_event(ledger.ERASED, ["two"])
    assert [line.who for line in ledger.lines()] == [[ledger.hash_of("one")], [ledger.hash_of("two")]]


def test_a_reason_in_the_log_does_not_name_its_author() -> None:
    """No line of the log can ever be changed: the name must not get into it."""
    post = factories.pending("Is this mine?", user=factories.person(NAME))
    entry = factories.decide(post, Move.RETURN, reason=f"Dear {NAME}, please shorten it.")
    assert LogEntry.objects.get(pk=entry.pk).reason == "Dear …, please shorten it."


@pytest.mark.parametrize("is_member", [True, False])
def test_where_they_could_answer_and_that_mail_came_back_goes_with_them(is_member: bool) -> None:
    who: dict[str, Any] = {"user": factories.person(NAME)} if is_member else {"name": NAME, "address": GUEST}
    mine = factories.published("Mine?", **who)
    subject = Subject.member(who["user"]) if is_member else Subject.guest(key_of(GUEST))
    assert mine.contact
    ReplyAddress.objects.create(contact=mine.contact, question=mine, expires_at=timezone.now() + timedelta(days=30))
    InboundMail.objects.create(key="1", outcome="taken", contact=mine.contact, post=mine)
    suppressions.suppress(subject.keys[0], Suppression.Reason.HARD)
    somebody = suppressions.suppress(key_of("somebody@else.test"), Suppression.Reason.HARD)
    ask_and_erase(subject, keep=True)
    assert not ReplyAddress.objects.exists()
    assert list(Suppression.objects.all()) == [somebody]
    assert not InboundMail.objects.exclude(contact=None, post=None).exists()
