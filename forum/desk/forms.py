"""What physicians and moderators type at the desk: filters, answers, snippets, and where a question is routed."""

from typing import Any

from django import forms
from django.db.models import Q
from django.forms.utils import ErrorDict

from accounts.models import Credential, User
from forum.forms import ReplyForm, TextField
from forum.models import Post, Snippet, Topic

MOST_SNIPPETS = 50


class AnswerForm(ReplyForm):
    """A physician's answer; `seen` is the newest answer that the page showed, `saved` the draft (drafts.mark)."""

    text = TextField(
        label="Your answer",
        help_text="Everybody can read it. Up to 5,000 characters.",
        error_messages={"required": "Write your answer."},
        rows=14,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    saved = forms.CharField(widget=forms.HiddenInput, required=False)

    def show(self, **values: str) -> None:
        """Put other values into fields of the form that is shown again; everything else stays as typed."""
        for name, value in values.items():
            self._replace(name, value)

    def refuse(self, field: str | None, words: str, **values: str) -> None:
        """Say what is wrong with keeping the draft, and nothing of what would be wrong with sending it."""
        self.show(**values)
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(field, words)


class DeskFilter(forms.Form):
    """Which questions are wanted; sent by GET, every field may be left out."""

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
    """A piece of text of one's own."""

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


class RouteForm(forms.Form):
    """What a question is about, and whether physicians, or one of them, are asked for an answer."""

    topic = forms.ModelChoiceField(
        Topic.objects.none(),
        label="Topic",
        required=False,
        empty_label="no topic",
        error_messages={"invalid_choice": "That topic is not offered any more. Please choose another."},
    )
    ask = forms.BooleanField(
        label="Ask the physicians for an answer: the question stands on top of their list", required=False
    )
    physician = forms.ModelChoiceField(
        User.objects.none(),
        label="Ask one physician",
        help_text="The physician is mailed at once, or when the question is published. The others see it, too.",
        required=False,
        empty_label="nobody by name",
        error_messages={"invalid_choice": "This physician cannot be asked any more. Please choose another."},
    )

    def __init__(self, *args: Any, question: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topic"]
        topics.queryset = Topic.objects.filter(Q(is_active=True) | Q(pk=question.topic_id or 0))
        people: Any = self.fields["physician"]
        credentials = {found.user_id: str(found) for found in Credential.objects.in_force()}
        in_role = User.objects.filter(groups__permissions__codename="answer_as_physician", is_active=True)
        to_ask = in_role.filter(credentials__in=Credential.objects.in_force()).exclude(pk=question.author_id or 0)
        people.queryset = to_ask.distinct().order_by("name", "pk")
        people.label_from_instance = lambda user: credentials.get(user.pk, user.name)
