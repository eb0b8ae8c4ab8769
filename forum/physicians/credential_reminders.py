"""What becomes of credentials by itself, every hour: reminders before they lapse, word when they have, forgetting."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Credential
from forum.models import Delivery
from forum.notifications import outbox
from forum.notifications.mails.recognition import LAPSED, REMIND_DAYS

# Whoever has not run this for longer tells nobody of what is long past.
TOLD_WITHIN = timedelta(days=30)
# For one round: the rest is for the next hour.
MOST = 500


def remind() -> None:
    """Owe physicians reminders 30 and 7 days before the credential lapses, once each; when late, the second alone."""
    first = timezone.localdate()
    for days in sorted(REMIND_DAYS):
        last = timezone.localdate() + timedelta(days=days)
        _owe(Credential.objects.in_force().filter(valid_until__range=(first, last)), str(days))
        first = last + timedelta(days=1)


def tell_lapsed() -> None:
    """Owe word to those whose credential has lapsed and who have no other, once."""
    today = timezone.localdate()
    lapsed = Credential.objects.filter(
        withdrawn_at=None, valid_until__lt=today, valid_until__gte=timezone.localdate() - TOLD_WITHIN
    )
    _owe(lapsed, LAPSED)


def _owe(those: QuerySet[Credential], what: str) -> None:
    """Owe one mail for each; the event's name keeps it from being owed twice."""
    longer = Credential.objects.in_force().filter(user=OuterRef("user"), valid_until__gt=OuterRef("valid_until"))
    told = Delivery.objects.filter(kind=Delivery.Kind.CREDENTIAL, credential=OuterRef("pk"), event__endswith=f":{what}")
    wanted = those.filter(~Q(Exists(longer)), ~Q(Exists(told)), user__is_active=True)
    for credential in wanted.select_related("user").order_by("valid_until", "pk")[:MOST]:
        contact = Contact.objects.for_user(credential.user)
        outbox.owe(Delivery.Kind.CREDENTIAL, f"credential:{credential.pk}:{what}", contact, credential=credential)
