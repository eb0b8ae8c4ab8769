"""Confirmation of a guest's address, by the link in the first mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Contact
from forum.notifications import outbox, subscriptions
from forum.posts import question_status
from forum.views.shared.private import READ_OR_POST, private


@never_cache
@require_http_methods(READ_OR_POST)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address, or record that it is somebody else's; 410 once the address is deleted.

    A GET only shows the buttons, because mail scanners open links.
    """
    contact = get_object_or_404(Contact.objects.filter(user=None), token=token)
    if not contact.address:
        return private(render(request, "by_link/confirm_gone.html", status=410))
    post = contact.posts.select_related("question").first()
    if request.method == "POST" and request.POST.get("answer") == "not-me":
        subscriptions.disown(contact)
        Contact.objects.filter(pk=contact.pk).forget()
        return private(render(request, "by_link/confirm_gone.html", {"disowned": True}))
    if request.method == "POST":
        outbox.confirm(contact)
        contact.refresh_from_db()
        question_status.update_for(contact)
    return private(render(request, "by_link/confirm.html", {"contact": contact, "post": post}))
