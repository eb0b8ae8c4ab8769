"""Forms for reviewing and superseding a physician's answer."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from forum.models import Post
from forum.views.shared.forms import NOT_READ, WordsField

NONE, ELSEWHERE = "none", "elsewhere"
MAX_CHOICES = 20
# The two URLs of a post on the site.
POST_URL = re.compile(r"(?:/posts/|#post-)([a-z0-9]{1,12})(?:/|$)")
NOT_FOUND = "There is no public physician’s answer at this address. Copy the address of the answer once more."


class ReviewForm(forms.Form):
    """`version` is the version of the answer that the page showed."""

    version = forms.IntegerField(
        min_value=1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), NOT_READ),
    )

    def clean(self) -> dict[str, Any]:
        # The form could never be sent with a lost or forged version, so the original is put back.
        if "version" in self.errors:
            self.data = {**{key: self.data[key] for key in self.data}, "version": self.initial["version"]}
        return super().clean() or {}


class SupersedeForm(ReviewForm):
    """`newer_answer` is the chosen answer once the form is valid; None if no answer is newer."""

    newer = forms.ChoiceField(
        label="Which answer takes its place?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    address = forms.CharField(
        label="Address of the other answer",
        help_text="Only if it is below another question: follow “Link to this reply” there, and copy the address.",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    reason = WordsField(
        label="Why?",
        help_text="Whoever wrote the answer can read it, and it is kept in the log.",
        error_messages={"required": "Write why: it is somebody else’s answer."},
    )
    field_order = ("newer", "address", "reason")

    def __init__(self, *args: Any, answer: Post, by_author: bool, **kwargs: Any) -> None:
        others = Post.objects.public().answers().filter(question=answer.question_id).exclude(pk=answer.pk)
        self.others = {other.public_id: other for other in others.order_by("-published_at", "-id")[:MAX_CHOICES]}
        newer = answer.superseded_by if answer.is_superseded else None
        chosen = newer.public_id if newer and newer.public_id in self.others else ELSEWHERE if newer else ""
        now = {"version": answer.version, "newer": chosen}
        super().__init__(*args, **{**kwargs, "initial": now})
        self.newer_answer: Post | None = None
        choices = [(key, _words(other)) for key, other in self.others.items()]
        none = (NONE, "None: this answer stays as it is")
        field = self.fields["newer"]
        field.choices = [*choices, (ELSEWHERE, "An answer below another question"), none]  # type: ignore[attr-defined] # a choice field
        if by_author:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("newer") == ELSEWHERE:
            self.newer_answer = self._at(values.get("address", ""))
        elif "newer" in values:
            self.newer_answer = self.others.get(values["newer"])
        return values

    def _at(self, address: str) -> Post | None:
        found = POST_URL.search(address.strip())
        answers = Post.objects.public().answers().select_related("question")
        other = answers.filter(public_id=found[1]).first() if found else None
        if other is None:
            self.add_error(
                "address", ValidationError(NOT_FOUND if address else "Write the address of the other answer.")
            )
        return other


def _words(answer: Post) -> str:
    on = f", {date_format(answer.published_at, 'j F Y')}" if answer.published_at else ""
    return f"{answer.name}{on}: {answer.title}"
