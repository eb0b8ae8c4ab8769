"""App configuration of the forum. Missing default reasons are added after every migrate."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class ForumConfig(AppConfig):
    name = "forum"
    verbose_name = "Discussion"

    def ready(self) -> None:
        from forum.moderation.reasons import ensure_reasons

        post_migrate.connect(ensure_reasons, sender=self, dispatch_uid="forum.reasons")
        if settings.INBOUND.provider:
            self._listen_to_the_provider()

    def _listen_to_the_provider(self) -> None:
        from anymail import signals

        from forum.inbound import webhooks

        signals.inbound.connect(webhooks.take_mail, dispatch_uid="forum.inbound.mail")
        signals.tracking.connect(webhooks.take_report, dispatch_uid="forum.inbound.report")
