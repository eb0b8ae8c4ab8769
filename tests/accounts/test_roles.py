"""What each role may do, the admin, and who makes somebody a verified physician."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import roles
from accounts.models import Credential, User
from forum.models import Delivery
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

# role -> what it may, of what matters most
MAY = {
    roles.MODERATORS: {"forum.moderate_posts", "forum.view_log"},
    roles.PHYSICIANS: {"forum.answer_as_physician"},
    roles.EDITORS: {"articles.add_article", "articles.change_article", "articles.change_safetynotice"},
    roles.STAFF: {"forum.view_log", "forum.view_delivery", "accounts.add_credential", "articles.change_safetynotice"},
}
EVERYTHING = set().union(*MAY.values())


@pytest.mark.parametrize("role", MAY)
def test_what_each_role_may(role: str) -> None:
    user = factories.person("", role)
    assert {permission for permission in EVERYTHING if user.has_perm(permission)} == MAY[role]
    assert user.get_all_permissions() == set(roles.ROLES[role])


def test_every_permission_that_a_role_names_exists() -> None:
    for role, wanted in roles.ROLES.items():
        permissions = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in permissions} == set(wanted)


@pytest.mark.parametrize("role", [roles.PHYSICIANS, roles.EDITORS, roles.STAFF, None])
def test_only_moderators_moderate(role: str | None) -> None:
    user = factories.person("", *([role] if role else []), is_staff=role == roles.STAFF)
    post = factories.pending()
    visitor = Visitor(user)
    assert visitor.get("/moderation/").status_code == 403
    assert visitor.post(f"/moderation/{post.public_id}/decide/", {"move": "publish", "version": 1}).status_code == 403


@pytest.mark.parametrize("role", [roles.MODERATORS, roles.PHYSICIANS, None])
def test_the_admin_is_for_staff(role: str | None) -> None:
    visitor = Visitor(factories.person("", *([role] if role else [])))
    for url in ("/admin/", "/admin/accounts/user/", "/admin/forum/post/"):
        response = visitor.get(url, follow=True)
        assert response.redirect_chain[-1][0] == "/me/", url


def test_the_admin_has_no_sign_in_of_its_own() -> None:
    """One door, with its rate limits and its second factor."""
    page = Visitor().get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/accounts/login/")
    staff = factories.person("", roles.STAFF, is_staff=True, address="staff@members.test")
    totp.TOTP.activate(staff, totp.generate_totp_secret())
    form = {"username": staff.handle, "password": factories.PASSWORD, "login": "staff@members.test"}
    visitor = Visitor()
    visitor.post("/admin/login/", form)
    assert visitor.get("/admin/").status_code == 302
    visitor.post("/accounts/login/", form)
    assert visitor.get("/admin/").status_code == 302, "the second factor is still missing"


def test_the_admin_shows_no_table_of_addresses() -> None:
    """allauth registers two, and the secrets of second factors: they are taken out."""
    tables = {model._meta.label for model in admin.site._registry}
    assert not {label for label in tables if label.startswith(("account.", "mfa.")) or "Contact" in label}
    visitor = Visitor(factories.person("", is_staff=True, is_superuser=True))
    for url in ("/admin/account/emailaddress/", "/admin/mfa/authenticator/", "/admin/accounts/contact/"):
        assert visitor.get(url).status_code == 404
    assert visitor.get("/admin/").status_code == 200


def test_staff_cannot_promote_anybody() -> None:
    staff = factories.person("Sue", roles.STAFF, is_staff=True)
    group = Group.objects.get(name=roles.MODERATORS)
    form = {"name": "Sue", "is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": [group.pk]}
    Visitor(staff).post(f"/admin/accounts/user/{staff.pk}/change/", form)
    user = User.objects.get(pk=staff.pk)
    assert not user.is_superuser and not user.has_perm("forum.moderate_posts")


def test_posts_and_mails_are_looked_at_and_not_changed_in_the_admin() -> None:
    post = factories.pending()
    visitor = Visitor(factories.person("", is_staff=True, is_superuser=True))
    delivery = Delivery.objects.filter(post=post).first()
    assert delivery
    for url in (f"/admin/forum/post/{post.pk}/", f"/admin/forum/delivery/{delivery.pk}/"):
        assert visitor.get(f"{url}change/").status_code == 200
        assert visitor.post(f"{url}change/", {"state": "published"}).status_code == 403
        assert visitor.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    assert visitor.get("/admin/forum/post/add/").status_code == 403
    post.refresh_from_db()
    assert post.state == "pending"


# Credentials


def form_for(user: User, **fields: Any) -> dict[str, Any]:
    """Return what the admin's form sends."""
    today = timezone.localdate()
    good = {"user": user.pk, "full_name": "Dr Phil", "specialty": "Neurology", "checked_on": today, "valid_from": today}
    return {**good, "valid_until": today + timedelta(days=365), "withdrawn_at_0": "", "withdrawn_at_1": "", **fields}


