"""The forum in the admin: to look at only, since a post's state has one door; and the library of reasons, to edit."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property

from articles.text.markup import find_addresses
from forum.models import Delivery, Post, Reason, Topic
from forum.moderation import reasons


class BoundedPaginator(Paginator):
    """Counts no further than FARTHEST rows: these tables grow for ever, and nobody turns so many pages."""

    FARTHEST = 1_000

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, as far as it counts."""
        rows: Any = self.object_list
        return int(rows.order_by()[: self.FARTHEST].count())


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows and changes none."""

    paginator = BoundedPaginator
    show_full_result_count = False
    # Facets count every row of the table for each choice.
    show_facets = admin.ShowFacets.NEVER

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
    fields = ("kind", "event", "state", "attempts", "next_attempt_at", "last_error", "created_at", "sent_at")


class ReasonForm(forms.ModelForm):
    """The shape of a reason: authors read it, so there is no address in it."""

    class Meta:
        model = Reason
        fields = ("code", "move", "title", "text", "position", "is_active")

    def clean_text(self) -> str:
        """Refuse e-mail addresses."""
        text = str(self.cleaned_data["text"])
        if find_addresses(text):
            raise ValidationError("Please leave out e-mail addresses: every author who is told this reason reads it.")
        return text


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    """The library of reasons. A code stays what it is, and an entry is switched off, not deleted: the log names it."""

    form = ReasonForm
    list_display = ("title", "move", "position", "is_active", "code")
    list_filter = ("move", "is_active")
    ordering = ("move", "position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> tuple[str, ...]:
        """Let the code be chosen once."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nothing is deleted here."""
        return False

    def save_model(self, request: HttpRequest, obj: Reason, form: Any, change: bool) -> None:
        """Store the entry, and what changed in the log of moderation."""
        reasons.save(obj, actor=request.user)  # type: ignore[arg-type] # nobody else comes here


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    """What questions are about. A slug stays as it is, and a topic is switched off, not deleted: questions have it."""

    list_display = ("name", "specialty", "position", "is_active", "slug")
    ordering = ("position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        """Let the slug be chosen once."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nothing is deleted here."""
        return False
