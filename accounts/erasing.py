"""Erasure of an account: names, addresses, second factors, sessions and credentials.

The row stays without anything that names the person, because lines of the log refer to it. Posts are erased by
forum.privacy.erase, which calls this module as its last step.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import FORMER_READER, Contact, Credential, CredentialRequest, User, random_handle, random_public_id

FORMER_PHYSICIAN = "A former physician"


def names_of(user: User) -> set[str]:
    checked = Credential.objects.filter(user=user).values_list("full_name", flat=True)
    asked = CredentialRequest.objects.filter(user=user).values_list("full_name", flat=True)
    return {user.name, *checked, *asked} - {FORMER_READER, FORMER_PHYSICIAN}


def is_last_operator(user: User) -> bool:
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return user.is_superuser and user.is_active and not others.exists()


def make_tombstone(user: User) -> None:
    """Delete names and every way to sign in; call inside a transaction.

    Calling it again changes nothing but random values.
    """
    _forget_in_admin_log(user)
    EmailAddress.objects.filter(user=user).delete()  # EmailConfirmation rows go with them
    Authenticator.objects.filter(user=user).delete()
    for sessions in listed_sessions(user):
        sessions.delete()
    _forget_credentials(user)
    user.groups.clear()
    user.user_permissions.clear()
    user.handle, user.name = random_handle(), FORMER_READER
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login, user.erased_at = None, user.erased_at or timezone.now()
    user.set_unusable_password()
    user.save()


def listed_sessions(user: User) -> list[QuerySet[Any]]:
    model = "usersessions.usersession"
    return (
        [apps.get_model(model)._default_manager.filter(user=user)] if apps.is_installed("allauth.usersessions") else []
    )


def _forget_credentials(user: User) -> None:
    now = timezone.now()
    open_requests = CredentialRequest.objects.filter(user=user, state__in=CredentialRequest.OPEN)
    open_requests.update(state=CredentialRequest.State.TAKEN_BACK)
    gone: dict[str, Any] = {"full_name": FORMER_PHYSICIAN, "jurisdiction": "", "conflicts": ""}
    words = {"licence_number": "", "registry_url": "", "check_note": "", "reason": ""}
    for request in CredentialRequest.objects.filter(user=user):
        CredentialRequest.objects.filter(pk=request.pk).update(**gone, **words, public_id=random_public_id())
    credentials = Credential.objects.filter(user=user)
    credentials.filter(withdrawn_at=None).update(withdrawn_at=now)
    for credential in credentials:
        credentials.filter(pk=credential.pk).update(**gone, withdrawn_reason="", public_id=random_public_id())


def _forget_in_admin_log(user: User) -> None:
    # The admin's own log stores a copy of each object's name.
    about: list[QuerySet[Any]] = [
        User.objects.filter(pk=user.pk),
        Contact.objects.filter(user=user),
        Credential.objects.filter(user=user),
        CredentialRequest.objects.filter(user=user),
    ]
    for rows in about:
        model: type[Model] = rows.model
        numbers = [str(pk) for pk in rows.values_list("pk", flat=True)]
        entries = AdminEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=numbers
        )
        entries.update(object_repr=FORMER_READER, change_message="")