def test_a_credential_names_who_checked_it() -> None:
    staff, physician = factories.person("Sue", roles.STAFF, is_staff=True), factories.person("Phil")
    other = factories.person("Otto")
    response = Visitor(staff).post("/admin/accounts/credential/add/", form_for(physician, checked_by=other.pk))
    assert response.status_code == 302
    credential = Credential.objects.get()
    assert credential.checked_by == staff and physician.current_credential() == credential


def test_nobody_checks_their_own_credential() -> None:
    for superuser in (True, False):
        staff = factories.person("Sue", roles.STAFF, is_staff=True, is_superuser=superuser)
        page = Visitor(staff).post("/admin/accounts/credential/add/", form_for(staff))
        assert page.status_code == 200 and "Nobody can check their own credential" in page.text
    assert not Credential.objects.exists()


def test_what_was_granted_stands() -> None:
    """Old answers show it: nobody turns a credential into their own, or into another, afterwards."""
    staff, physician = factories.person("Sue", roles.STAFF, is_staff=True), factories.person("Phil")
    Visitor(staff).post("/admin/accounts/credential/add/", form_for(physician))
    credential = Credential.objects.get()
    form = form_for(staff, full_name="Dr Sue", specialty="Surgery", valid_until="2999-01-01")
    Visitor(staff).post(f"/admin/accounts/credential/{credential.pk}/change/", form)
    now = Credential.objects.get()
    assert (now.user, now.full_name, now.specialty) == (physician, "Dr Phil", "Neurology")
    assert now.valid_until == credential.valid_until


def test_the_database_refuses_it_too() -> None:
    user, today = factories.person(), timezone.localdate()
    fields = {"user": user, "checked_by": user, "checked_on": today, "valid_from": today, "valid_until": today}
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(
            **{**fields, "checked_by": factories.person(), "valid_from": today + timedelta(days=1)}
        )


@pytest.mark.parametrize("who", ["physician", "moderator", "member"])
def test_only_staff_give_credentials(who: str) -> None:
    user = {"physician": factories.physician, "moderator": factories.moderator, "member": factories.person}[who]()
    before = Credential.objects.count()
    response = Visitor(user).post("/admin/accounts/credential/add/", form_for(factories.person()))
    assert response.status_code in {302, 403} and Credential.objects.count() == before


def test_a_credential_is_withdrawn_and_never_deleted() -> None:
    physician = factories.physician()
    credential = physician.credentials.get()
    visitor = Visitor(factories.person("", is_staff=True, is_superuser=True))
    assert visitor.post(f"/admin/accounts/credential/{credential.pk}/delete/", {"post": "yes"}).status_code == 403
    form = form_for(physician, withdrawn_at_0="2026-01-01", withdrawn_at_1="00:00:00")
    assert visitor.post(f"/admin/accounts/credential/{credential.pk}/change/", form).status_code == 302
    assert User.objects.get(pk=physician.pk).current_credential() is None


def test_a_credential_counts_from_its_first_to_its_last_day() -> None:
    physician = factories.physician()
    today = timezone.localdate()
    for start, end, counts in [(0, 0, True), (-9, 0, True), (0, 9, True), (1, 9, False), (-9, -1, False)]:
        dates = {"valid_from": today + timedelta(days=start), "valid_until": today + timedelta(days=end)}
        physician.credentials.update(**dates)
        assert (physician.current_credential() is not None) == counts
