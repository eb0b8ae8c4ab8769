"""The link in a moderator's mail: what it shows, the three decisions that it takes, and whom and when it refuses."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import timezone

from accounts.models import User
from forum.models import Delivery, LogEntry, Post, Reason
from forum.moderation import claims, log_text, sanctions
from forum.notifications import links, mails
from forum.posts import submit, transitions
from forum.states import Move, State
from tests import factories
from tests.forum.notifications.mail_samples import Kind, owed
from tests.forum.notifications.test_mails_smog import smog
from tests.forum.views.moderation.desk import fresh, words
from tests.support.visitors import (  # noqa: F401 - fixtures
    Visitor,
    counts,
    error_beside,
    hidden,
    ordinary_site,
    typed,
    written,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

TEXT = "Which dose? Call me at +44 20 7946 0958 or write to canary@guests.test."
REASON = "Please leave out the number."
ACTS = {"return": State.RETURNED, "reject": State.REJECTED, "spam": State.SPAM}


@pytest.fixture
def mo() -> User:
    """The moderator to whom the mail went."""
    return factories.moderator("Mo Zaunkoenig")


@pytest.fixture
def post() -> Post:
    """A guest's question that waits."""
    return factories.pending(TEXT, name="Ann Zebra")


def press(visitor: Visitor, path: str, move: str = "return", version: Any = 1, reason: str = REASON) -> Any:
    """Press one of the page's buttons."""
    return visitor.post(path, {"move": move, "version": version, "reason": reason})


def heading(page: Any) -> str:
    """Return the page's h1."""
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return found[1]


# --- The mail


def test_the_urgent_mail_carries_the_link_of_its_reader_alone(settings: Any) -> None:
    settings.SITE_URL = "https://testserver"
    delivery = owed(Kind.URGENT)
    mail = mails.compose(delivery)
    (path,) = set(re.findall(r"https://testserver(/moderation/from-mail/\S+)", mail.text))
    assert path in mail.html
    assert "works for 24 hours" in mail.text and "To publish it you sign in" in mail.text
    page = Visitor().get(path)
    assert page.status_code == 200 and "zebra-crossing" in page.text


@pytest.mark.parametrize("kind", [Kind.URGENT, Kind.QUEUE, Kind.ESCALATION])
def test_the_mail_with_a_link_is_in_plain_words(kind: Delivery.Kind) -> None:
    mail = mails.compose(owed(kind))
    assert "/moderation/from-mail/" in mail.text
    assert smog(re.sub(r"https?://\S+", "", mail.text)) <= 9


def test_the_queues_mail_carries_one_when_a_single_post_waits() -> None:
    delivery = owed(Kind.QUEUE)
    assert "/moderation/from-mail/" in mails.compose(delivery).text
    factories.pending()
    assert "/moderation/from-mail/" not in mails.compose(delivery).text


def test_who_may_not_use_one_gets_the_way_through_the_sign_in(settings: Any, mo: User, post: Post) -> None:
    """The author; and who could do nothing after signing in, as long as the second factor is not set up."""
    assert links.moderator_path(mo, factories.pending(user=mo)) == ""
    settings.SECOND_FACTOR_REQUIRED = True
    assert links.moderator_path(mo, post) == ""
    TOTP.activate(mo, "JBSWY3DPEHPK3PXP")
    assert links.moderator_path(mo, post)


# --- The page


def test_it_shows_the_text_and_why_it_waits_and_nothing_of_who_wrote_it(mo: User, post: Post) -> None:
    Post.objects.filter(pk=post.pk).update(waiting_since=timezone.now() - timedelta(seconds=20))
    page = Visitor().get(links.moderator_path(mo, post))
    assert page.status_code == 200
    text = words(page)
    assert "Which dose?" in text and "+44 20 7946 0958" in text and "less than a minute" in text
    for private in ("canary", "Zebra", "Guest", "Zaunkoenig", post.status_token):
        assert private not in page.text
    assert f'href="/moderation/{post.public_id}/"' in page.text and "Sign in to publish" in text
    assert set(re.findall(r'name="move" value="([^"]*)"', page.text)) == set(ACTS)


def test_it_is_kept_by_nobody(mo: User, post: Post) -> None:
    page = Visitor().get(links.moderator_path(mo, post))
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert '<meta name="robots" content="noindex">' in page.text


