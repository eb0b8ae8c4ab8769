"""Forms for questions, replies and edits. They do not decide about publication."""

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
from articles.text import cleaning
from articles.text.markup import find_addresses
from forum import rules
from forum.models.posts import MAX_LENGTH
from forum.posts.access import physician_credential
from forum.rules import facts

KEY_SALT = "forum.form-key"
HIDDEN_FIELD_FILLED = (
    "A hidden field was filled in, perhaps by your browser. It is empty again now, and your text is still here: "
    "please send it once more."
)
NOT_READ = "This form could not be read. Your text is still here: please send it again."
CHANGED_AUTHORSHIP = "standing"
MEMBER = "member"
_signer = signing.Signer(salt="forum.writing-as", sep=".")

ENDED = (
    "Your recognition as a physician is no longer in force, so nothing was sent. Your text is still here: "
    "you can send it on as an ordinary member’s reply, which a moderator reads first."
)
BEGUN = (
    "You have been recognised as a physician since you opened this page, so nothing was sent. Your text is still here: "
    "sent again, it appears under your full name, as a physician’s answer."
)


def new_form_key() -> str:
    """Return a signed random key with the time: it identifies this copy of the form and how fast it was sent."""
    return signing.dumps([secrets.token_hex(8), int(time.time())], salt=KEY_SALT)


class TextField(forms.CharField):
    """A post's text: plain line breaks, no invisible characters, something visible, at most `longest` characters.

    Moderators see the text as readers will, without characters that reverse its direction.
    """

    def __init__(self, *, longest: int = MAX_LENGTH, rows: int = 8, **kwargs: Any) -> None:
        super().__init__(strip=True, widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true"}), **kwargs)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        return str(super().to_python(cleaning.clean(str(value or ""))))

    def validate(self, value: str) -> None:
        if self.required and not any(unicodedata.category(char)[0] in "LNPS" for char in value):
            raise ValidationError(self.error_messages["required"], code="required")
        over = len(value) - self.longest
        if over > 0:
            words = f"The text is {over:,} characters too long. Please shorten it to {self.longest:,} characters."
            raise ValidationError(words, code="too_long")


class WordsField(TextField):
    """Text other than posts (reasons, notes, reports): shorter, and without e-mail addresses.

    Others read it, and the log keeps some of it for good.
    """

    def __init__(self, *, longest: int = 1_000, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(longest=longest, rows=rows, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if find_addresses(value):
            raise ValidationError("Please leave out e-mail addresses: others read this. What you wrote is still here.")


class AddressField(forms.EmailField):
    """An e-mail address without invisible characters: copied addresses bring them, and mail would not arrive."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(cleaning.clean(str(value or ""))))


class HideNameField(forms.BooleanField):
    def __init__(self) -> None:
        label = "Do not show my name on this post"
        help_text = f"Readers then see “{HIDDEN_NAME}”. Moderators still know who wrote it."
        super().__init__(label=label, help_text=help_text, required=False)


class PostForm(forms.Form):
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
    # Honeypot: people never see this field; robots fill in everything.
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
        """True if the person's credential changed since the form was opened; only replies depend on it."""
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
        name = str(self.cleaned_data["name"])
        refuse_names_of_others(name)
        return name

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            self._replace("website", "")
            # In words that help a person whose browser filled it in, and not beside the field, which nobody can see.
            self.add_error(None, HIDDEN_FIELD_FILLED)
        return ""

    def clean(self) -> dict[str, Any]:
        """Refuse a form sent faster than anybody can type, or with a key that this site did not sign."""
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
        """True once for each form: a valid text has personal data and its author has not been told yet."""
        if self.cleaned_data["told"]:
            return False
        self.gives_away = rules.personal_data(self.cleaned_data["text"], facts.load_settings())
        self._replace("told", "yes")
        return bool(self.gives_away)

    def words_about_personal_data(self) -> list[str]:
        return list(dict.fromkeys(match.for_author or match.sentence for match in self.gives_away))

    def _replace(self, name: str, value: str) -> None:
        """Change a value of the form that is shown again; everything else stays as typed."""
        self.data = {**{key: self.data[key] for key in self.data}, name: value}


class AskForm(PostForm):
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
        # The form could never be sent with the name of a missing article.
        if "article" in self.errors:
            self._replace("article", "")
        return super().clean()


def sign_authorship(user: Any) -> str:
    return _signer.sign(_authorship(user))


def authorship_changed(word: str, user: Any) -> str:
    """Return the message for a reply that would not appear as the form had said; empty if nothing has changed."""
    try:
        opened = _signer.unsign(word)
    except signing.BadSignature:
        return ""
    now = _authorship(user)
    if (opened == MEMBER) == (now == MEMBER):
        return ""
    return ENDED if now == MEMBER else BEGUN


def _authorship(user: Any) -> str:
    credential = physician_credential(user) if user.is_authenticated else None
    return credential.public_id if credential else MEMBER


class ReplyForm(PostForm):
    """Carries, signed, the authorship of the time when it was opened: as a member, or under a credential.

    A credential that lapsed or began since must not change the name under the reply unnoticed. Without the field, as
    from a script, the present authorship counts.
    """

    text = TextField(
        label="Your reply",
        help_text="Please leave out full names, addresses and phone numbers. Up to 5,000 characters.",
        error_messages={"required": "Write your reply."},
    )
    # The credential under which the form was opened.
    writes_as = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("name", "email", "text", "hide_name", "website")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["writes_as"].initial = sign_authorship(user)

    def clean(self) -> dict[str, Any]:
        """Refuse a reply that would appear otherwise than the form said when opened; sent again, it is accepted."""
        values = super().clean()
        changed = authorship_changed(values.get("writes_as", ""), self.user)
        if changed:
            self._replace("writes_as", sign_authorship(self.user))
            raise ValidationError(changed, code=CHANGED_AUTHORSHIP)
        return values

    @property
    def is_from_an_old_page(self) -> bool:
        return self.has_error(NON_FIELD_ERRORS, CHANGED_AUTHORSHIP)
