"""Question list, question pages, and permanent links to posts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import condition, require_safe

from accounts.models import Contact, Credential
from articles.models import Article
from articles.views import article_detail
from forum import rate_limits
from forum.models import Post, Subscription
from forum.posts import access, helpful, threads
from forum.posts.access import Reader
from forum.posts.authorship import physician_credential
from forum.views.shared.forms import ReplyForm


@dataclass(frozen=True)
class ReplyActions:
    reviews: bool
    moderates: bool


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    return render(request, "public/questions.html", {"page": threads.threads(Post.objects.public(), request)})


@require_safe
def question(request: HttpRequest, public_id: str, slug: str = "") -> HttpResponse:
    found = access.question(request.user, public_id)
    if slug != found.slug:
        return redirect(found, permanent=False)
    pinned, page = threads.replies_to(found, request)
    credential = physician_credential(request.user) if request.user.is_authenticated else None
    actions = reply_actions(request, [*pinned, *page.items], credential) if found.is_public else None
    context = {
        "question": found,
        "pinned": below_the_newer(pinned),
        "page": page,
        "reply_actions": actions,
        "form": ReplyForm(user=request.user, as_physician=credential is not None),
        "answers_as": credential,
        "follows": follows(request, found),
        "is_own": found.written_by(request.user),
    }
    return render(request, "public/question.html", context)


def reply_actions(request: HttpRequest, replies: Iterable[Post], credential: Credential | None) -> ReplyActions:
    """Return the viewer's rights, and set `said` on replies that they said helped; one query."""
    replies = list(replies)
    said = helpful.marked_by(Reader.of(request.user, rate_limits.network_of(request)), replies)
    for reply in replies:
        reply.said = reply.pk in said  # type: ignore[attr-defined] # for the template; no column
    user: Any = request.user
    return ReplyActions(reviews=credential is not None, moderates=user.has_perm("forum.moderate_posts"))


def below_the_newer(answers: list[Post]) -> list[Post]:
    """Return the answers, each superseded one below its replacement, or last if that is elsewhere."""
    older: dict[int, list[Post]] = {}
    for answer in answers:
        if answer.is_superseded and answer.superseded_by_id:
            older.setdefault(answer.superseded_by_id, []).append(answer)
    ordered: list[Post] = []
    following = [answer for answer in reversed(answers) if not answer.is_superseded]
    while following:
        ordered.append(following.pop())
        following += reversed(older.pop(ordered[-1].pk, []))
    return ordered + [answer for rest in older.values() for answer in rest]


def follows(request: HttpRequest, question: Post) -> bool:
    if not request.user.is_authenticated:
        return False
    contact = Contact.objects.filter(user=request.user)
    return Subscription.objects.active().filter(contact__in=contact, post=question).exists()


@require_safe
def post(request: HttpRequest, public_id: str) -> HttpResponse:
    return redirect(access.post(request.user, public_id))


def article_etag(request: HttpRequest, slug: str) -> str | None:
    """Return a hash of what the article page depends on: the article, its discussion, the viewer and the CSRF cookie.

    None, and so no 304, while a message waits to be shown, the discussion has just changed or there is no article.
    """
    article = Article.objects.visible_to(request.user).with_notice().filter(slug=slug).first()
    discussion = threads.version(article) if article else None
    if article is None or discussion is None or "messages" in request.COOKIES:
        return None
    who = (request.user.pk, str(request.user))
    viewer = (*who, request.COOKIES.get(settings.SESSION_COOKIE_NAME), request.COOKIES.get("csrftoken"))
    parts = (*article.etag_parts(), discussion, viewer, request.GET.urlencode(), settings.RELEASE)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


# The articles app does not import the forum, so the page that shows both gets its conditional GET here.
article = condition(etag_func=article_etag)(article_detail)
