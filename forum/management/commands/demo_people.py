"""`manage.py demo_people`: demo accounts for development. Running it again changes nothing."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import credentials, roles
from accounts.models import Credential, User

PASSWORD = "demo-pass-HSP"  # noqa: S105 - printed by script/server, and refused outside development

# (part of the address before @example.org, public name, groups)
PEOPLE = [
    ("editor", "Erin Editor", [roles.EDITORS, roles.STAFF, roles.CHECKERS]),
    ("moderator", "Mo Moderator", [roles.MODERATORS]),
    ("moderator2", "Mina Moderator", [roles.MODERATORS, roles.CHECKERS]),
    ("physician", "Phil Physician", [roles.PHYSICIANS]),
    ("member", "Mel Member", []),
]


class Command(BaseCommand):
    help = "Create the demo people (only when DEBUG is true)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("Demo people have a published password: they exist only when DEBUG is true.")
        with transaction.atomic():
            people = {label: self._person(label, name, groups) for label, name, groups in PEOPLE}
            self._credential(people["physician"], checker=people["editor"], granter=people["moderator2"])
        self.stdout.write("Demo people are ready.")

    def _person(self, label: str, name: str, groups: list[str]) -> User:
        address = f"{label}@example.org"
        found = EmailAddress.objects.filter(email=address).select_related("user").first()
        if found:
            return found.user
        user = User.objects.create_user(name, PASSWORD, is_staff=roles.STAFF in groups)
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    def _credential(self, physician: User, checker: User, granter: User) -> None:
        today = timezone.localdate()
        if not physician.credentials.in_force().exists():
            Credential.objects.create(
                user=physician,
                full_name="Dr Phil Physician",
                specialty="Neurology",
                jurisdiction="England",
                conflicts=credentials.NO_CONFLICTS,
                checked_by=checker,
                granted_by=granter,
                checked_on=today,
                valid_from=today,
                valid_until=credentials.a_year_after(today),
            )
