"""Every role x post x page of this part, as one table: what is there for whom, whatever their own page offered.

Signs: + done or shown, l asked to sign in, n not found, f refused (403), m no such method (405), c a clear page (409).
Columns are the posts, in the order of POSTS. What is not there for somebody answers byte by byte as what never was.
"""

import re
from typing import Any

import pytest
from django.db import transaction

from accounts import roles
from accounts.models import User
from forum.models import Helped, LogEntry, Post
from forum.posts import submit
from forum.states import Move
from tests import factories
from tests.forum.posts.answers import CORRECTED, answer
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.table,
    pytest.mark.usefixtures("ordinary_site"),
    pytest.mark.database_neutral,
]

POSTS = ("answer", "hidden", "below a removed question", "own reply", "own question", "nothing")
ROLES = ("anon", "other", "author", "lapsed", "physician", "moderator", "editor", "staff")


def rows(everybody: str, **others: str) -> dict[str, str]:
    """Return the rows of a table: one for all, and those of some roles."""
    return {**dict.fromkeys(ROLES, everybody), **others}


MEMBERS = {"anon": "llllll"}
# (page, method) -> role -> what happens with each post. The author wrote all of them, as a physician but for the
# reader's reply and the question.
TABLE: dict[tuple[str, str], dict[str, str]] = {
    ("history", "GET"): rows("+nnnnn"),
    ("history", "POST"): rows("mmmmmm"),
    ("helped", "GET"): rows("+nn+nn"),
    ("helped", "POST"): rows("+nn+nn", author="fnnfnn"),
    ("correct", "GET"): rows("nnnnnn", author="+++++n", **MEMBERS),
    ("correct", "POST"): rows("nnnnnn", author="+++++n", **MEMBERS),
    ("review", "GET"): rows("nnnnnn", author="+nnnnn", physician="+nnnnn", **MEMBERS),
    ("review", "POST"): rows("nnnnnn", author="+nnnnn", physician="+nnnnn", **MEMBERS),
    ("supersede", "GET"): rows("nnnnnn", author="+nnnnn", moderator="+nnnnn", **MEMBERS),
    ("supersede", "POST"): rows("nnnnnn", author="+nnnnn", moderator="+nnnnn", **MEMBERS),
    ("answered", "GET"): rows("mmmmmm", **MEMBERS),
    ("answered", "POST"): rows("nnnnnn", author="nnnn+n", **MEMBERS),
    ("edit by link", "GET"): rows("+++++n"),
    ("edit by link", "POST"): rows("+++++n"),
    ("answered by link", "GET"): rows("mmmmmm"),
    ("answered by link", "POST"): rows("nnnn+n"),
}
CODES = {"+": {200, 302}, "l": {302}, "n": {404}, "f": {403}, "m": {405}, "c": {409}}


def people() -> dict[str, User | None]:
    """Return somebody for each role."""
    return {
        "anon": None,
        "other": factories.person("Otto Other"),
        "author": factories.physician("Ada"),
        "lapsed": factories.physician("Lena Lapsed", days=-1),
        "physician": factories.physician("Phil Physician"),
        "moderator": factories.moderator("Mo Moderator"),
        "editor": factories.person("Ed Editor", roles.EDITORS),
        "staff": factories.person("Stan Staff", roles.STAFF, is_staff=True),
    }


def posts(author: User) -> dict[str, Post]:
    """Return the author's posts, and one that is nowhere."""
    public, hidden, below = (answer(author, text=f"A word about {name}.") for name in ("this", "that", "the other"))
    answer(factories.physician("Neil"), text="A newer word about this.", question=public.question)
    factories.transition(hidden, Move.HIDE, actor=None)
    assert below.question
    factories.decide(below.question, Move.REMOVE)
    own = factories.published("May I ask one, too?", user=author)
    reply = factories.published("A reader's reply.", question=public.question)
    # Written before they were recognised as a physician.
    Post.objects.filter(pk=reply.pk).update(author=author, contact=None)
    return dict(zip(POSTS, (public, hidden, below, reply, own, Post(public_id="nosuchpost")), strict=True))


def send(visitor: Visitor, page: str, method: str, post: Post, newer: str) -> Any:
    """Ask for the page, or send its form as it stands now."""
    url = (
        f"/p/{post.status_token}/{page.split()[0]}/" if page.endswith("by link") else f"/posts/{post.public_id}/{page}/"
    )
    url = url.replace("/posts/", "/questions/") if page == "answered" else url
    if method == "GET":
        return visitor.get(url)
    form = {"text": CORRECTED, "told": "yes", "newer": newer, "reason": "It is newer."}
    return visitor.post(url, {**form, "version": post.version})


def traces(post: Post) -> tuple[Any, ...]:
    """Return what could have changed."""
    row = Post.objects.filter(pk=post.pk).values_list("version", "source", "helped_count").first()
    return (row, LogEntry.objects.filter(post=post.pk).count(), Helped.objects.filter(post=post.pk).count())


@pytest.mark.parametrize(("page", "method"), TABLE, ids=lambda value: str(value))
def test_what_everybody_can_do(page: str, method: str) -> None:
    cast = people()
    author = cast["author"]
    assert author
    wrong = []
    found = posts(author)
    newer = Post.objects.get(author__name="Neil").public_id
    for role in ROLES:
        never_was = send(Visitor(cast[role]), page, method, found["nothing"], newer)
        for name, sign in zip(POSTS, TABLE[page, method][role], strict=True):
            with transaction.atomic():
                before = traces(found[name])
                # A browser of its own each time: a notice that waits would stand on the next page.
                response = send(Visitor(cast[role]), page, method, found[name], newer)
                changed = traces(found[name]) != before
                transaction.set_rollback(True)
            right = response.status_code in CODES[sign] and changed == (sign == "+" and method == "POST")
            if sign == "n":
                right = right and without_tokens(response) == without_tokens(never_was)
            if sign == "l":
                right = right and response["Location"].startswith("/accounts/login/")
            if not right:
                wrong.append(f"{role}, {name}: {response.status_code}, expected {sign}; changed: {changed}")
    assert not wrong, "\n".join(wrong)


def without_tokens(response: Any) -> tuple[int, str]:
    """Return status and page, without what differs from one page to the next."""
    return response.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.text)


def test_a_post_in_its_last_state_is_not_changed_any_more() -> None:
    post = answer()
    submit.withdraw(post, actor=post.author, version=post.version)
    for url in (f"/posts/{post.public_id}/correct/", f"/p/{post.status_token}/edit/"):
        response = Visitor(post.author).post(url, {"text": CORRECTED, "version": post.version})
        assert response.status_code == 409 and CORRECTED in response.text
