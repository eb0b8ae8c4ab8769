"""Directory of verified physicians, and their public answers."""

from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest

from accounts.models import Credential
from accounts.models.credentials import CredentialQuerySet
from forum.models import Post
from forum.models.posts import PostQuerySet
from forum.paging import Page, page_of

PHYSICIANS_PER_PAGE = 20
ANSWERS_PER_PAGE = 20


def newest_in_force() -> CredentialQuerySet:
    """Return one credential per verified physician: after a renewal, the one that is valid longest."""
    longer = Q(valid_until__gt=OuterRef("valid_until")) | Q(valid_until=OuterRef("valid_until"), pk__gt=OuterRef("pk"))
    renewed = Credential.objects.in_force().filter(longer, user=OuterRef("user"))
    return Credential.objects.in_force().exclude(Exists(renewed))


def shown() -> CredentialQuerySet:
    # Used by the list and the site map, so that both show the same people.
    return newest_in_force().filter(user__is_active=True, user__erased_at=None)


def listed(request: HttpRequest) -> Page:
    return page_of(shown(), request, order=("full_name", "id"), size=PHYSICIANS_PER_PAGE)


def newest_of(public_id: str) -> Credential:
    """Return the newest credential, in force or not, in two queries.

    Raises Http404 for an erased person, who must not be named any more.
    """
    named = Credential.objects.filter(public_id=public_id, user__erased_at=None).first()
    newest = named and Credential.objects.filter(user=named.user_id).order_by("-valid_from", "-pk").first()
    if newest is None:
        raise Http404
    return newest


def answers_of(credential: Credential) -> PostQuerySet:
    answers = Post.objects.public().filter(author=credential.user_id, is_name_hidden=False)
    return answers.exclude(credential=None).select_related("question", "credential", "superseded_by__question")


def answers_page(credential: Credential, request: HttpRequest) -> Page:
    return page_of(answers_of(credential), request, order=("-published_at", "-id"), size=ANSWERS_PER_PAGE)
