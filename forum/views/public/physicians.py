"""Directory of volunteer physicians, with a page for each."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from forum.physicians import directory


@require_safe
def physicians(request: HttpRequest) -> HttpResponse:
    return render(request, "public/physicians.html", {"page": directory.listed(request)})


@require_safe
def physician(request: HttpRequest, public_id: str) -> HttpResponse:
    credential = directory.newest_of(public_id)
    if not credential.is_in_force and not directory.answers_of(credential).exists():
        raise Http404
    if credential.public_id != public_id:
        return redirect("forum:physician", credential.public_id)
    page = directory.answers_page(credential, request)
    return render(request, "public/physician.html", {"credential": credential, "page": page})
