"""What readers see of an answer's past, and how they say that a reply helped."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from forum import access, limits
from forum.ageing import helpful
from forum.ageing.history import versions
from forum.models import Post
from forum.reporting import Reader
from forum.views.own import READ_OR_POST

TOO_MANY = "Many readers on your network have said within the last hour what helped. Please press it again in an hour."


@require_safe
def history(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what was public of an answer, newest first."""
    answer = access.public_answer(public_id)
    return render(request, "forum/ageing/history.html", {"answer": answer, "versions": versions(answer)})


@never_cache
@require_http_methods(READ_OR_POST)
def helped(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a reader's word that the reply helped, or take it back; GET shows the button."""
    reply = access.public_reply(public_id)
    reader = Reader.of(request.user, limits.network_of(request))
    if request.method != "POST":
        said = bool(helpful.said_by(reader, [reply]))
        return render(request, "forum/ageing/helped.html", {"post": reply, "said": said})
    if reply.written_by(request.user):
        return render(request, "forum/ageing/helped.html", {"post": reply}, status=403)
    if not limits.allow(request, "helped", settings.HELPED_PER_NETWORK_HOUR):
        return render(request, "forum/ageing/helped.html", {"post": reply, "problem": TOO_MANY}, status=429)
    if "take_back" in request.POST:
        helpful.take_back(reply, reader)
        messages.success(request, "Taken back.")
    else:
        helpful.say(reply, reader)
        messages.success(request, "Thank you for telling us that this helped.")
    return redirect(_place(request, reply))


def _place(request: HttpRequest, reply: Post) -> str:
    """Return where the reader was, at the reply: a page of its own question, or where the reply stands."""
    back = request.POST.get("back", "")
    known = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    home = urlsplit(reply.get_absolute_url()).path
    if known and urlsplit(back).path == home:
        return f"{home}?{urlsplit(back).query}#post-{reply.public_id}"
    return reply.get_absolute_url()