def test_no_log_line_holds_the_token(mo: User, post: Post, written: Any) -> None:  # noqa: F811
    path = links.moderator_path(mo, post)
    # Without the secret of the form: Django then writes the whole path.
    assert Visitor(enforce_csrf_checks=True).post(path).status_code == 403
    Visitor().get(f"{path}nowhere/")
    Visitor().get(path)
    assert "Forbidden" in written.getvalue()
    assert path.split("/")[3] not in written.getvalue()


def test_a_colleague_who_has_it_open_is_told_without_the_name(mo: User, post: Post) -> None:
    claims.claim_post(post, factories.moderator("Ada Goldammer"))
    page = Visitor().get(links.moderator_path(mo, post))
    assert "A colleague has it open" in page.text and "Goldammer" not in page.text


def test_opening_it_changes_nothing(mo: User, post: Post) -> None:
    path, before = links.moderator_path(mo, post), (counts(), fresh(post).version)
    for visitor in (Visitor(), Visitor(mo)):
        assert visitor.get(path).status_code == visitor.head(path).status_code == 200
        assert visitor.get(path, {"move": "spam", "version": "1"}).status_code == 200
    assert (counts(), fresh(post).version) == before


# --- Deciding


@pytest.mark.parametrize("move", ACTS)
def test_a_button_decides_in_the_moderators_name_once(mo: User, post: Post, move: str, settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    path, visitor = links.moderator_path(mo, post), Visitor()
    version = hidden(visitor.get(path), "version")
    pages = [press(visitor, path, move, version) for _ in range(2)]
    assert [(page.status_code, page["Location"]) for page in pages] == [(302, path)] * 2
    (entry,) = LogEntry.objects.filter(post=post, actor=mo)
    assert (entry.move, entry.details, fresh(post).state) == (move, {"by_mail_link": True}, ACTS[move])
    assert [change.name for change in log_text.changes(entry)] == ["by the link in an e-mail"]
    said = visitor.get(path)
    assert said.status_code == 200 and heading(said) == f"Done: you {entry.get_move_display()}"
    assert "Until then you can undo it" in said.text and "Which dose" not in said.text
    mails = Delivery.objects.filter(entry=entry)
    assert mails.count() == (0 if move == "spam" else 1)
    assert all(mail.next_attempt_at > timezone.now() + timedelta(seconds=590) for mail in mails)


def test_it_can_be_undone_after_signing_in_and_the_link_then_works_again(mo: User, post: Post, settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    path = links.moderator_path(mo, post)
    press(Visitor(), path)
    assert Visitor(mo).post(f"/moderation/{post.public_id}/undo/", {"version": 2}).status_code == 302
    assert fresh(post).state == State.PENDING
    stale = press(Visitor(), path, "spam", version=2)
    assert stale.status_code == 409 and "is still in the queue" in stale.text
    assert press(Visitor(), path, "spam", version=3).status_code == 302
    assert fresh(post).state == State.SPAM


def test_without_a_time_to_undo_the_page_says_so(mo: User, post: Post) -> None:
    path = links.moderator_path(mo, post)
    press(Visitor(), path)
    assert "cannot be undone any more" in Visitor().get(path).text


def test_a_reason_of_the_library_will_do(mo: User, post: Post) -> None:
    Reason.objects.create(code="long", move="return", title="Too long", text="Please shorten it.", is_active=True)
    Reason.objects.create(code="gone", move="remove", title="For what is public", text="No.", is_active=True)
    path = links.moderator_path(mo, post)
    page = Visitor().get(path)
    assert "Too long" in page.text and "For what is public" not in page.text
    Visitor().post(path, {"move": "return", "version": 1, "reason_code": "long", "reason": ""})
    assert LogEntry.objects.get(actor=mo).reason == "Please shorten it."


@pytest.mark.parametrize(
    "move", ["publish", "mask", "ask-colleague", "ask-physician", "remove", "keep", "undo", "", "x"]
)
def test_nothing_else_can_be_done_with_it(mo: User, post: Post, move: str) -> None:
    before = counts()
    page = press(Visitor(), links.moderator_path(mo, post), move)
    assert page.status_code == 422 and typed(page, "reason") == REASON
    assert counts() == before and fresh(post).state == State.PENDING


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30, "\0"])
def test_a_version_that_is_none_decides_nothing(mo: User, post: Post, version: str) -> None:
    page = press(Visitor(), links.moderator_path(mo, post), version=version)
    assert page.status_code in {409, 422} and fresh(post).state == State.PENDING


