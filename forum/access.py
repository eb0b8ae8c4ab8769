"""The only way for a view to fetch a post: who may read, edit and decide (DESIGN 3). A refusal is always a 404.

A held post and one that never existed give the same answer, so that nobody learns that something waits.
"""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from forum.models import Post


def question(user: Any, public_id: str) -> Post:
    """Return a question that the person may read."""
    return get_object_or_404(Post.objects.visible_to(user).questions().with_people(), public_id=public_id)


def public_question(public_id: str) -> Post:
    """Return a question that everybody may read: only such a one is replied to or followed."""
    return get_object_or_404(Post.objects.public().questions().with_people(), public_id=public_id)


def post(user: Any, public_id: str) -> Post:
    """Return any post that the person may read."""
    return get_object_or_404(Post.objects.visible_to(user).with_people(), public_id=public_id)


def own_by_token(token: str) -> Post:
    """Return the post whose author holds this private link."""
    return get_object_or_404(Post.objects.with_people().select_related("contact"), status_token=token)


def to_decide(user: Any, public_id: str) -> Post:
    """Return any post, for a moderator."""
    if not user.has_perm("forum.moderate_posts"):
        raise Http404
    return get_object_or_404(Post.objects.with_people().select_related("contact"), public_id=public_id)
