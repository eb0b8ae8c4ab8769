"""Who may see and do what: every role, state, kind and URL of a post, as one table (DESIGN 3).

The table gives the status that each role gets. Roles, in the order of the columns:

    anon    nobody signed in                      mod     a moderator
    other   another member                        phys    a verified physician
    author  the member who wrote it               edit    an editor (of articles)
    token   nobody signed in, with the author's private link: the same as `anon`, but for the pages behind the link

and a moderator without a second factor is in tests/accounts/auth/test_second_factor.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from pytest_django.plugin import DjangoDbBlocker

from accounts import roles
from accounts.models import User
from forum.models import Post
from forum.posts import submit
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, counts, ordinary_site, question_form  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.table, pytest.mark.usefixtures("ordinary_site")]

ROLES = ("anon", "other", "author", "mod", "phys", "edit")
LOGIN = 302  # to the sign-in page
AWAY = 302  # to where the post stands
DONE = 302  # done, and on to the next page
KINDS = ("question", "reply", "orphan")  # an orphan is a reply whose question was withdrawn

# (what, kind, states) -> what anon, other, author, mod, phys and edit get.
# "held" stands for every state but published. `AWAY` is a redirect to the question's page.
READING: dict[tuple[str, str, str], tuple[int, ...]] = {
    # GET /questions/<id>/<slug>/
    ("page", "question", "published"): (200, 200, 200, 200, 200, 200),
    ("page", "question", "held"): (404, 404, 200, 200, 404, 404),
    ("page", "reply", "published"): (404, 404, 404, 404, 404, 404),  # a reply has no page of its own
    ("page", "reply", "held"): (404, 404, 404, 404, 404, 404),
    ("page", "orphan", "published"): (404, 404, 404, 404, 404, 404),
    ("page", "orphan", "held"): (404, 404, 404, 404, 404, 404),
    # GET /posts/<id>/
    ("redirect", "question", "published"): (AWAY, AWAY, AWAY, AWAY, AWAY, AWAY),
    ("redirect", "question", "held"): (404, 404, AWAY, AWAY, 404, 404),
    ("redirect", "reply", "published"): (AWAY, AWAY, AWAY, AWAY, AWAY, AWAY),
    ("redirect", "reply", "held"): (404, 404, AWAY, AWAY, 404, 404),
    ("redirect", "orphan", "published"): (404, 404, AWAY, AWAY, 404, 404),
    ("redirect", "orphan", "held"): (404, 404, AWAY, AWAY, 404, 404),
    # GET /moderation/<id>/: whether the post exists or not, whoever is no moderator gets the same
    ("moderation", "question", "published"): (LOGIN, 403, 403, 200, 403, 403),
    ("moderation", "question", "held"): (LOGIN, 403, 403, 200, 403, 403),
    ("moderation", "reply", "published"): (LOGIN, 403, 403, 200, 403, 403),
    ("moderation", "reply", "held"): (LOGIN, 403, 403, 200, 403, 403),
    ("moderation", "orphan", "published"): (LOGIN, 403, 403, 200, 403, 403),
    ("moderation", "orphan", "held"): (LOGIN, 403, 403, 200, 403, 403),
    # GET /questions/<id>/reply/: the form on its own page; nobody replies to what is not public
    ("reply form", "question", "published"): (200, 200, 200, 200, 200, 200),
    ("reply form", "question", "held"): (404, 404, 404, 404, 404, 404),
    ("reply form", "reply", "published"): (404, 404, 404, 404, 404, 404),
    ("reply form", "reply", "held"): (404, 404, 404, 404, 404, 404),
    ("reply form", "orphan", "published"): (404, 404, 404, 404, 404, 404),
    ("reply form", "orphan", "held"): (404, 404, 404, 404, 404, 404),
}
WRITING: dict[tuple[str, str, str], tuple[int, ...]] = {
    # POST /questions/<id>/reply/
    ("reply", "question", "published"): (DONE, DONE, DONE, DONE, DONE, DONE),
    ("reply", "question", "held"): (404, 404, 404, 404, 404, 404),
    ("reply", "reply", "published"): (404, 404, 404, 404, 404, 404),  # one level of replies
    ("reply", "orphan", "published"): (404, 404, 404, 404, 404, 404),
    # POST /questions/<id>/follow/
    ("follow", "question", "published"): (LOGIN, DONE, DONE, DONE, DONE, DONE),
    ("follow", "question", "held"): (LOGIN, 404, 404, 404, 404, 404),
    ("follow", "reply", "published"): (LOGIN, 404, 404, 404, 404, 404),
    ("follow", "orphan", "published"): (LOGIN, 404, 404, 404, 404, 404),
    # POST /moderation/<id>/decide/ with a move that the state allows, or (elsewhere) a conflict
    ("decide", "question", "pending"): (LOGIN, 403, 403, DONE, 403, 403),
    ("decide", "question", "published"): (LOGIN, 403, 403, DONE, 403, 403),
    ("decide", "question", "returned"): (LOGIN, 403, 403, DONE, 403, 403),
    ("decide", "question", "rejected"): (LOGIN, 403, 403, DONE, 403, 403),
    ("decide", "question", "spam"): (LOGIN, 403, 403, DONE, 403, 403),
    ("decide", "question", "withdrawn"): (LOGIN, 403, 403, 409, 403, 403),
    ("decide", "question", "removed"): (LOGIN, 403, 403, 409, 403, 403),
    ("decide", "reply", "pending"): (LOGIN, 403, 403, DONE, 403, 403),
    ("decide", "orphan", "pending"): (LOGIN, 403, 403, DONE, 403, 403),
}
# Behind the author's private link, whoever holds it: state -> status page, edit form, saving an edit, withdraw page,
# withdrawing. The same for members' and guests' posts, questions and replies.
BEHIND_THE_LINK = {
    State.PENDING: (200, 200, DONE, 200, DONE),
    # Its author is told first that the change hides it: tests/forum/views/public/test_answers_matrix.py has the rest.
    State.PUBLISHED: (200, 200, 200, 200, DONE),
    State.RETURNED: (200, 200, DONE, 200, DONE),
    State.REJECTED: (200, 409, 409, 409, 409),
    State.SPAM: (200, 409, 409, 409, 409),
    State.WITHDRAWN: (200, 409, 409, 409, 409),
    State.REMOVED: (200, 409, 409, 409, 409),
}
WAYS_TO_READ = ("page", "redirect", "moderation", "reply form")
HELD: list[State] = [state for state in State if state != State.PUBLISHED]


@dataclass
class Cast:
    """One person of each role, signed in once for all tests, and the posts that they meet."""

    people: dict[str, User | None]
    moderator: User
    sessions: dict[str, str]

    def visitor(self, role: str) -> Visitor:
        """Return a fresh browser of the role, which has nothing but the cookie of its session."""
        visitor = Visitor()
        if role in self.sessions:
            visitor.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return visitor


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The people of the table, the same in every test; what a test itself stores ends with it."""
    with django_db_blocker.unblock(), transaction.atomic():
        moderator = factories.moderator("Mo")
        people: dict[str, User | None] = {
            "anon": None,
            "other": factories.person("Olga"),
            "author": factories.person("Ada"),
            "mod": moderator,
            "phys": factories.physician("Phil"),
            "edit": factories.person("Ed", roles.EDITORS, roles.STAFF, is_staff=True),
        }
        browsers = {role: Visitor(user) for role, user in people.items() if user}
        sessions = {role: browser.cookies[settings.SESSION_COOKIE_NAME].value for role, browser in browsers.items()}
        yield Cast(people, moderator, sessions)
        transaction.set_rollback(True)


