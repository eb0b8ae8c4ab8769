"""What people are mailed about their own data."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from forum.models import Delivery
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail


def data(delivery: Delivery) -> Mail:
    """Bring a guest the link to everything that was written from their address."""
    link = delivery.data_link
    if link is None or link.expires_at <= timezone.now():
        raise NotWanted("The link has ended.")
    url = absolute(reverse("forum:your-data-link", args=[link.token]))
    return render_mail(delivery, {"data_url": url, "hours": settings.DATA_LINK_HOURS})


def erasure(delivery: Delivery) -> Mail:
    """Tell a person when what they asked for will be done, and how to take it back."""
    wish = delivery.erasure
    if wish is None or not wish.is_open:
        raise NotWanted("It was taken back, or is done.")
    return render_mail(
        delivery, {"erasure": wish, "erasure_url": absolute(reverse("forum:erasure", args=[wish.token]))}
    )
