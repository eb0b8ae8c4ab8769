"""Composition of mail previews, inside a transaction that is rolled back so that nothing is stored."""

from django.db import transaction

from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery import return_paths
from forum.views.dev_mail import about_people, about_posts, to_volunteers
from forum.views.dev_mail.registry import PREVIEWS, Preview
from forum.views.dev_mail.sample_people import Cast

# Importing these fills the list.
MODULES = (about_posts, to_volunteers, about_people)


def sorted_by_kind() -> list[Preview]:
    kinds = list(Delivery.Kind)
    return sorted(PREVIEWS, key=lambda preview: kinds.index(preview.kind))


def find(slug: str) -> Preview | None:
    return next((preview for preview in PREVIEWS if preview.slug == slug), None)


def compose(preview: Preview) -> mails.Mail:
    with transaction.atomic():
        delivery = preview.make(Cast())
        delivery.reply_to = return_paths.reply_to(delivery)
        mail = mails.compose(delivery)
        transaction.set_rollback(True)
    return mail
