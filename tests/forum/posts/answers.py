"""Answers for the tests of how they age: written, corrected and left alone by the site's own functions."""

from typing import Any

from accounts.models import User
from forum.models import Post
from forum.posts import submit
from tests import factories

TEXT = "Ask your own team for a trial dose before the pump."
CORRECTED = "Ask your own team for a test dose before the pump."


def answer(by: User | None = None, *, text: str = TEXT, question: Post | None = None, **fields: Any) -> Post:
    """Return a physician's public answer."""
    question = question or factories.published("Is a pump better than tablets?", **fields)
    post = submit.submit(factories.draft(text, user=by or factories.physician("Ada"), question=question))
    assert post.is_public
    return fresh(post)


def fresh(post: Post) -> Post:
    """Return the post as it stands now."""
    return Post.objects.with_people().with_age().get(pk=post.pk)


def correct(post: Post, text: str = CORRECTED, **options: Any) -> Post:
    """Let the author put another text in the post's place; return the post as it is then."""
    now = fresh(post)
    submit.save(submit.weigh(now, text), actor=now.author, version=now.version, **options)
    return fresh(post)
