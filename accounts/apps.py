"""App configuration of accounts: role groups after each migrate, and signals that limit what is stored of devices."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_save


class AccountsConfig(AppConfig):
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

        pre_save.connect(
            devices.shorten_user_agent, UserSession, dispatch_uid="accounts.auth.devices.shorten_user_agent"
        )
        user_logged_in.connect(devices.remember_day, dispatch_uid="accounts.auth.devices.remember_day")
        for changed in (account.password_set, account.password_changed, account.password_reset):
            changed.connect(devices.end_other_sessions, dispatch_uid="accounts.auth.devices.end_other_sessions")
