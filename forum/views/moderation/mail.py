"""Mail queue for operators: queued, failing and failed mail; send again, send now, cancel."""

import logging

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forum.models import Delivery
from forum.notifications import health, outbox
from forum.posts.access import MemberRequest
from forum.views.shared.guards import operators_only

log = logging.getLogger(__name__)

PAGE_SIZE = 25
# Mails that one press of “Send all again” retries.
BATCH_SIZE = 100
TABS = {"failed": "Failed", "retrying": "Retrying", "owed": "Queued", "suppressed": "Bounced"}
NO_LONGER = "Nothing was done: this mail is sent, or is being sent, or somebody else has dealt with it."


@operators_only
@require_safe
def mail(request: MemberRequest) -> HttpResponse:
    """Show one list and the size of each; `?after=<id>` is the next page. Shows no name, address or text."""
    shown = request.GET.get("show", "failed")
    if shown not in TABS:
        raise Http404
    items, has_more = health.page(shown, _after(request), PAGE_SIZE)
    mail_health = health.mail_health()
    context = {
        "shown": shown,
        "tabs": [(name, words, getattr(mail_health, name)) for name, words in TABS.items()],
        "health": mail_health,
        "counted": health.COUNT_LIMIT,
        "at_once": BATCH_SIZE,
        "items": items,
        "next_url": f"?show={shown}&after={items[-1].pk}" if has_more else "",
        "forgotten": outbox.FORGOTTEN,
        "is_first": "after" not in request.GET,
    }
    return render(request, "moderation/mail.html", context)


def _after(request: MemberRequest) -> Delivery | None:
    number = request.GET.get("after", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return get_object_or_404(Delivery, pk=int(number))


@operators_only
@require_POST
def again(request: MemberRequest, number: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery, pk=number)
    if outbox.send_again(delivery) or outbox.hurry(delivery):
        log.info("mail_again", extra={"delivery": delivery.pk, "by": request.user.pk})
        messages.success(request, "It is being sent. If that fails, it is listed here again with the reason.")
    else:
        messages.info(request, NO_LONGER)
    return redirect(_list_of(delivery))


@operators_only
@require_POST
def all_again(request: MemberRequest) -> HttpResponse:
    """Retry failed mail, newest first, after a mail server has refused everything for a while."""
    failed = health.in_state("failed").exclude(kind__in=outbox.FORGOTTEN)
    done = sum(outbox.send_again(delivery) for delivery in failed[:BATCH_SIZE])
    log.info("mail_all_again", extra={"count": done, "by": request.user.pk})
    messages.success(request, f"Being sent: {done}. What fails is listed here again with the reason.")
    return redirect("moderation:mail")


@operators_only
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: MemberRequest, number: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.select_related("recipient"), pk=number)
    back = _list_of(delivery)
    if request.method != "POST":
        return render(request, "moderation/mail_stop.html", {"delivery": delivery, "back_url": back})
    if outbox.call_off(delivery, "Stopped by hand."):
        log.info("mail_stopped", extra={"delivery": delivery.pk, "by": request.user.pk})
        messages.success(request, "This mail will not be sent.")
    else:
        messages.info(request, NO_LONGER)
    return redirect(back)


def _list_of(delivery: Delivery) -> str:
    shown = delivery.state if delivery.state in TABS else "failed"
    return f"{reverse('moderation:mail')}?show={shown}"
