"""Questions by topic: the list of topics, and the public questions on one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from forum.models import Post, Topic
from forum.posts import threads


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """List the topics that questions are put under."""
    return render(request, "public/topics.html", {"topics": Topic.objects.filter(is_active=True)})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """List the published questions on one topic, newest first; also on one that is not offered any more."""
    found = get_object_or_404(Topic, slug=slug)
    page = threads.threads(Post.objects.public().filter(topic=found), request)
    return render(request, "public/topic.html", {"topic": found, "page": page})
