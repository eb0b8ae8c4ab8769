"""Every state x role x action, as one table: what happens when somebody sends the form, whatever their page offered.

Columns are the states, in the order of STATES: pending, published, returned, rejected, spam, withdrawn, removed. The signs:

    +  done                                      l  asked to sign in
    =  answered, and nothing changes             f  refused: 403
    c  not possible from there: 409, explained   n  not found: 404

Who did something has left one line in the log (where the action moves the post); who did not has left no trace at all.
"""

from typing import Any

import pytest
from django.db import transaction

from accounts import roles
from accounts.models import User
from forum.models import Claim, LogEntry, Note, Post, Report
from forum.posts import submit
from forum.states import MOVES, Move, State
from forum.views.shared.forms import new_form_key
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.table, pytest.mark.usefixtures("ordinary_site")]

STATES = [State.PENDING, State.PUBLISHED, State.RETURNED, State.REJECTED, State.SPAM, State.WITHDRAWN, State.REMOVED]
ROLES = ("anon", "other", "author", "mod", "own mod", "phys", "editor", "staff")


def only_moderators(outcome: str, own: str = "fffffff") -> dict[str, str]:
    """Return the rows of what only moderators may do; `own` is for one who wrote the post."""
    return {**dict.fromkeys(ROLES, "fffffff"), "anon": "lllllll", "mod": outcome, "own mod": own}


def everybody(outcome: str, **others: str) -> dict[str, str]:
    """Return the rows of what everybody may do who holds the link."""
    return {**dict.fromkeys(ROLES, outcome), **{name.replace("_", " "): row for name, row in others.items()}}


# action -> role -> what happens in each state
TABLE: dict[str, dict[str, str]] = {
    "publish": only_moderators("+c+++cc"),
    "mask": only_moderators("+cccccc"),
    "return": only_moderators("+cccccc"),
    "reject": only_moderators("+c+cccc"),
    "spam": only_moderators("+c+cccc"),
    "ask-colleague": only_moderators("+cccccc"),
    "ask-physician": only_moderators("+cccccc"),
    "remove": only_moderators("c+ccccc"),
    "keep": only_moderators("c+ccccc"),
    # What the author did is nobody's to undo.
    "undo": only_moderators("c++++c+"),
    "bulk publish": only_moderators("+=+++==", own="======="),
    "bulk reject": only_moderators("+=+====", own="======="),
    "claim": only_moderators("+======", own="+======"),
    "release": only_moderators("=======", own="======="),
    "note": only_moderators("+++++++", own="+++++++"),
    "opinion": {**dict.fromkeys(ROLES, "nnnnnnn"), "anon": "lllllll", "phys": "+nnnnnn"},
    "report": everybody("n+nnnnn", author="n=nnnnn", own_mod="n=nnnnn"),
    # By the private link, whoever is signed in.
    "edit": everybody("+++cccc"),
    "withdraw": everybody("+++cccc"),
}
CODES = {"+": {200, 302}, "=": {200, 302, 403, 409, 422}, "c": {409}, "l": {302}, "f": {403}, "n": {404}}
REASON = "Please leave out the name."
LOGGED = {*Move.values, "bulk publish", "bulk reject"}


def posts_in_every_state(moderator: User) -> dict[State, Post]:
    """Return a guest's question for each state, brought there by the site's own functions."""
    posts = {state: factories.pending(f"May a {state} question stay?") for state in STATES}
    for state, move in {"published": "publish", "returned": "return", "rejected": "reject", "spam": "spam"}.items():
        factories.decide(posts[State(state)], Move(move), by=moderator)
    submit.withdraw(posts[State.WITHDRAWN], actor=None, version=1)
    factories.decide(posts[State.REMOVED], Move.PUBLISH, by=moderator)
    factories.decide(posts[State.REMOVED], Move.REMOVE, by=moderator)
    Post.objects.filter(state=State.PENDING).update(waiting_for="physician")
    return posts