@pytest.mark.parametrize(
    ("reason", "error"), [("", "Write a reason"), ("Ask ann@guests.test.", "leave out e-mail addresses")]
)
def test_the_author_is_owed_a_reason(mo: User, post: Post, reason: str, error: str) -> None:
    page = press(Visitor(), links.moderator_path(mo, post), reason=reason)
    assert page.status_code == 422 and error in error_beside(page, "reason")
    assert "<title>Error: " in page.text and typed(page, "reason") == reason


def test_a_text_that_has_changed_since_is_not_decided_on(mo: User, post: Post) -> None:
    path = links.moderator_path(mo, post)
    submit.edit(post, "Which dose, then?", actor=None, version=1)
    page = press(Visitor(), path, version=1)
    assert page.status_code == 409 and REASON in page.text
    assert f'href="{path}"' in page.text and fresh(post).state == State.PENDING
    assert "Which dose, then?" in Visitor().get(path).text


@pytest.mark.parametrize("move", [Move.PUBLISH, Move.RETURN, Move.REJECT, Move.SPAM])
def test_a_colleague_was_faster(mo: User, post: Post, move: Move) -> None:
    """Nor can what a colleague sent back be turned down by a mail: that is for who looks at the whole of it."""
    path = links.moderator_path(mo, post)
    factories.decide(post, move, by=factories.moderator("Ada Goldammer"))
    before = LogEntry.objects.count()
    for version in (1, fresh(post).version):
        page = press(Visitor(), path, "reject", version)
        assert page.status_code == 409 and REASON in page.text and "Goldammer" not in page.text
    seen = Visitor().get(path)
    assert seen.status_code == 409 and "is not in the queue any more" in heading(seen) and "Which dose" not in seen.text
    assert LogEntry.objects.count() == before


def test_what_its_author_took_back_is_not_shown(mo: User, post: Post) -> None:
    path = links.moderator_path(mo, post)
    submit.withdraw(post, actor=None, version=1)
    page = Visitor().get(path)
    assert page.status_code == 409 and "Which dose" not in page.text and "withdrawn by its author" in page.text


def test_so_many_in_a_day_and_what_was_typed_is_kept(mo: User, post: Post, settings: Any) -> None:
    settings.MODERATOR_LINK_DECISIONS = 1
    assert press(Visitor(), links.moderator_path(mo, factories.pending())).status_code == 302
    page = press(Visitor(), links.moderator_path(mo, post))
    assert page.status_code == 429 and typed(page, "reason") == REASON and fresh(post).state == State.PENDING
    other = factories.moderator()
    assert press(Visitor(), links.moderator_path(other, post)).status_code == 302


# --- Who, with which link, by which verb


def _new_password(user: User) -> None:
    user.set_password("another horse battery")
    user.save()


def _barred(kind: str) -> Callable[[User], None]:
    def bar(user: User) -> None:
        staff = factories.person("", "staff", "moderators", is_staff=True, is_superuser=True)
        sanctions.impose(user, sanctions.Measure(kind, 7, "A pause."), actor=staff)

    return bar


# What has happened to the moderator since the mail left.
SINCE: dict[str, Callable[[User], Any]] = {
    "nothing": lambda user: None,
    "no longer in the role": lambda user: user.groups.clear(),
    "switched off": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    "another password": _new_password,
    "paused": _barred("pause"),
    "closed": _barred("close"),
    "erased": lambda user: user.delete(),
}
# Who is signed in in the browser.
BROWSERS: dict[str, Callable[[User], User | None]] = {
    "nobody": lambda mo: None,
    "the moderator": lambda mo: mo,
    "another moderator": lambda mo: factories.moderator(),
    "a member": lambda mo: factories.person(),
    "a physician": lambda mo: factories.physician(),
}
# The link, and what the post behind it is.
OBJECTS: dict[str, tuple[int, int]] = {
    # object: (status of GET for the right person, of POST)
    "waiting": (200, 302),
    "over": (410, 410),
    "forged": (404, 404),
    "for another post": (404, 404),
    "cut off": (404, 404),
    "decided": (409, 409),
    "claimed as one's own": (403, 403),
}


