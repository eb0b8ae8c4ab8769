"""Admin of articles. What is saved here counts as edited by staff: load_articles then leaves it unchanged."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest
from django.utils import timezone

from articles.models import (
    Affiliation,
    Article,
    Author,
    Commentary,
    Comparison,
    FlowStep,
    SafetyNotice,
    Study,
    StudySection,
)


class StudyInline(admin.StackedInline):
    model = Study
    extra = 0
    fields = ("position", "anchor", "title", "paper_title")
    show_change_link = True


class SectionInline(admin.StackedInline):
    model = StudySection
    extra = 0


class ComparisonInline(admin.StackedInline):
    model = Comparison
    extra = 0


class CommentaryInline(admin.StackedInline):
    model = Commentary
    extra = 0


class OfThisStudy(admin.TabularInline):
    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return self._narrowed(super().formfield_for_foreignkey(db_field, request, **kwargs), request)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return self._narrowed(super().formfield_for_manytomany(db_field, request, **kwargs), request)

    @staticmethod
    def _narrowed(field: Any, request: HttpRequest) -> Any:
        match = request.resolver_match
        study = match.kwargs.get("object_id") if match else None
        queryset = field.queryset if isinstance(field, forms.ModelChoiceField) else None
        if queryset is not None and queryset.model in (FlowStep, Affiliation):
            known = study is not None and str(study).isdecimal()
            field.queryset = queryset.filter(study=study) if known else queryset.none()
        return field


class FlowInline(OfThisStudy):
    model = FlowStep
    extra = 0


class AffiliationInline(admin.TabularInline):
    model = Affiliation
    extra = 0


class AuthorInline(OfThisStudy):
    model = Author
    extra = 0


def mark_edited(articles: QuerySet[Article]) -> None:
    # updated_at also invalidates the cached pages.
    now = timezone.now()
    articles.update(edited_by_staff_at=now, updated_at=now)


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ("title", "status", "published_at", "updated_at", "edited_by_staff_at")
    list_filter = ("status",)
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("created_at", "updated_at", "edited_by_staff_at")
    inlines = (StudyInline,)
    view_on_site = True

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        mark_edited(Article.objects.filter(pk=form.instance.pk))


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):
    list_display = ("title", "article", "position")
    list_select_related = ("article",)
    search_fields = ("title", "paper_title")
    inlines = (SectionInline, ComparisonInline, FlowInline, CommentaryInline, AffiliationInline, AuthorInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: list[BaseFormSet], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        mark_edited(Article.objects.filter(pk=form.instance.article_id))

    def delete_model(self, request: HttpRequest, obj: Study) -> None:
        mark_edited(Article.objects.filter(pk=obj.article_id))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> None:
        mark_edited(Article.objects.filter(pk__in=list(queryset.values_list("article_id", flat=True))))
        super().delete_queryset(request, queryset)


@admin.register(SafetyNotice)
class SafetyNoticeAdmin(admin.ModelAdmin):
    list_display = ("title", "key", "updated_at", "edited_by_staff_at")
    readonly_fields = ("updated_at", "edited_by_staff_at")

    def save_model(self, request: HttpRequest, obj: SafetyNotice, form: Any, change: bool) -> None:
        obj.edited_by_staff_at = timezone.now()
        super().save_model(request, obj, form, change)
