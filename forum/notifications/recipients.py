"""Recipients of mail by their role: moderators, physicians, and others with a permission."""

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from accounts.models import Contact, Credential, User


def moderator_contacts() -> list[Contact]:
    """Return the contacts of the active people who may decide on posts; two queries once everybody has one."""
    return contacts_with("forum.moderate_posts")


def contacts_with(permission: str) -> list[Contact]:
    """Return the contacts of the active people who were given the permission ("app.codename"), by a role or by name."""
    app, codename = permission.split(".")
    named = Permission.objects.filter(content_type__app_label=app, codename=codename)
    holds = Q(groups__permissions__in=named) | Q(user_permissions__in=named)
    return _contacts(User.objects.filter(holds))


def _contacts(people: QuerySet[User]) -> list[Contact]:
    people = people.filter(is_active=True).select_related("contact").distinct()
    return [person.contact if hasattr(person, "contact") else Contact.objects.for_user(person) for person in people]


def physician_contacts() -> list[Contact]:
    """Return the contacts of the active physicians whose credential is in force."""
    may_answer = Permission.objects.filter(content_type__app_label="forum", codename="answer_as_physician")
    holds = Q(groups__permissions__in=may_answer)
    return _contacts(User.objects.filter(holds, credentials__in=Credential.objects.in_force()))
