"""Sample people and posts for mail previews, created by the site's own functions; compose() rolls them back."""

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
# No mail is ever sent there: the preview is rolled back before a worker could see it.
ADDRESS = "reader@example.org"


class Cast:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    @cached_property
    def member(self) -> User:
        return User.objects.create_user("Robin Reader")

    @cached_property
    def moderator(self) -> User:
        return self._volunteer("Sam Steward", roles.MODERATORS)

    @cached_property
    def checker(self) -> User:
        return self._volunteer("Chris Checker", roles.CHECKERS)

    @cached_property
    def second_checker(self) -> User:
        return self._volunteer("Gill Granter", roles.CHECKERS)

    @cached_property
    def physician(self) -> User:
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
        published = {"status": "published", "published_at": timezone.now()}
        newest = Article.objects.filter(status="published").order_by("-published_at").first()
        return newest or Article.objects.create(slug="preview", title="An article", **published)

    def contact(self, user: User) -> Contact:
        return Contact.objects.for_user(user)

    def question(self, *moves: Move, reason: str = REASON) -> Post:
        """Return a guest's question, with its address confirmed, after these moves by a moderator."""
        return self._moved(self._submitted(text=QUESTION, name="Ann", address=ADDRESS), moves, reason)

    def reply(self, question: Post, *moves: Move, user: User | None = None) -> Post:
        by = {"user": user, "text": ANSWER} if user else {"name": "Bert", "address": ADDRESS, "text": REPLY}
        return self._moved(self._submitted(question=question, **by), moves, REASON)

    def about(self, kind: Delivery.Kind, post: Post, **fields: Any) -> Delivery:
        """Return an unsaved delivery to the author of the post, with the last entry of its log."""
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
