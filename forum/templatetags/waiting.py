"""Template filter for waiting times in words."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

register = template.Library()


@register.filter
def waited(since: datetime) -> str:
    return "less than a minute" if timezone.now() - since < timedelta(minutes=1) else timesince(since)
