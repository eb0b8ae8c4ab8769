"""Asking, replying and following."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Contact
from articles.models import Article
from forum import access, limits, posting
from forum.access import MemberRequest
from forum.forms import AskForm, PostForm, ReplyForm
from forum.models import Post, Subscription
from forum.moderation import sanctions
from forum.notifications import outbox

log = logging.getLogger(__name__)

NOT_STORED = (
    "We could not store your text just now. Nothing is lost: it is still here. Please send it again in a minute."
)
TOO_MANY = (
    "Many posts have come from your network within the last hour, so we have to pause. "
    "Nothing is lost: your text is still here. Please send it again in an hour."
)
TOO_MANY_FROM_ADDRESS = (
    "This e-mail address has been used for many posts today. Your text is still here. Please send it again tomorrow."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form on its own page, or take a question (also from the form under an article)."""
    if request.method != "POST":
        form = AskForm(user=request.user, initial={"article": request.GET.get("article", "")})
        return render(request, "forum/ask.html", {"form": form, "article": asked_article(request, form)})
    form = AskForm(request.POST, user=request.user)
    post, status = submit(request, form)
    if post:
        return redirect(post.get_status_url())
    return render(request, "forum/ask.html", {"form": form, "article": asked_article(request, form)}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a reply to a public question."""
    question = access.public_question(public_id)
    credential = posting.physician_credential(request.user) if request.user.is_authenticated else None
    posted = request.POST if request.method == "POST" else None
    form = ReplyForm(posted, user=request.user, as_physician=credential is not None)
    status = 200
    if request.method == "POST":
        post, status = submit(request, form, question)
        if post:
            return redirect(post if post.is_public else post.get_status_url())
    context = {"form": form, "question": question, "answers_as": credential}
    return render(request, "forum/reply.html", context, status=status)


@login_required
@require_POST
def follow(request: MemberRequest, public_id: str) -> HttpResponse:
    """Start or stop mail about replies to a question."""
    question = access.public_question(public_id)
    contact = Contact.objects.for_user(request.user)
    with transaction.atomic():
        subscription = outbox.follow(contact, Subscription.Kind.THREAD, question)
        if request.POST.get("stop"):
            outbox.end(subscription)
            messages.success(request, "You will get no more mail about this question.")
        else:
            outbox.resume(subscription)
            messages.success(request, "We will mail you when there is a new reply.")
    return redirect(question)


def asked_article(request: HttpRequest, form: PostForm) -> Article | None:
    """Return the article that the question is about, if the form or the link names one."""
    slug = str(form["article"].value() or "")
    return (
        Article.objects.visible_to(request.user).filter(slug=slug).first()
        if slug.isascii() and slug.isprintable() and len(slug) < 200
        else None
    )


def submit(request: HttpRequest, form: PostForm, question: Post | None = None) -> tuple[Post | None, int]:
    """Return the stored post, or None and the HTTP status for the page that shows the form again."""
    if not form.is_valid():
        return None, 409 if form.is_from_an_old_page else 422
    values = form.cleaned_data
    member = request.user if request.user.is_authenticated else None
    draft = posting.Draft(
        text=values["text"],
        form_key=values["form_key"],
        user=member,
        name=values.get("name", ""),
        address=values.get("email", ""),
        article=values.get("article"),
        question=question,
        hide_name=values.get("hide_name", False),
    )
    sent_before = Post.objects.filter(form_key=posting.submission_key(draft)).first()
    if sent_before:
        return sent_before, 200
    if refused := sanctions.refusal(member):
        form.add_error(None, refused)
        return None, 403
    if form.should_tell():
        return None, 200
    if not limits.allow(request, "post", settings.ASK_PER_NETWORK_HOUR):
        form.add_error(None, TOO_MANY)
        return None, 429
    if member is None and posting.too_many_from(draft.address):
        form.add_error("email", TOO_MANY_FROM_ADDRESS)
        return None, 429
    try:
        return posting.submit(draft), 200
    except OperationalError as error:  # the disk is full, the database locked or away
        log.error("not_stored", exc_info=error)
        form.add_error(None, NOT_STORED)
        return None, 503
