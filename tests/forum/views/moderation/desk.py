"""A moderator at work, in this process: what a page says, and sending its forms."""

import html
from typing import Any

from forum.models import Post
from tests.support.visitors import Visitor


def words(page: Any) -> str:
    """Return a page as text, entities undone and white space evened out."""
    return " ".join(html.unescape(page.text).split())


def decide(visitor: Visitor, post: Post, move: str, **fields: Any) -> Any:
    """Send a decision as the page's buttons do, on the version that the post object has."""
    form = {"version": post.version, "move": move, **fields}
    return visitor.post(f"/moderation/{post.public_id}/decide/", form)


def by_htmx(visitor: Visitor, url: str, form: dict[str, Any]) -> Any:
    """Send a form as the page's script does."""
    return visitor.post(url, form, headers={"HX-Request": "true"})


def fresh(post: Post) -> Post:
    """Return the post as it stands now."""
    return Post.objects.get(pk=post.pk)