def make(cast: Cast, kind: str, state: State, *, by_guest: bool = False) -> Post:
    """Return a post of the kind in the state, brought there as in life; the author is the member of the cast."""
    question = None if kind == "question" else factories.published("Who else sleeps badly?", by=cast.moderator)
    author: dict[str, Any] = {} if by_guest else {"user": cast.people["author"]}
    post = factories.pending(f"A {kind} that is {state} in the end?", question=question, **author)
    into(cast, post, state)
    if kind == "orphan":
        assert question is not None
        submit.withdraw(question, actor=None, version=question.version)
    return Post.objects.get(pk=post.pk)


def into(cast: Cast, post: Post, state: State) -> None:
    """Bring a pending post into a state."""
    moves = {
        State.PUBLISHED: [Move.PUBLISH],
        State.RETURNED: [Move.RETURN],
        State.REJECTED: [Move.REJECT],
        State.SPAM: [Move.SPAM],
        State.REMOVED: [Move.PUBLISH, Move.REMOVE],
    }
    for move in moves.get(state, []):
        factories.decide(post, move, by=cast.moderator)
    if state == State.WITHDRAWN:
        submit.withdraw(post, actor=post.author, version=post.version)
    assert post.state == state


def states_of(word: str) -> list[State]:
    """Return the states that a word of the table stands for."""
    return HELD if word == "held" else [State(word)]


