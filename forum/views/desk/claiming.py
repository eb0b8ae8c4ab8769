"""Claims on questions at the desk: “I’m answering this”, and release."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from forum.models import Post
from forum.physicians import claims, desk
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.views.shared.guards import physicians_only


@physicians_only
@require_POST
def claim(request: MemberRequest, public_id: str) -> HttpResponse:
    question = _question(request, public_id)
    if not claims.claim_question(question, request.user):
        return _taken(request, _question(request, public_id))
    messages.success(request, "Other physicians now see that you are answering this. This ends by itself.")
    return redirect("desk:question", public_id)


@physicians_only
@require_POST
def release(request: MemberRequest, public_id: str) -> HttpResponse:
    claims.release(_question(request, public_id), request.user)
    messages.success(request, "Other physicians see that you are not answering this any more. Your draft is kept.")
    return redirect("desk:question", public_id)


def _question(request: MemberRequest, public_id: str) -> Post:
    found = access.desk_question(request.user, public_id)
    if found is None:
        raise Http404
    return found


def _taken(request: MemberRequest, question: Post) -> HttpResponse:
    row = question.desk
    names = desk.names_of(desk.people_of([row]))
    line = desk.line(row, request.user, names, has_draft=False)
    return render(request, "desk/taken.html", {"question": question, "line": line}, status=409)
