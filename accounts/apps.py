"""The accounts application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Keeps the role groups in step with the code after every migrate."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from accounts.roles import ensure_groups

        post_migrate.connect(ensure_groups, dispatch_uid="accounts.roles")
