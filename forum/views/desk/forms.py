"""Forms of the desk: filters, answers, snippets."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from forum.models import Snippet, Topic
from forum.views.shared.forms import ReplyForm, TextField

MAX_SNIPPETS = 50


class AnswerForm(ReplyForm):
    """`seen` is the newest answer that the page showed, `saved` the mark of the draft (drafts.mark)."""

    text = TextField(
        label="Your answer",
        help_text="Everybody can read it. Up to 5,000 characters.",
        error_messages={"required": "Write your answer."},
        rows=14,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    saved = forms.CharField(widget=forms.HiddenInput, required=False)

    def set_values(self, **values: str) -> None:
        """Change values of the form that is shown again; everything else stays as typed."""
        for name, value in values.items():
            self._replace(name, value)

    def refuse(self, field: str | None, words: str, **values: str) -> None:
        """Show one error about saving the draft, without the errors that sending it would give."""
        self.set_values(**values)
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(field, words)


class DeskFilter(forms.Form):
    topic = forms.ChoiceField(
        label="Topic", required=False, error_messages={"invalid_choice": "There is no such topic. Choose another."}
    )
    specialty = forms.ChoiceField(
        label="Specialty",
        required=False,
        error_messages={"invalid_choice": "There is no such specialty. Choose another."},
    )

    def __init__(self, *args: Any, topics: list[Topic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        specialties = sorted({topic.specialty for topic in topics if topic.specialty})
        choices: dict[str, list[tuple[str, str]]] = {
            "topic": [("", "all topics"), *((topic.slug, topic.name) for topic in topics)],
            "specialty": [("", "all specialties"), *((name, name) for name in specialties)],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined] # a choice field


class SnippetForm(forms.ModelForm):
    title = forms.CharField(
        label="Name",
        help_text="For yourself, to find it again.",
        max_length=80,
        error_messages={"required": "Give it a name."},
    )
    text = TextField(label="Text", longest=2_000, rows=6, error_messages={"required": "Write the text."})

    class Meta:
        model = Snippet
        fields = ("title", "text")
