"""Reminders to renew a credential before it lapses, and mails after it has lapsed. Run hourly."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Credential
from forum.models import Delivery
from forum.notifications import outbox
from forum.notifications.mails.recognition import LAPSED, REMIND_DAYS

# After a longer outage nobody is told of a credential that lapsed before.
TOLD_WITHIN = timedelta(days=30)
# Mails per round; the next hourly round continues.
BATCH_SIZE = 500


def remind() -> None:
    first = timezone.localdate()
    for days in sorted(REMIND_DAYS):
        last = timezone.localdate() + timedelta(days=days)
        _queue(Credential.objects.in_force().filter(valid_until__range=(first, last)), str(days))
        first = last + timedelta(days=1)


def tell_lapsed() -> None:
    today = timezone.localdate()
    lapsed = Credential.objects.filter(
        withdrawn_at=None, valid_until__lt=today, valid_until__gte=timezone.localdate() - TOLD_WITHIN
    )
    _queue(lapsed, LAPSED)


def _queue(those: QuerySet[Credential], what: str) -> None:
    longer = Credential.objects.in_force().filter(user=OuterRef("user"), valid_until__gt=OuterRef("valid_until"))
    told = Delivery.objects.filter(kind=Delivery.Kind.CREDENTIAL, credential=OuterRef("pk"), event__endswith=f":{what}")
    wanted = those.filter(~Q(Exists(longer)), ~Q(Exists(told)), user__is_active=True)
    for credential in wanted.select_related("user").order_by("valid_until", "pk")[:BATCH_SIZE]:
        contact = Contact.objects.for_user(credential.user)
        # The event prevents a second mail of the same kind.
        outbox.owe(Delivery.Kind.CREDENTIAL, f"credential:{credential.pk}:{what}", contact, credential=credential)
