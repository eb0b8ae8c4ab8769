"""Member's page /me/: tasks, own posts, followed questions and reports; the full list of posts."""

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import suppressions
from accounts.models.contacts import keys_of
from forum.models import Post, Report, Subscription
from forum.models.posts import PostQuerySet
from forum.moderation import sanctions
from forum.paging import page_of
from forum.posts.access import MemberRequest
from forum.views.me import to_do

POSTS_SHOWN = 20
PER_PAGE = 30
REPORTS_SHOWN = 100


@never_cache
@login_required
@require_safe
def me(request: MemberRequest) -> HttpResponse:
    mine = list(written_by(request).order_by("-created_at", "-id")[: POSTS_SHOWN + 1])
    followed = list(followed_by(request).order_by("-created_at", "-id")[: POSTS_SHOWN + 1])
    reports = Report.objects.filter(reporter=request.user.pk).select_related("post__question").order_by("-id")
    context = {
        "duties": to_do.duties_for(request.user),
        "posts": mine[:POSTS_SHOWN],
        "more_posts": len(mine) > POSTS_SHOWN,
        "followed": followed[:POSTS_SHOWN],
        "more_followed": len(followed) > POSTS_SHOWN,
        "reports": reports[:REPORTS_SHOWN],
        "comes_back": suppressions.in_force(keys_of(request.user)),
        "sanctions": sanctions.in_force_on(request.user),
    }
    return render(request, "me/home.html", context)


@never_cache
@login_required
@require_safe
def posts(request: MemberRequest) -> HttpResponse:
    page = page_of(written_by(request), request, order=("-created_at", "-id"), size=PER_PAGE)
    return render(request, "me/posts.html", {"page": page})


def written_by(request: MemberRequest) -> PostQuerySet:
    return Post.objects.filter(author=request.user.pk).with_people()


def followed_by(request: MemberRequest) -> PostQuerySet:
    """Return the questions that the person follows, each with the token that ends the subscription as `stop_token`.

    Another person's withdrawn question is left out: not even followers see its title.
    """
    active = {"contact__user": request.user.pk, "kind": Subscription.Kind.THREAD, "ended_at": None}
    followed = Post.objects.filter(**{f"subscriptions__{name}": value for name, value in active.items()})
    followed = followed.annotate(stop_token=F("subscriptions__token"))
    return followed.filter(pk__in=Post.objects.visible_to(request.user).values("pk"))
