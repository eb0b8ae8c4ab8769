"""The shape of what people type. Whether it is published is not decided here."""

import secrets
import time
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from accounts.forms import NameField, refuse_names_of_others
from accounts.models import HIDDEN_NAME
from articles.models import Article
from articles.text import invisible
from articles.text.markup import find_addresses
from forum import rules
from forum.models.posts import MAX_LENGTH, Post
from forum.posts import authorship
from forum.rules import rule_settings

KEY_SALT = "forum.form-key"
HIDDEN_FIELD_FILLED = (
    "A hidden field was filled in, perhaps by your browser. It is empty again now, and your text is still here: "
    "please send it once more."
)
NOT_READ = "This form could not be read. Your text is still here: please send it again."


def new_form_key() -> str:
    """Return a signed random key with the time in it: names this copy of the form, and shows how fast it was sent."""
    return signing.dumps([secrets.token_hex(8), int(time.time())], salt=KEY_SALT)


class TextField(forms.CharField):
    """A post's text: line breaks made one kind, nothing invisible, something to see, at most `longest` characters.

    Moderators so see the text as readers will: without what would turn its direction around.
    """

    def __init__(self, *, longest: int = MAX_LENGTH, rows: int = 8, **kwargs: Any) -> None:
        super().__init__(strip=True, widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true"}), **kwargs)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        """Return the text with plain line breaks and without characters that nobody can see, NUL among them."""
        return str(super().to_python(invisible.clean(str(value or ""))))

    def validate(self, value: str) -> None:
        """Refuse what is empty to the eye, and what is too long, saying by how much."""
        if self.required and not any(unicodedata.category(char)[0] in "LNPS" for char in value):
            raise ValidationError(self.error_messages["required"], code="required")
        over = len(value) - self.longest
        if over > 0:
            words = f"The text is {over:,} characters too long. Please shorten it to {self.longest:,} characters."
            raise ValidationError(words, code="too_long")


class WordsField(TextField):
    """What people say beside the posts (reasons, notes, reports): shorter, and without e-mail addresses."""

    def __init__(self, *, longest: int = 1_000, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(longest=longest, rows=rows, **kwargs)

    def validate(self, value: str) -> None:
        """Refuse addresses: others read it, and some of it stands for good."""
        super().validate(value)
        if find_addresses(value):
            raise ValidationError("Please leave out e-mail addresses: others read this. What you wrote is still here.")


class AddressField(forms.EmailField):
    """An e-mail address as it is seen: copied ones bring invisible characters, and no mail would reach those."""

    def to_python(self, value: Any) -> str:
        """Return the address without them."""
        return str(super().to_python(invisible.clean(str(value or ""))))


class HideNameField(forms.BooleanField):
    """Whether a member's name stands on one post."""

    def __init__(self) -> None:
        label = "Do not show my name on this post"
        help_text = f"Readers then see “{HIDDEN_NAME}”. Moderators still know who wrote it."
        super().__init__(label=label, help_text=help_text, required=False)


class PostForm(forms.Form):
    """What questions and replies share. Members are not asked for a name and an address again."""

    name = NameField(
        label="Your name",
        help_text="Everybody can see it. A first name or a nickname is fine.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    email = AddressField(
        label="Your e-mail address",
        help_text="Your e-mail address will not be published. We use it to tell you what became of your post.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": "Write your e-mail address, so that we can tell you when there is an answer.",
            "invalid": "Write an e-mail address with an @ in it, like name@example.org.",
        },
    )
    text = TextField(label="Your text")
    hide_name = HideNameField()
    # People never see this field; programs that fill in everything do.
    website = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    form_key = forms.CharField(widget=forms.HiddenInput, required=False)
    # Filled in once the author has been told what the text gives away.
    told = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def is_from_an_old_page(self) -> bool:
        """True when the person's standing has changed since the form was opened; only replies depend on it."""
        return False

    def __init__(self, *args: Any, user: Any, as_physician: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.gives_away: list[rules.Match] = []
        if user.is_authenticated:
            del self.fields["name"], self.fields["email"]
        if as_physician or not user.is_authenticated:
            del self.fields["hide_name"]
        self.fields["form_key"].initial = new_form_key

    def clean_name(self) -> str:
        """Refuse guests who call themselves as one of the site's volunteers."""
        name = str(self.cleaned_data["name"])
        refuse_names_of_others(name)
        return name

    def clean_website(self) -> str:
        """Refuse programs, in words that help a person whose browser filled the field in."""
        if self.cleaned_data["website"]:
            self._replace("website", "")
            # Not beside the field: nobody can see it.
            self.add_error(None, HIDDEN_FIELD_FILLED)
        return ""

    def clean(self) -> dict[str, Any]:
        """Refuse a form sent faster than anybody can type, or with a key that is not ours; the text stays."""
        values = super().clean() or {}
        try:
            key, made = signing.loads(values.get("form_key") or "", salt=KEY_SALT)
        except (signing.BadSignature, ValueError, TypeError):
            self._replace("form_key", new_form_key())
            raise ValidationError(NOT_READ) from None
        if time.time() - made < settings.ASK_MINIMUM_SECONDS:
            raise ValidationError("That was very fast. Your text is still here: please send it again.")
        values["form_key"] = key
        return values

    def should_tell(self) -> bool:
        """True once for each form: when a valid text holds personal data and its author has not been told yet."""
        if self.cleaned_data["told"]:
            return False
        self.gives_away = rules.personal_data(self.cleaned_data["text"], rule_settings.load())
        self._replace("told", "yes")
        return bool(self.gives_away)

    def words_about_personal_data(self) -> list[str]:
        """Return what the author is told about each kind of personal data found, once a kind."""
        return list(dict.fromkeys(match.for_author or match.sentence for match in self.gives_away))

    def _replace(self, name: str, value: str) -> None:
        """Change what the form shows again; everything else stays as typed."""
        self.data = {**{key: self.data[key] for key in self.data}, name: value}


class AskForm(PostForm):
    """A question, under an article or on its own."""

    text = TextField(
        label="Your question",
        help_text="Please leave out full names, addresses and phone numbers. Up to 5,000 characters.",
        error_messages={"required": "Write your question."},
    )
    article = forms.ModelChoiceField(
        queryset=Article.objects.none(),
        to_field_name="slug",
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": "The article is not here any more. Your text is still here: send it again, and it will "
            "stand on its own."
        },
    )
    field_order = ("name", "email", "text", "hide_name", "website")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["article"].queryset = Article.objects.visible_to(user)  # type: ignore[attr-defined] # a model choice

    def clean(self) -> dict[str, Any]:
        """Let go of an article that is not there: with its name in it the form could never be sent."""
        if "article" in self.errors:
            self._replace("article", "")
        return super().clean()


