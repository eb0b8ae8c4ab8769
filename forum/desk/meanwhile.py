"""What others have done while a physician was typing."""

from accounts.models import User
from forum.models import Post
from forum.states import State


def newest_answer(question: Post, user: User) -> Post | None:
    """Return the newest public answer to the question by another physician."""
    public = Post.objects.filter(question=question, state=State.PUBLISHED, credential__isnull=False)
    return public.exclude(author=user).select_related("credential").order_by("-published_at", "-id").first()
