"""Template tags for discussions on article pages, so that the articles app does not import the forum."""

from typing import Any

from django import template
from django.utils.functional import SimpleLazyObject

from articles.models import Article
from forum.models import Post
from forum.posts import threads
from forum.views.shared.forms import AskForm

KEEP_SECONDS = 3600
register = template.Library()


@register.inclusion_tag("public/_discussion.html", takes_context=True)
def discussion(context: dict[str, Any], article: Article) -> dict[str, Any]:
    """Show the threads under the article and the form for another question.

    The threads are the same for everybody: they are read and rendered once for each version of the discussion.
    """
    request = context["request"]
    form = AskForm(user=request.user, initial={"article": article.slug})
    version = threads.version(article)
    cursor = (request.GET.get("from", ""), request.GET.get("to", ""))
    return {
        "page": SimpleLazyObject(lambda: threads.on_article(article, request)),
        "cache_key": f"{article.pk} {version} {cursor}",
        "keep_seconds": KEEP_SECONDS if version else 0,
        "article": article,
        "form": form,
        "user": request.user,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("public/_latest.html")
def latest_questions(count: int = 3) -> dict[str, Any]:
    newest = Post.objects.public().questions().with_people().with_age().order_by("-published_at", "-id")[:count]
    return {"threads": threads.with_replies(list(newest))}
