"""What rows with formatted text have in common: the source is kept, and next to it the HTML made of it when saved."""

from typing import Any, ClassVar

from django.db import models

from articles.text import markup, rendering

SOURCE_HELP = "Plain text; *emphasis*, **strong**, lists and links as in Markdown. At most 5,000 characters."


def source_field(label: str, **options: Any) -> models.TextField:
    """Return a text field for the small Markdown subset of markup.render."""
    return models.TextField(label, max_length=markup.MAX_LENGTH, help_text=SOURCE_HELP, **options)


class Rendered(models.Model):
    """A row whose sources are rendered when it is saved. `RENDERED` names the pairs: source field -> HTML field."""

    RENDERED: ClassVar[dict[str, str]] = {}

    html_version = models.CharField(max_length=20, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with HTML that fits the source."""
        rendering.fill(self)
        super().save(*args, **kwargs)
