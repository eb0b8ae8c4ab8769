"""Links of moderators' mails, one for each thing that they can lead to."""

from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from accounts.models import User
from forum.models import Post
from forum.notifications import links
from forum.states import Move
from tests import factories


def exhibits(held: Post, moderator: User, colleague: User) -> dict[str, Any]:
    """Return the links that gallery.py needs."""
    posts = {name: factories.pending(f"Who decides by mail on {name}?") for name in ("mine", "theirs", "spare", "own")}
    posts["waiting"] = Post.objects.get(pk=held.pk)
    paths = {name: links.moderator_path(moderator, post) for name, post in posts.items()}
    with time_machine.travel(timezone.now() - timedelta(days=4)):
        paths["over"] = links.moderator_path(moderator, posts["spare"])
    factories.decide(posts["mine"], Move.RETURN, by=moderator)
    factories.decide(posts["theirs"], Move.PUBLISH, by=colleague)
    # As it is when a moderator says of a guest's post that it is theirs.
    Post.objects.filter(pk=posts["own"].pk).update(author=moderator)
    return {"from_mail": paths}
