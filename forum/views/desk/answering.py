"""Answer page at the desk: the question's thread, related answers, and a form with draft and snippets."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.conflicts import Conflict
from articles.text import cleaning
from forum.models import AnswerDraft, Post, Snippet
from forum.paging import is_number
from forum.physicians import desk, drafts, related
from forum.posts import access, threads
from forum.posts.access import MemberRequest, physician_credential
from forum.views.desk.forms import AnswerForm
from forum.views.shared import kept_text
from forum.views.shared.guards import physicians_only
from forum.views.shared.submission import submit_form

TOO_LONG = (
    f"That is too long even for a draft. Please shorten it to {drafts.MAX_LENGTH:,} characters; it is kept below."
)
STALE = "You have saved another text in another window. Both are shown here: the other one is below the form."


@physicians_only
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: MemberRequest, public_id: str) -> HttpResponse:
    found = access.desk_question(request.user, public_id)
    if found is None:
        return _gone(request, public_id)
    if request.method != "POST":
        draft = drafts.draft_of(request.user, found)
        first = {"text": draft.text if draft else "", "saved": drafts.mark(draft)}
        newest = related.newest_answer(found, request.user)
        seen = {"seen": newest.public_id if newest else ""}
        return _page(request, found, AnswerForm(user=request.user, initial=first | seen))
    form = AnswerForm(request.POST, user=request.user)
    return _send(request, found, form) if request.POST.get("do") == "send" else _save_draft(request, found, form)


def _save_draft(request: MemberRequest, found: Post, form: AnswerForm) -> HttpResponse:
    """Save the draft, with a snippet appended if one was chosen; return JSON to the page's script, else a page."""
    text = _with_snippet(request, cleaning.clean(request.POST.get("text", "")))
    if len(text) > drafts.MAX_LENGTH:
        form.refuse("text", TOO_LONG, text=text)
        return _json(TOO_LONG, 422) if _by_script(request) else _page(request, found, form, 422)
    try:
        draft = drafts.save(request.user, found, text, seen=request.POST.get("saved", ""))
    except Conflict as conflict:
        form.refuse(None, STALE, text=text, saved=drafts.mark(conflict.current))
        return _json(STALE, 409) if _by_script(request) else _page(request, found, form, 409, other=conflict.current)
    if _by_script(request):
        return _json(f"Draft saved at {draft.saved_at:%H:%M} (UTC).", saved=drafts.mark(draft))
    messages.success(request, "Your draft is saved. Only you can see it.")
    return redirect(reverse("desk:question", args=[found.public_id]) + "#answer")


def _send(request: MemberRequest, found: Post, form: AnswerForm) -> HttpResponse:
    text = kept_text.typed_in(request)
    # A draft first: an answer that cannot be stored now must not be lost.
    if text:
        draft = drafts.keep_sent(request.user, found, text, seen=request.POST.get("saved", ""))
        form.set_values(saved=drafts.mark(draft))
    other = related.newest_answer(found, request.user)
    if form.is_valid() and other is not None and other.public_id != form.cleaned_data["seen"]:
        form.set_values(seen=other.public_id)
        return _page(request, found, form, 409, answered_by=other)
    post, status = submit_form(request, form, found)
    if post is None:
        return _page(request, found, form, status)
    drafts.drop(request.user, found, text)
    messages.success(
        request,
        "Thank you. Your answer is public." if post.is_public else "Thank you. A moderator reads your answer first.",
    )
    return redirect(post if post.is_public else post.get_status_url())


def _with_snippet(request: MemberRequest, text: str) -> str:
    number = request.POST.get("do", "").removeprefix("snippet:")
    if not is_number(number):
        return text
    snippet = Snippet.objects.filter(author=request.user, pk=int(number)).first()
    return "\n\n".join(filter(None, [text.rstrip(), snippet.text])) if snippet else text


def _gone(request: MemberRequest, public_id: str) -> HttpResponse:
    """Give back what was typed or drafted for a question that is not public any more (409); 404 if there is nothing."""
    typed = kept_text.typed_in(request)
    question = Post.objects.filter(public_id=public_id, desk__isnull=False, published_at__isnull=False).first()
    draft: AnswerDraft | None = None
    if question is not None and not question.written_by(request.user):
        draft = drafts.keep(request.user, question, typed) if typed else drafts.draft_of(request.user, question)
    if not typed and draft is None:
        raise Http404
    return kept_text.gone(request, typed or (draft.text if draft else ""), kept=draft is not None)


def _by_script(request: MemberRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _json(words: str, status: int = 200, **more: str) -> JsonResponse:
    return JsonResponse({"said": words, **more}, status=status)


def _page(request: MemberRequest, found: Post, form: AnswerForm, status: int = 200, **more: Any) -> HttpResponse:
    pinned, page = threads.replies_to(found, request)
    names = desk.names_of(desk.people_of([found.desk]))
    context = {
        "question": found,
        "line": desk.line(found.desk, request.user, names, has_draft=False),
        "pinned": pinned,
        "page": page,
        "form": form,
        "related": related.related_answers(found),
        "snippets": list(Snippet.objects.filter(author=request.user)),
        "answers_as": physician_credential(request.user),
        "now": timezone.now(),
        **more,
    }
    return render(request, "desk/question.html", context, status=status)
