"""Deliveries for the tests of single steps, and ways for a step to end badly."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives

from forum.models import Delivery
from forum.notifications.delivery.backend import OutboxBackend
from tests import factories

ADDRESS = "canary@guests.test"


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the code may catch it."""


def kill(*_arguments: Any, **_options: Any) -> None:
    """Die."""
    raise Killed


def owed_confirmation(address: str = ADDRESS) -> Delivery:
    """Return what a guest is owed who has just asked."""
    return Delivery.objects.get(kind=Delivery.Kind.CONFIRM, post=factories.pending(address=address))


def owed_account_mail(address: str = ADDRESS) -> Delivery:
    """Return what allauth has just sent, by Django's mail backend."""
    message = EmailMultiAlternatives("Sign-in code", "Your code is QX7", to=[address])
    message.attach_alternative("<p>Your code is QX7</p>", "text/html")
    assert OutboxBackend().send_messages([message]) == 1
    return Delivery.objects.filter(kind=Delivery.Kind.ACCOUNT).latest("pk")


def after_the_lease(delivery: Delivery) -> datetime:
    """Return a time when the lease of a claimed delivery has run out."""
    delivery.refresh_from_db()
    return delivery.next_attempt_at + timedelta(seconds=1)


def fail_with(error: Exception) -> Callable[..., None]:
    """Return a function that raises it."""

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise error

    return fail
