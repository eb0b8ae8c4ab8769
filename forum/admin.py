"""The forum in the admin, to look at only: a post's state has one door, and it is not here."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from forum.models import Delivery, Post


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nothing is deleted here."""
        return False


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """Posts by state."""

    list_display = ("public_id", "kind", "state", "name", "created_at", "published_at")
    list_filter = ("state", "kind")
    search_fields = ("public_id",)
    show_full_result_count = False
    fields = (
        "public_id",
        "kind",
        "state",
        "name",
        "title",
        "article",
        "question",
        "created_at",
        "published_at",
        "version",
    )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What mail is owed, retrying or failed, and why; never to which address, never its text."""

    list_display = ("pk", "kind", "state", "attempts", "next_attempt_at", "sent_at", "last_error")
    list_filter = ("state", "kind")
    show_full_result_count = False
    fields = ("kind", "event", "state", "attempts", "next_attempt_at", "last_error", "created_at", "sent_at")
