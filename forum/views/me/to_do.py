"""Tasks of a member, the first lines of /me/. A constant number of short queries."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from accounts import credentials
from accounts.models import CredentialRequest, User
from forum.models import Post
from forum.moderation import queue
from forum.notifications import health
from forum.physicians import desk
from forum.posts import access, guest_posts
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.states import State

COUNT_LIMIT = 1_000


@dataclass(frozen=True)
class Duty:
    words: str
    url: str


def duties_for(user: User) -> list[Duty]:
    found = [*_own(user), *_lapsing(user)]
    if user.has_perm("forum.moderate_posts"):
        waiting = queue.waiting()
        found += [Duty(f"{waiting} for a moderator", reverse("moderation:queue"))] if waiting.count else []
    if user.has_perm("forum.answer_as_physician") and user.current_credential():
        found += _as_physician(user)
    if user.has_perm("forum.operate_mail"):
        failed = health.in_state("failed").order_by()[: COUNT_LIMIT + 1].count()
        words = "One mail could not be sent" if failed == 1 else f"{_number(failed)} mails could not be sent"
        found += [Duty(words, reverse("moderation:mail"))] if failed else []
    if user.has_perm(credentials.PERMISSION):
        open_requests = CredentialRequest.objects.filter(state__in=CredentialRequest.OPEN).exclude(user=user)
        count = open_requests.exclude(checked_by=user)[: COUNT_LIMIT + 1].count()
        words = f"{_people(count)} to be recognised as a physician"
        found += [Duty(words, reverse("forum:credentials"))] if count else []
    return found


def _own(user: User) -> list[Duty]:
    returned = list(Post.objects.filter(author=user.pk, state=State.RETURNED).order_by("-changed_at")[:2])
    found = []
    if len(returned) == 1:
        words = f"Your {returned[0].kind} came back to you with a note: “{returned[0].title}”"
        found.append(Duty(words, returned[0].get_status_url()))
    elif returned:
        found.append(Duty("Several of your posts came back to you with a note", reverse("forum:my-posts")))
    guests = guest_posts.claimable(user).order_by()[: COUNT_LIMIT + 1].count()
    if guests:
        how_many, ask = ("One post was", "Is it") if guests == 1 else (f"{_number(guests)} posts were", "Are they")
        words = f"{how_many} written as a guest from your address. {ask} yours?"
        found.append(Duty(words, reverse("forum:claim-posts")))
    erasure = requests.open_erasure(Subject.member(user))
    if erasure:
        when = timezone.localtime(erasure.due_at)
        words = f"You will be erased on {when:%-d %B %Y at %H:%M} (UTC). You can still change your mind"
        found.append(Duty(words, reverse("forum:my-data")))
    return found


def _lapsing(user: User) -> list[Duty]:
    credential = user.current_credential()
    if credential is None or not credentials.is_renewable(credential) or credentials.open_request(user):
        return []
    words = f"You are recognised as a physician until {credential.valid_until:%-d %B %Y}. Renew it in time"
    return [Duty(words, reverse("forum:recognition"))]


def _as_physician(user: User) -> list[Duty]:
    waiting, again = (desk.rows(user, shown)[: COUNT_LIMIT + 1].count() for shown in ("waiting", "follow-up"))
    words = "One question waits" if waiting == 1 else f"{_number(waiting)} questions wait"
    found = [Duty(f"{words} for a physician’s answer", reverse("desk:list"))] if waiting else []
    words = "One question was" if again == 1 else f"{_number(again)} questions were"
    found += [Duty(f"{words} asked again after an answer", f"{reverse('desk:list')}?show=follow-up")] if again else []
    count = access.asked_of_physicians(user).order_by()[: COUNT_LIMIT + 1].count()
    words = "Moderators ask what physicians think of " + ("one post" if count == 1 else f"{_number(count)} posts")
    return [*found, Duty(words, reverse("moderation:opinions"))] if count else found


def _people(count: int) -> str:
    return "One person asks" if count == 1 else f"{_number(count)} people ask"


def _number(count: int) -> str:
    return f"More than {COUNT_LIMIT:,}" if count > COUNT_LIMIT else f"{count:,}"
