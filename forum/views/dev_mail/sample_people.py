"""The people and posts that previews are about, made through the real doors; showing.py takes them back."""

import itertools
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import roles
from accounts.models import Contact, Credential, User
from articles.models import Article
from forum.models import Delivery, LogEntry, Post
from forum.posts import submit, transitions
from forum.states import Move

QUESTION = "Since last winter my legs are stiffer in the morning. What has helped others to get going?"
ANSWER = "Stiffness is often worst after a night without moving. Gentle stretching in bed is safe for most people."
REPLY = "A warm shower before I stretch, and ten slow minutes on the edge of the bed."
REASON = "Please leave out the name of your doctor.\nEverything else can stay as it is. Thank you!"
# No mail ever leaves for it: the preview is gone before a worker could see it.
ADDRESS = "reader@example.org"


class Cast:
    """Whoever a preview needs, made when it asks."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    @cached_property
    def member(self) -> User:
        """Somebody with an account."""
        return User.objects.create_user("Robin Reader")

    @cached_property
    def moderator(self) -> User:
        """Somebody who decides on posts."""
        return self._volunteer("Sam Steward", roles.MODERATORS)

    @cached_property
    def checker(self) -> User:
        """Somebody who checks physicians."""
        return self._volunteer("Chris Checker", roles.CHECKERS)

    @cached_property
    def second_checker(self) -> User:
        """Who grants what the other has checked."""
        return self._volunteer("Gill Granter", roles.CHECKERS)

    @cached_property
    def physician(self) -> User:
        """A physician with a credential in force."""
        user = self._volunteer("Pat Physician", roles.PHYSICIANS)
        today = timezone.localdate()
        Credential.objects.create(
            user=user,
            full_name="Dr Pat Physician",
            specialty="Neurology",
            checked_by=self.checker,
            checked_on=today,
            valid_from=today,
            valid_until=today + timedelta(days=30),
        )
        return user

    @cached_property
    def article(self) -> Article:
        """The newest published article, or one of its own where there is none."""
        published = {"status": "published", "published_at": timezone.now()}
        newest = Article.objects.filter(status="published").order_by("-published_at").first()
        return newest or Article.objects.create(slug="preview", title="An article", **published)

    def contact(self, user: User) -> Contact:
        """Where mail to the person goes."""
        return Contact.objects.for_user(user)

    def question(self, *moves: Move, reason: str = REASON) -> Post:
        """A guest's question, with its address confirmed, after these moves by a moderator."""
        return self._moved(self._submitted(text=QUESTION, name="Ann", address=ADDRESS), moves, reason)

    def reply(self, question: Post, *moves: Move, user: User | None = None) -> Post:
        """A reply, a guest's or the given person's."""
        by = {"user": user, "text": ANSWER} if user else {"name": "Bert", "address": ADDRESS, "text": REPLY}
        return self._moved(self._submitted(question=question, **by), moves, REASON)

    def about(self, kind: Delivery.Kind, post: Post, **fields: Any) -> Delivery:
        """The mail of that kind to the author of the post, with the last line of its log."""
        entry = LogEntry.objects.filter(post=post).order_by("pk").last()
        subscription = post.subscriptions.first()
        fields = {"recipient": post.contact, "entry": entry, "subscription": subscription, **fields}
        return Delivery(kind=kind, event="preview", post=post, **fields)

    def _volunteer(self, name: str, role: str) -> User:
        user = User.objects.create_user(name)
        user.groups.add(Group.objects.get(name=role))
        return user

    def _submitted(self, **draft: Any) -> Post:
        number = next(self._numbers)
        post = submit.submit(submit.Draft(form_key=f"preview-{number}", **draft))
        if post.contact:
            Contact.objects.filter(pk=post.contact.pk).update(confirmed_at=timezone.now())
            post.contact.refresh_from_db()
        return post

    def _moved(self, post: Post, moves: tuple[Move, ...], reason: str) -> Post:
        for move in moves:
            transitions.transition(post, transitions.Transition(move, self.moderator, reason), post.version)
        return post
