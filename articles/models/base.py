"""Base model with formatted text: the source, and beside it the HTML that is rendered on save."""

from typing import Any, ClassVar

from django.db import models

from articles.text import markup, rendering

SOURCE_HELP = "Plain text; *emphasis*, **strong**, lists and links as in Markdown. At most 5,000 characters."


def source_field(label: str, **options: Any) -> models.TextField:
    return models.TextField(label, max_length=markup.MAX_LENGTH, help_text=SOURCE_HELP, **options)


class Rendered(models.Model):
    """`RENDERED` maps source fields to the HTML fields that are rendered on save."""

    RENDERED: ClassVar[dict[str, str]] = {}

    html_version = models.CharField(max_length=20, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        rendering.fill(self)
        super().save(*args, **kwargs)