def link_to(what: str, mo: User, post: Post) -> str:
    """Return the path of such a link."""
    path = links.moderator_path(mo, post)
    token = path.split("/")[3]
    if what == "over":
        with time_machine.travel(timezone.now() - timedelta(hours=25)):
            return links.moderator_path(mo, post)
    if what == "forged":
        return path.replace(token, token[:-2] + ("AA" if token[-2:] != "AA" else "BB"))
    if what == "for another post":
        return path.replace(post.public_id, factories.pending().public_id)
    if what == "cut off":
        return path.replace(token, token[:-9])
    if what == "decided":
        factories.decide(post, Move.PUBLISH)
    if what == "claimed as one's own":
        Post.objects.filter(pk=post.pk).update(author=mo)
    return path


@pytest.mark.parametrize("what", OBJECTS)
@pytest.mark.parametrize("browser", BROWSERS)
def test_who_gets_what(browser: str, what: str, mo: User, post: Post) -> None:
    path, user = link_to(what, mo, post), BROWSERS[browser](mo)
    before = (counts(), list(Post.objects.values("pk", "state", "version")))
    is_theirs = user is None or user == mo
    unreadable = OBJECTS[what][0] == 404
    expected = OBJECTS[what] if is_theirs or unreadable else (403, 403)
    visitor = Visitor(user)
    seen = [visitor.get(path).status_code, visitor.head(path).status_code]
    assert seen == [expected[0]] * 2
    assert (counts(), list(Post.objects.values("pk", "state", "version"))) == before
    page = press(visitor, path)
    assert page.status_code == expected[1]
    if expected[1] != 302:
        assert (counts(), list(Post.objects.values("pk", "state", "version"))) == before
        assert "Which dose" not in page.text
    assert visitor.put(path).status_code == visitor.delete(path).status_code == 405


@pytest.mark.parametrize("since", SINCE)
def test_it_ends_with_what_its_moderator_may_do(since: str, mo: User, post: Post) -> None:
    path = links.moderator_path(mo, post)
    SINCE[since](mo)
    page, pressed = Visitor().get(path), press(Visitor(), path)
    if since == "nothing":
        assert (page.status_code, pressed.status_code) == (200, 302)
        return
    assert page.status_code == pressed.status_code == 410
    assert fresh(post).state == State.PENDING
    assert heading(page) == "This link does not work any more" and "Which dose" not in page.text


def test_every_end_of_a_moderator_looks_alike(post: Post) -> None:
    pages = set()
    for since, happens in SINCE.items():
        moderator = factories.moderator()
        path = links.moderator_path(moderator, post)
        happens(moderator)
        if since != "nothing":
            pages.add(re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", Visitor().get(path).text))
    assert len(pages) == 1


def test_without_the_second_factor_it_opens_nothing(mo: User, post: Post, settings: Any) -> None:
    path = links.moderator_path(mo, post)
    settings.SECOND_FACTOR_REQUIRED = True
    assert Visitor().get(path).status_code == press(Visitor(), path).status_code == 410
    TOTP.activate(mo, "JBSWY3DPEHPK3PXP")
    assert Visitor().get(path).status_code == 200 and press(Visitor(), path).status_code == 302


def test_it_works_until_its_last_hour(mo: User, post: Post, settings: Any) -> None:
    settings.MODERATOR_LINK_HOURS = 24
    path = links.moderator_path(mo, post)
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        assert Visitor().get(path).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        page = Visitor().get(path)
        assert page.status_code == 410 and f'href="/moderation/{post.public_id}/"' in page.text


@pytest.mark.parametrize("token", ["x", "1-abc-def", "....", "%00", "a" * 3000, "1-abcdefghij-mark.x.y", "é"])
def test_nonsense_is_a_clear_page(token: str) -> None:
    page = Visitor().get(f"/moderation/from-mail/{token}/")
    assert page.status_code == 404 and heading(page) == "This link does not work"


def test_another_links_signature_does_not_open_it(mo: User, post: Post) -> None:
    """Each kind of signed link has a salt of its own."""
    assert Visitor().get(f"/moderation/from-mail/{sanctions.key_of(mo)}/").status_code == 404


def test_the_door_behind_it_still_refuses_ones_own(mo: User) -> None:
    own = factories.pending(user=mo)
    with pytest.raises(transitions.OwnPost):
        factories.transition(own, Move.SPAM, actor=mo, version=1)