def url_of(what: str, post: Post) -> str:
    """Return the address that a row of the table is about."""
    return {
        "page": f"/questions/{post.public_id}/{post.slug}/",
        "redirect": f"/posts/{post.public_id}/",
        "moderation": f"/moderation/{post.public_id}/",
        "reply form": f"/questions/{post.public_id}/reply/",
        "reply": f"/questions/{post.public_id}/reply/",
        "follow": f"/questions/{post.public_id}/follow/",
        "decide": f"/moderation/{post.public_id}/decide/",
    }[what]


def ask_for(visitor: Visitor, what: str, post: Post) -> Any:
    """Make the request that a row of the table is about."""
    url = url_of(what, post)
    if what == "reply":
        return visitor.post(url, question_form(text=f"A reply to {post.public_id}."))
    if what == "follow":
        return visitor.post(url)
    if what == "decide":
        move = Move.REMOVE if post.state == State.PUBLISHED else Move.PUBLISH
        return visitor.post(url, {"move": move, "version": post.version, "reason": "Because."})
    return visitor.get(url)


def test_the_table_is_complete() -> None:
    """Every way to read is there for each kind in each state."""
    for what in WAYS_TO_READ:
        for kind in KINDS:
            assert {state for (w, k, s) in READING if (w, k) == (what, kind) for state in states_of(s)} == set(State)
    assert set(BEHIND_THE_LINK) == set(State)
    assert all(len(row) == len(ROLES) for row in [*READING.values(), *WRITING.values()])


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", KINDS)
def test_reading(cast: Cast, kind: str, state: State) -> None:
    post = make(cast, kind, state)
    before = counts()
    for what in WAYS_TO_READ:
        word = str(state) if (what, kind, str(state)) in READING else "held"
        expected = dict(zip(ROLES, READING[what, kind, word], strict=True))
        assert {role: ask_for(cast.visitor(role), what, post).status_code for role in ROLES} == expected, what
        # Asking for the head of a page tells no more than the page.
        assert cast.visitor("other").head(url_of(what, post)).status_code == expected["other"], what
    assert counts() == before


@pytest.mark.parametrize("row", WRITING, ids=" ".join)
def test_writing(cast: Cast, row: tuple[str, str, str]) -> None:
    what, kind, word = row
    for state in states_of(word):
        post = make(cast, kind, state)
        for role, expected in zip(ROLES, WRITING[row], strict=True):
            before = counts()
            response = ask_for(cast.visitor(role), what, post)
            assert response.status_code == expected, (role, state)
            to_login = response.get("Location", "").startswith("/accounts/login/")
            assert to_login == (expected == LOGIN and role == "anon" and what != "reply")
            if response.status_code != 302 or to_login:
                assert counts() | {"Contact": 0} == before | {"Contact": 0}
                assert Post.objects.get(pk=post.pk).state == state
            else:  # the next one meets the post as it was before
                post = make(cast, kind, state)


