"""Renaming of members, on their existing posts too."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forum.models import Post
from forum.states import State


def rename(user: User, name: str) -> None:
    """Keep hidden names, and those on physicians' answers, which carry the verified name.

    `changed_at` of public posts is set to invalidate cached page fragments; pending posts keep their place in the
    queue.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(name=name)
        posts = Post.objects.filter(author=user, is_name_hidden=False, credential=None).exclude(name=name)
        posts.filter(state=State.PUBLISHED).update(name=name, changed_at=timezone.now())
        posts.update(name=name)
    user.name = name
