"""How long something has waited, in words."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

register = template.Library()


@register.filter
def waited(since: datetime) -> str:
    """Return the time since then; where Django would say "0 minutes", say it as people do."""
    return "less than a minute" if timezone.now() - since < timedelta(minutes=1) else timesince(since)
