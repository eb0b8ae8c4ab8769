"""Error pages that give a physician's answer back when it could not be saved, so that it can be sent again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from accounts.models import User
from articles.text import cleaning
from forum.models import Post
from forum.physicians import drafts

FIELDS = ("form_key", "told", "writes_as", "seen", "saved")


def typed_in(request: HttpRequest) -> str:
    text = cleaning.clean(request.POST.get("text", "")) if request.method == "POST" else ""
    return text if text.strip() else ""


def was_physician(user: User) -> bool:
    # Of any time: a page that they opened as a physician may still be open.
    return user.credentials.exists()


def signed_out(request: HttpRequest) -> HttpResponse:
    return _page(request, "desk/signed_out.html", status=403)


def lapsed(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the text back after the credential has ended, and keep it as a draft if its question is at the desk."""
    question = Post.objects.filter(public_id=public_id, desk__isnull=False, published_at__isnull=False).first()
    if question is not None:
        drafts.keep(request.user, question, typed_in(request))  # type: ignore[arg-type] # signed in: the guard has looked
    return _page(request, "desk/lapsed.html", status=403, kept=question is not None)


def gone(request: HttpRequest, text: str, *, kept: bool) -> HttpResponse:
    return _page(request, "desk/gone.html", status=409, text=text, kept=kept)


def unconfirmed(request: HttpRequest) -> HttpResponse | None:
    """Give the text back after a CSRF failure at the desk (the cookie changes with each sign-in); None elsewhere.

    The page only offers to keep the draft: a form that another site has sent arrives here, too.
    """
    try:
        is_desk = resolve(request.path).view_name == "desk:question"
    except Resolver404:
        return None
    return _page(request, "desk/old_form.html", status=403) if is_desk and typed_in(request) else None


def _page(request: HttpRequest, template: str, *, status: int, **context: object) -> HttpResponse:
    fields = {name: request.POST.get(name, "") for name in FIELDS}
    context = {"typed": fields, "text": typed_in(request), "desk_url": reverse("desk:list"), **context}
    return render(request, template, context, status=status)