@pytest.mark.parametrize("by_guest", [False, True], ids=["member", "guest"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", list(BEHIND_THE_LINK))
def test_behind_the_private_link(cast: Cast, kind: str, state: State, by_guest: bool) -> None:
    """The link alone opens the pages, for whoever holds it."""
    post = make(cast, kind, state, by_guest=by_guest)
    link, visitor = f"/p/{post.status_token}/", cast.visitor("anon")
    expected = BEHIND_THE_LINK[state]
    pages = (visitor.get(link), visitor.get(link + "edit/"), None, visitor.get(link + "withdraw/"), None)
    assert [page.status_code for page in pages if page] == [expected[0], expected[1], expected[3]]
    for page in pages:
        assert page is None or ("noindex" in page["X-Robots-Tag"] and page["Referrer-Policy"] == "no-referrer")
        assert page is None or "no-store" in page["Cache-Control"]
    saved = visitor.post(link + "edit/", {"text": "Changed by its author.", "version": post.version})
    assert saved.status_code == expected[2]
    assert visitor.post(link + "withdraw/").status_code == expected[4]


@pytest.mark.parametrize("state", [State.PENDING, State.PUBLISHED])
@pytest.mark.parametrize("kind", KINDS)
def test_without_the_private_link_its_pages_do_not_exist(cast: Cast, kind: str, state: State) -> None:
    """Not by the id that everybody knows, and for nobody: neither its author nor a moderator."""
    wrong = f"/p/{make(cast, kind, state).public_id}/"
    for role in ROLES:
        visitor = cast.visitor(role)
        assert [visitor.get(wrong + end).status_code for end in ("", "edit/", "withdraw/")] == [404] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_cannot_be_told_from_what_never_was(cast: Cast, kind: str) -> None:
    """Status, bytes and headers are the same, so nobody learns that something waits, or who wrote."""
    for state in HELD if kind == "question" else [State.PENDING, State.SPAM, State.PUBLISHED]:
        post = make(cast, kind, state)
        if post.is_public:
            continue
        for role in ("anon", "other"):
            for what in ("page", "redirect", "moderation", "reply form", "reply", "follow", "decide"):
                there, nowhere = (
                    comparable(
                        ask_for(cast.visitor(role), what, Post(public_id=name, title=post.title, state=state)), name
                    )
                    for name in (post.public_id, "nosuchpost")
                )
                assert there == nowhere, (role, what, state)


def comparable(response: HttpResponse, public_id: str) -> tuple[int, str, dict[str, str]]:
    """Return what a stranger sees of an answer, without the id that was asked for and the CSRF token."""
    text = response.text.replace(public_id, "ID")
    text = text if 'name="csrfmiddlewaretoken"' not in text else without_token(text)
    headers = {name: value.replace(public_id, "ID") for name, value in response.items() if name != "Content-Length"}
    return response.status_code, text, headers


def without_token(text: str) -> str:
    """Return a page without the value of its CSRF token, which differs each time."""
    before, _, after = text.partition('name="csrfmiddlewaretoken" value="')
    return before + after.partition('"')[2]


def test_replies_under_a_withdrawn_question_are_shown_nowhere(cast: Cast) -> None:
    """Not on the page, the list, the article, the first page or the feed."""
    article = factories.article()
    question = factories.published("A question under the article?", article=article)
    reply = factories.published("Geheim7f3a, said the reply.", question=question)
    places = ["/questions/", article.get_absolute_url(), question.get_absolute_url()]
    assert all("Geheim7f3a" in Visitor().get(place).text for place in places)
    submit.withdraw(question, actor=None, version=question.version)
    for place in ["/", "/questions/", article.get_absolute_url(), "/feeds/questions/", "/sitemap.xml"]:
        page = Visitor().get(place)
        assert page.status_code == 200
        assert "Geheim7f3a" not in page.text and question.title not in page.text and question.public_id not in page.text
    assert Visitor().get(f"/posts/{reply.public_id}/").status_code == 404


def test_held_posts_are_shown_nowhere_to_others(cast: Cast) -> None:
    article = factories.article()
    held = {state: make(cast, "question", state) for state in HELD}
    for post in held.values():
        Post.objects.filter(pk=post.pk).update(article=article, title=f"Geheim7f3a {post.public_id}")
    for role in ROLES:
        for place in ["/", "/questions/", article.get_absolute_url(), "/feeds/questions/", "/sitemap.xml"]:
            page = cast.visitor(role).get(place)
            assert page.status_code == 200
            assert not [state for state, post in held.items() if post.public_id in page.text], (role, place)


def test_a_question_can_have_any_title(cast: Cast) -> None:
    """A title that reads like another URL of the question does not lead there."""
    for text in ("Reply", "Follow?", "reply!", "???", "🤷"):
        question = factories.published(text)
        page = Visitor().get(f"/questions/{question.public_id}/", follow=True)
        assert page.status_code == 200 and f'id="post-{question.public_id}"' in page.text
        assert "<h1></h1>" not in page.text
