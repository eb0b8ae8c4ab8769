"""The accounts application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_save


class AccountsConfig(AppConfig):
    """Keeps the role groups in step with the code after every migrate, and little of every device."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from accounts.roles import ensure_groups

        post_migrate.connect(ensure_groups, dispatch_uid="accounts.roles")
        self._keep_devices()

    def _keep_devices(self) -> None:
        from allauth.account import signals as account
        from allauth.usersessions.models import UserSession
        from django.contrib.auth.signals import user_logged_in

        from accounts.auth import devices

        pre_save.connect(devices.keep_little, UserSession, dispatch_uid="accounts.auth.devices.keep_little")
        user_logged_in.connect(devices.has_signed_in, dispatch_uid="accounts.auth.devices.has_signed_in")
        for changed in (account.password_set, account.password_changed, account.password_reset):
            changed.connect(devices.password_has_changed, dispatch_uid="accounts.auth.devices.password_has_changed")