def people() -> dict[str, User | None]:
    """Return somebody for each role."""
    staff = factories.person("Stan Staff", roles.STAFF, is_staff=True)
    return {
        "anon": None,
        "other": factories.person("Otto Other"),
        "author": factories.person("Ada Author"),
        "mod": factories.moderator("Mo Moderator"),
        "own mod": factories.moderator("Olga Own"),
        "phys": factories.physician("Phil Physician"),
        "editor": factories.person("Ed Editor", roles.EDITORS),
        "staff": staff,
    }


def send(visitor: Visitor, action: str, post: Post) -> Any:
    """Send the form of an action on the post, as it is now."""
    here, private = f"/moderation/{post.public_id}", f"/p/{post.status_token}"
    version = {"version": post.version}
    decision = {**version, "move": action, "reason": REASON, "others": "question"}
    bulk = {"chosen": f"{post.public_id}:{post.version}", "move": action[5:], "reason_code": "not-about-hsp"}
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "undo": (f"{here}/undo/", version),
        "bulk publish": ("/moderation/bulk/", bulk),
        "bulk reject": ("/moderation/bulk/", bulk),
        "claim": (f"{here}/claim/", {}),
        "release": (f"{here}/release/", {}),
        "note": (f"{here}/note/", {"text": "Look at the second line."}),
        "opinion": (f"/moderation/opinions/{post.public_id}/", {"text": "It is safe to publish."}),
        "report": (f"/posts/{post.public_id}/report/", {"reason": "unkind", "form_key": new_form_key()}),
        "edit": (f"{private}/edit/", {**version, "text": "May other words stay?", "told": "yes"}),
        "withdraw": (f"{private}/withdraw/", {}),
    }
    return visitor.post(*forms.get(action, (f"{here}/decide/", decision)))


def traces(post: Post) -> tuple[Any, ...]:
    """Return what an action could have changed."""
    fresh = Post.objects.get(pk=post.pk)
    tables = (LogEntry, Claim, Note, Report)
    return (fresh.state, fresh.version, fresh.source, *(table.objects.filter(post=post).count() for table in tables))


@pytest.mark.parametrize("action", TABLE)
def test_what_everybody_can_do_in_every_state(action: str, settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    cast = people()
    mod = cast["mod"]
    assert mod is not None
    posts = posts_in_every_state(factories.moderator("Una Undone"))
    wrong = []
    for role in ROLES:
        visitor = Visitor(cast[role])
        for state, sign in zip(STATES, TABLE[action][role], strict=True):
            with transaction.atomic():
                if role in {"author", "own mod"}:
                    Post.objects.filter(pk=posts[state].pk).update(author=cast[role])
                post = Post.objects.get(pk=posts[state].pk)
                before = traces(post)
                answer = send(visitor, action, post)
                after = traces(post)
                transaction.set_rollback(True)
            logged = after[3] - before[3]
            right = answer.status_code in CODES[sign] and (after != before) == (sign == "+")
            right = right and logged == int(sign == "+" and action in LOGGED)
            if sign == "l":
                right = right and answer["Location"].startswith("/accounts/login/")
            if not right:
                wrong.append(f"{role}, {state}: {answer.status_code}, expected {sign}; {before} -> {after}")
    assert not wrong, "\n".join(wrong)


def test_the_table_has_every_action_and_agrees_with_the_states() -> None:
    """The moves that people make are all there; what a moderator may do is what forum.states says."""
    by_the_site = {Move.SUBMIT, Move.HIDE, Move.EXPIRE, Move.ERASE}
    # In tests/forum/views/public/test_answers_matrix.py.
    of_answers = {Move.CORRECT, Move.REVIEW, Move.SUPERSEDE, Move.ANSWERED}
    assert set(Move.values) - {move.value for move in by_the_site | of_answers} <= set(TABLE)
    for move, (sources, _target) in MOVES.items():
        if move in TABLE:
            row = TABLE[move]["mod"]
            assert {state for state, sign in zip(STATES, row, strict=True) if sign == "+"} == sources, move
    assert all(set(rows) == set(ROLES) for rows in TABLE.values())
