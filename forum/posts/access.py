"""Access to posts: who may read, edit and decide (DESIGN 3). Views fetch posts only through these functions.

Every refusal is a 404: a held post and one that never existed give the same response, so nobody learns that a post is
waiting.
"""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.crypto import salted_hmac

from accounts.models import Credential, User
from forum.models import Post, WaitingFor
from forum.models.posts import PostQuerySet
from forum.states import State


class MemberRequest(HttpRequest):
    user: User


@dataclass(frozen=True)
class Reader:
    key: str
    user: User | None = None

    @classmethod
    def of(cls, user: Any, network: str) -> "Reader":
        # A keyed hash of the guest's network, which discloses nothing without SECRET_KEY.
        return cls(f"member:{user.pk}", user) if user.is_authenticated else cls(keyed("network", network))


def keyed(purpose: str, value: str) -> str:
    # The salts are part of stored keys and of readers' links, so "report" must not change.
    return salted_hmac(f"forum.report.{purpose}", value, algorithm="sha256").hexdigest()


def question(user: Any, public_id: str) -> Post:
    return get_object_or_404(Post.objects.visible_to(user).questions().with_people().with_age(), public_id=public_id)


def public_question(public_id: str) -> Post:
    """A reply or a subscription needs a public question, even if the user may see others."""
    return get_object_or_404(Post.objects.public().questions().with_people(), public_id=public_id)


def post(user: Any, public_id: str) -> Post:
    return get_object_or_404(Post.objects.visible_to(user).with_people(), public_id=public_id)


def own_by_token(token: str) -> Post:
    return get_object_or_404(Post.objects.with_people().select_related("contact"), status_token=token)


def own_post(user: User, public_id: str) -> Post:
    return get_object_or_404(Post.objects.with_people().select_related("contact"), author=user.pk, public_id=public_id)


def public_reply(public_id: str) -> Post:
    return get_object_or_404(Post.objects.public().exclude(question=None).with_people(), public_id=public_id)


def public_answer(public_id: str) -> Post:
    answers = Post.objects.public().answers().with_people().with_age()
    return get_object_or_404(answers, public_id=public_id)


def answer_to_review(user: User, public_id: str) -> Post:
    if not user.has_perm("forum.answer_as_physician") or user.current_credential() is None:
        raise Http404
    return public_answer(public_id)


def answer_to_supersede(user: User, public_id: str) -> Post:
    answer = public_answer(public_id)
    if not answer.written_by(user) and not user.has_perm("forum.moderate_posts"):
        raise Http404
    return answer


def to_decide(user: Any, public_id: str) -> Post:
    if not user.has_perm("forum.moderate_posts"):
        raise Http404
    everything = Post.objects.with_people().select_related("contact", "claim", "claim__moderator")
    return get_object_or_404(everything, public_id=public_id)


def asked_of_physicians(user: Any) -> PostQuerySet:
    if not user.has_perm("forum.answer_as_physician") or user.current_credential() is None:
        raise Http404
    asked = Post.objects.filter(state=State.PENDING, waiting_for=WaitingFor.PHYSICIAN).exclude(author=user)
    return asked.with_people()


def to_give_opinion(user: Any, public_id: str) -> Post:
    return get_object_or_404(asked_of_physicians(user), public_id=public_id)


def desk_question(user: User, public_id: str) -> Post | None:
    """Return None instead of a 404 if the question is gone, so that a physician keeps the answer typed to it."""
    public = Post.objects.public().questions().filter(desk__isnull=False).exclude(author=user)
    return (
        public.with_people().select_related("desk__claimed_by", "desk__routed_to").filter(public_id=public_id).first()
    )


def to_route(user: Any, public_id: str) -> Post:
    found = to_decide(user, public_id)
    if found.kind != Post.Kind.QUESTION:
        raise Http404
    return found


def physician_credential(user: User | None) -> Credential | None:
    if user is None or not user.has_perm("forum.answer_as_physician"):
        return None
    return user.current_credential()
