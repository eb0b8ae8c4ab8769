"""Form fields about credentials: a line, a web address, and the licence number kept out of public texts."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from articles.text import invisible
from articles.text.markup import find_addresses

ADDRESS = "Please leave out e-mail addresses. What you wrote is still here."
LICENCE_ELSEWHERE = "Please leave out the licence number: others than the checkers read this."
# Shorter numbers stand in any text by chance.
SHORTEST_LICENCE = 4


class LineField(forms.CharField):
    """One line of words: nothing invisible, no address, something to see."""

    def to_python(self, value: Any) -> str:
        """Return the line with single spaces."""
        return " ".join(str(super().to_python(invisible.clean(str(value or "")))).split())

    def validate(self, value: str) -> None:
        """Refuse addresses, and what is empty to the eye."""
        super().validate(value)
        if find_addresses(value):
            raise ValidationError(ADDRESS)
        if value and not any(unicodedata.category(char)[0] in "LN" for char in value):
            raise ValidationError(self.error_messages["required"], code="required")


class LinkField(forms.URLField):
    """A web address, without an e-mail address in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", max_length=300, **kwargs)
        self.validators = [*self.validators, URLValidator(schemes=["http", "https"])]

    def to_python(self, value: Any) -> str:
        """Return the address without characters that nobody can see."""
        return str(super().to_python(invisible.clean(str(value or ""))) or "")

    def validate(self, value: str) -> None:
        """Refuse e-mail addresses."""
        super().validate(value)
        if find_addresses(value):
            raise ValidationError(ADDRESS)


def names_licence(number: str, text: str) -> bool:
    """True when the licence number stands in the text, however it is spaced."""
    plain = _squeezed(number)
    return len(plain) >= SHORTEST_LICENCE and plain in _squeezed(text)


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
