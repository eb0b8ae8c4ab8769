"""Making an account: a name and an address, and the address counts only once its owner has pressed the button."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Contact, Credential, User
from forum.models import Delivery
from tests import factories
from tests.support.visitors import Visitor, error_beside, ordinary_site, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
SIGNUP, LOGIN = "/accounts/signup/", "/accounts/login/"


def signup(visitor: Visitor | None = None, **fields: str) -> Any:
    """Send the sign-up form."""
    good = {"email": "mel@members.test", "name": "Mel", "password1": factories.PASSWORD}
    return (visitor or Visitor()).post(SIGNUP, {**good, **fields})


def stored_mails() -> list[dict[str, Any]]:
    """Return the account mails that wait for the worker, oldest first."""
    return [delivery.stored or {} for delivery in Delivery.objects.filter(kind="account").order_by("pk")]


def test_a_new_member_must_verify_the_address_before_the_first_sign_in() -> None:
    visitor = Visitor()
    assert signup(visitor)["Location"] == "/accounts/confirm-email/"
    user = User.objects.get()
    assert user.name == "Mel" and user.check_password(factories.PASSWORD)
    assert not EmailAddress.objects.get(user=user).verified
    assert visitor.get("/me/").status_code == 302, "not signed in yet"
    response = Visitor().post(LOGIN, {"login": "mel@members.test", "password": factories.PASSWORD})
    assert response["Location"] == "/accounts/confirm-email/"
    link = re.search(r"https://testserver(/accounts/confirm-email/[^/\s]+/)", stored_mails()[0]["text"])
    assert link
    assert visitor.get(link[1]).status_code == 200
    assert not EmailAddress.objects.get(user=user).verified, "GET confirms nothing"
    visitor.post(link[1])
    assert EmailAddress.objects.get(user=user).verified
    done = Visitor()
    done.post(LOGIN, {"login": "mel@members.test", "password": factories.PASSWORD})
    assert "Hello, Mel" in done.get("/me/").text


def test_the_links_in_mail_lead_to_the_site_whatever_the_host_header_says(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "evil.example"]
    signup(Visitor(SERVER_NAME="evil.example"))
    mail = str(stored_mails())
    assert "https://testserver/accounts/confirm-email/" in mail and "evil.example" not in mail


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Write the name that readers will see"),
        ("mel@members.test", "looks like an e-mail address"),
        ("mel at members dot test", "looks like an e-mail address"),
        ("Mel\nBcc: x", "on one line"),
        ("Mel\x00", "without special control characters"),
        ("Mel\u202e", "without special control characters"),
        ("https://mel.example", "leave web addresses out"),
        ("x" * 81, "80 characters"),
        ("...", "at least one letter"),
    ],
    ids=ascii,
)
def test_names_that_cannot_stand_on_the_site(name: str, words: str) -> None:
    page = signup(name=name)
    assert words in error_beside(page, "name")
    assert typed(page, "email") == "mel@members.test"
    assert typed(page, "password1") == "" and factories.PASSWORD not in page.text
    assert not User.objects.exists() and not EmailAddress.objects.exists() and not Delivery.objects.exists()


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890"])
def test_weak_passwords(password: str) -> None:
    page = signup(password1=password)
    assert error_beside(page, "password1") and not User.objects.exists()


def test_a_name_is_stored_in_its_normal_form() -> None:
    signup(name="  Zoe\u0308   Šmíd ")
    assert User.objects.get().name == "Zoë Šmíd"


def test_no_table_but_the_two_named_ones_has_a_column_for_an_address() -> None:
    """DESIGN 4, promise 1: accounts.Contact and allauth's table, and no copy anywhere else."""
    from django.apps import apps
    from django.db import models

    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.EmailField)
        or (
            isinstance(field, models.Field) and "mail" in field.name.lower() and not isinstance(field, models.DateField)
        )
    }
    assert columns == {
        "accounts.Contact.address",
        "account.EmailAddress.email",
        "account.EmailConfirmation.email_address",  # a reference to the row
    }
    assert not hasattr(User(), "email")


def test_nothing_about_a_user_is_made_from_the_address() -> None:
    signup()
    user = User.objects.get()
    stored = " ".join(str(value) for value in User.objects.filter(pk=user.pk).values_list().get())
    assert "mel@" not in stored and "members.test" not in stored and str(user) == "Mel"
    assert Contact.objects.for_user(user).address == ""
    assert "email" not in {field.name for field in (*User._meta.get_fields(), *Credential._meta.get_fields())}
