"""Question and reply forms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from articles.models import Article
from forum.posts import access
from forum.posts.access import physician_credential
from forum.views.shared.forms import AskForm, PostForm, ReplyForm
from forum.views.shared.submission import submit_form


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        form = AskForm(user=request.user, initial={"article": request.GET.get("article", "")})
        return render(request, "public/ask.html", {"form": form, "article": asked_article(request, form)})
    form = AskForm(request.POST, user=request.user)
    post, status = submit_form(request, form)
    if post:
        return redirect(post.get_status_url())
    return render(request, "public/ask.html", {"form": form, "article": asked_article(request, form)}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, public_id: str) -> HttpResponse:
    question = access.public_question(public_id)
    credential = physician_credential(request.user) if request.user.is_authenticated else None
    posted = request.POST if request.method == "POST" else None
    form = ReplyForm(posted, user=request.user, as_physician=credential is not None)
    status = 200
    if request.method == "POST":
        post, status = submit_form(request, form, question)
        if post:
            return redirect(post if post.is_public else post.get_status_url())
    context = {"form": form, "question": question, "answers_as": credential}
    return render(request, "public/reply.html", context, status=status)


def asked_article(request: HttpRequest, form: PostForm) -> Article | None:
    slug = str(form["article"].value() or "")
    return (
        Article.objects.visible_to(request.user).filter(slug=slug).first()
        if slug.isascii() and slug.isprintable() and len(slug) < 200
        else None
    )
