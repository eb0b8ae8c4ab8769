"""Admin of users and credentials: no address in any list, form or search."""

from typing import Any

from allauth.account import admin as allauth_account_admin  # noqa: F401 - registers what is taken out below
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa import admin as allauth_mfa_admin  # noqa: F401 - the same
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as allauth_usersessions_admin  # noqa: F401 - the same
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.models import Credential, User

# allauth would list addresses, secrets of second factors and people's devices for everybody who may use the admin.
for private_model in (EmailAddress, EmailConfirmation, Authenticator, UserSession):
    if admin.site.is_registered(private_model):
        admin.site.unregister(private_model)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("name", "handle", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("name", "handle")
    readonly_fields = ("handle", "date_joined", "last_login")
    fields = ("name", "handle", "is_active", "is_staff", "groups", "date_joined", "last_login")
    filter_horizontal = ("groups",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # allauth creates users: it verifies the address

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False  # forum.privacy.erase closes accounts: it also treats the person's posts

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        # Otherwise staff could promote themselves.
        extra = () if request.user.is_superuser else ("is_staff", "groups")
        return (*self.readonly_fields, *extra)


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):
    """Read-only: credentials are granted and withdrawn by two checkers, at /credentials/."""

    list_display = ("full_name", "specialty", "checked_by", "granted_by", "checked_on", "valid_until", "withdrawn_at")
    list_select_related = ("checked_by", "granted_by")
    # Without the request, which holds the licence number, and without the reason of a withdrawal.
    fields = (
        *("user", "full_name", "specialty", "jurisdiction", "conflicts", "checked_by", "granted_by"),
        *("checked_on", "valid_from", "valid_until", "withdrawn_at", "withdrawn_by"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False  # old answers show a credential as it was granted

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False  # old answers refer to it; it is withdrawn instead
