"""What each role may do, the admin, and who makes somebody a verified physician."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import roles
from accounts.models import Credential, CredentialRequest, User
from forum.models import Delivery
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

# role -> what it may, of what matters most
MAY = {
    roles.MODERATORS: {"forum.moderate_posts", "forum.view_log"},
    roles.PHYSICIANS: {"forum.answer_as_physician"},
    roles.EDITORS: {"articles.add_article", "articles.change_article", "articles.change_safetynotice"},
    roles.CHECKERS: {"accounts.check_credentials"},
    roles.STAFF: {"forum.view_log", "forum.view_delivery", "accounts.view_credential", "articles.change_safetynotice"},
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


def test_the_admin_is_no_second_door_to_a_credential() -> None:
    """Two checkers grant and withdraw, elsewhere; here even an operator only looks, and the licence is nowhere."""
    physician = factories.physician()
    credential = physician.credentials.get()
    asked = CredentialRequest.objects.create(user=factories.person(), full_name="Dr Ann", licence_number="LIC-4711")
    Credential.objects.filter(pk=credential.pk).update(request=asked)
    here = f"/admin/accounts/credential/{credential.pk}"
    for visitor in (
        Visitor(factories.person("", is_staff=True, is_superuser=True)),
        Visitor(factories.person("Sue", roles.STAFF, is_staff=True)),
    ):
        pages = [
            visitor.get("/admin/accounts/credential/"),
            visitor.get(f"{here}/change/"),
            visitor.get(f"{here}/history/"),
        ]
        assert [page.status_code for page in pages] == [200, 200, 200]
        assert not [page for page in pages if "4711" in page.text]
        form = {"full_name": "Dr Sue", "withdrawn_at_0": "2026-01-01", "withdrawn_at_1": "00:00:00"}
        for url in ("/admin/accounts/credential/add/", f"{here}/change/", f"{here}/delete/"):
            assert visitor.post(url, {**form, "post": "yes"}).status_code == 403, url
        assert visitor.get("/admin/accounts/credentialrequest/").status_code == 404
    assert physician.current_credential() == credential
    assert Credential.objects.get(pk=credential.pk).full_name == credential.full_name


def test_what_a_role_no_longer_may_is_taken_from_it() -> None:
    group = Group.objects.get(name=roles.STAFF)
    group.permissions.add(Permission.objects.get(codename="add_credential"))
    roles.ensure_groups()
    assert not group.permissions.filter(codename="add_credential").exists()


def test_the_database_refuses_it_too() -> None:
    user, today = factories.person(), timezone.localdate()
    fields = {"user": user, "checked_by": user, "checked_on": today, "valid_from": today, "valid_until": today}
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(
            **{**fields, "checked_by": factories.person(), "valid_from": today + timedelta(days=1)}
        )


def test_a_credential_counts_from_its_first_to_its_last_day() -> None:
    physician = factories.physician()
    today = timezone.localdate()
    for start, end, counts in [(0, 0, True), (-9, 0, True), (0, 9, True), (1, 9, False), (-9, -1, False)]:
        dates = {"valid_from": today + timedelta(days=start), "valid_until": today + timedelta(days=end)}
        physician.credentials.update(**dates)
        assert (physician.current_credential() is not None) == counts
