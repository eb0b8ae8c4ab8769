"""What members change about how they are shown: the name, here and under their posts."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forum.models import Post
from forum.states import State


def rename(user: User, name: str) -> None:
    """Show another name from now on, also on everything the person wrote under the one shown so far.

    Not where the name was hidden, and not on a physician's answers: those carry the name that was checked. What is
    public counts as changed, so that kept parts of pages are drawn anew; where it stands in the queue stays as it is.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(name=name)
        posts = Post.objects.filter(author=user, is_name_hidden=False, credential=None).exclude(name=name)
        posts.filter(state=State.PUBLISHED).update(name=name, changed_at=timezone.now())
        posts.update(name=name)
    user.name = name
