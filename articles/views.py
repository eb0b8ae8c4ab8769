"""Views of articles: the home page, the list, the article."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.models import Article, ArticleQuerySet

ON_FIRST_PAGE = 5
PER_PAGE = 20
DRAFTS_SHOWN = 50


@dataclass(frozen=True)
class ArticlePage:
    items: list[Article]
    next_url: str = ""
    previous_url: str = ""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.published().newest_first()[:ON_FIRST_PAGE]
    return render(request, "articles/home.html", {"articles": articles})


@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    visible = Article.objects.visible_to(request.user)
    before = request.GET.get("before", "")
    drafts = [] if before else list(visible.unpublished().order_by("-pk")[:DRAFTS_SHOWN])
    page = _page(Article.objects.published().newest_first(), before)
    return render(request, "articles/article_list.html", {"page": page, "drafts": drafts})


@require_safe
def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    # The studies are queried and rendered once for each version of the article (template tag `cache`).
    article = get_object_or_404(Article.objects.visible_to(request.user).with_notice(), slug=slug)
    return render(request, "articles/article_detail.html", {"article": article})


def _page(articles: ArticleQuerySet, before: str) -> ArticlePage:
    if before:
        last = articles.filter(slug=before).first() if len(before) <= 120 and "\0" not in before else None
        if last is None:
            raise Http404("No article of this name.")
        older = Q(published_at__lt=last.published_at) | Q(published_at=last.published_at, pk__lt=last.pk)
        articles = articles.filter(older)
    found = list(articles[: PER_PAGE + 1])
    items, more = found[:PER_PAGE], found[PER_PAGE:]
    here = reverse("articles:list")
    return ArticlePage(items, f"{here}?before={items[-1].slug}" if more else "", here if before else "")