class ReplyForm(PostForm):
    """A reply to a question."""

    text = TextField(
        label="Your reply",
        help_text="Please leave out full names, addresses and phone numbers. Up to 5,000 characters.",
        error_messages={"required": "Write your reply."},
    )
    # Under which credential the form was opened.
    writes_as = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("name", "email", "text", "hide_name", "website")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["writes_as"].initial = authorship.opened_by(user)

    def clean(self) -> dict[str, Any]:
        """Refuse a reply that would not appear as the form had said when it was opened; sent again, it goes."""
        values = super().clean()
        changed = authorship.what_changed(values.get("writes_as", ""), self.user)
        if changed:
            self._replace("writes_as", authorship.opened_by(self.user))
            raise ValidationError(changed, code=authorship.CODE)
        return values

    @property
    def is_from_an_old_page(self) -> bool:
        """True when clean has found it so."""
        return self.has_error(NON_FIELD_ERRORS, authorship.CODE)


class EditForm(forms.Form):
    """The author's change to a post; `version` is what the author saw."""

    text = TextField(label="Your text", error_messages={"required": "Write your text."})
    hide_name = HideNameField()
    tell = forms.BooleanField(label="Tell those who follow this question", required=False, initial=True)
    # Filled in once the author has been told that a moderator reads the change first.
    told = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(
        min_value=1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), NOT_READ),
    )

    def __init__(self, *args: Any, post: Post, can_tell: bool = False, **kwargs: Any) -> None:
        now = {"text": post.source, "version": post.version, "hide_name": post.is_name_hidden}
        super().__init__(*args, **{**kwargs, "initial": now})
        self.hides: list[str] | None = None
        if post.author_id is None or post.is_answer:
            del self.fields["hide_name"]
        if not can_tell:
            del self.fields["tell"]

    def clean(self) -> dict[str, Any]:
        """Put back a version that was lost or forged: with it in the form the text could never be saved."""
        if "version" in self.errors:
            self._replace("version", self.initial["version"])
        return super().clean() or {}

    def should_tell(self, verdict: rules.Verdict) -> bool:
        """True once for each form: before a change hides a public post. `hides` then says what was found in it."""
        if self.cleaned_data["told"]:
            return False
        self.hides = list(dict.fromkeys(match.for_author for match in verdict.matches if match.for_author))
        self._replace("told", "yes")
        return True

    def _replace(self, name: str, value: Any) -> None:
        """Change what the form shows again; everything else stays as typed."""
        self.data = {**{key: self.data[key] for key in self.data}, name: value}
