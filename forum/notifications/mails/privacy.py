"""Mails about personal data: the data link of a guest, and a scheduled erasure."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from forum.models import Delivery
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail


def data(delivery: Delivery) -> Mail:
    link = delivery.data_link
    if link is None or link.expires_at <= timezone.now():
        raise NotWanted("The link has ended.")
    url = absolute(reverse("forum:your-data-link", args=[link.token]))
    return render_mail(delivery, {"data_url": url, "hours": settings.DATA_LINK_HOURS})


def erasure(delivery: Delivery) -> Mail:
    wish = delivery.erasure
    if wish is None or not wish.is_open:
        raise NotWanted("It was taken back, or is done.")
    return render_mail(
        delivery, {"erasure": wish, "erasure_url": absolute(reverse("forum:erasure", args=[wish.token]))}
    )
