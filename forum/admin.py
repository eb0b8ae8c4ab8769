"""Admin of the forum: posts and mail read-only, since only transitions change a post; reasons and topics editable."""

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
    """Counts at most COUNT_LIMIT rows, since these tables keep growing."""

    COUNT_LIMIT = 1_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.COUNT_LIMIT].count())


class ReadOnlyAdmin(admin.ModelAdmin):
    paginator = BoundedPaginator
    show_full_result_count = False
    # Facets would count the whole table for each choice.
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
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
    """Shows neither the address nor the text of a mail."""

    list_display = ("pk", "kind", "state", "attempts", "next_attempt_at", "sent_at", "last_error")
    list_filter = ("state", "kind")
    fields = ("kind", "event", "state", "attempts", "next_attempt_at", "last_error", "created_at", "sent_at")


class ReasonForm(forms.ModelForm):
    """Refuses addresses, because every author who is given the reason reads it."""

    class Meta:
        model = Reason
        fields = ("code", "move", "title", "text", "position", "is_active")

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if find_addresses(text):
            raise ValidationError("Please leave out e-mail addresses: every author who is told this reason reads it.")
        return text


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    """Codes never change and entries are switched off instead of deleted, since the log refers to them."""

    form = ReasonForm
    list_display = ("title", "move", "position", "is_active", "code")
    list_filter = ("move", "is_active")
    ordering = ("move", "position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Reason, form: Any, change: bool) -> None:
        reasons.save(obj, actor=request.user)  # type: ignore[arg-type] # the admin requires a signed-in user


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    """Slugs never change and topics are switched off instead of deleted, since questions refer to them."""

    list_display = ("name", "specialty", "position", "is_active", "slug")
    ordering = ("position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
