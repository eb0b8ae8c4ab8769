"""Form fields for credentials, and a check that keeps the licence number out of public texts."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from articles.text import cleaning
from articles.text.markup import find_addresses

ADDRESS = "Please leave out e-mail addresses. What you wrote is still here."
LICENCE_ELSEWHERE = "Please leave out the licence number: others than the checkers read this."
# Shorter numbers occur in texts by chance.
MIN_LICENCE_LENGTH = 4


class LineField(forms.CharField):
    """One line without invisible characters or e-mail addresses, with at least one letter or number."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(cleaning.clean(str(value or "")))).split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if find_addresses(value):
            raise ValidationError(ADDRESS)
        if value and not any(unicodedata.category(char)[0] in "LN" for char in value):
            raise ValidationError(self.error_messages["required"], code="required")


class LinkField(forms.URLField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", max_length=300, **kwargs)
        self.validators = [*self.validators, URLValidator(schemes=["http", "https"])]

    def to_python(self, value: Any) -> str:
        return str(super().to_python(cleaning.clean(str(value or ""))) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if find_addresses(value):
            raise ValidationError(ADDRESS)


def names_licence(number: str, text: str) -> bool:
    plain = _squeezed(number)
    return len(plain) >= MIN_LICENCE_LENGTH and plain in _squeezed(text)


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
