"""Questions by topic."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from forum.models import Post, Topic
from forum.posts import threads


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    return render(request, "public/topics.html", {"topics": Topic.objects.filter(is_active=True)})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    # Inactive topics, too: their questions stay public.
    found = get_object_or_404(Topic, slug=slug)
    page = threads.threads(Post.objects.public().filter(topic=found), request)
    return render(request, "public/topic.html", {"topic": found, "page": page})
