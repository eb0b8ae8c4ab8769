"""Forms of moderation: decisions, masking, bulk decisions, notes and opinions."""

from typing import Any

from django import forms

from accounts.models import User
from articles.text.markup import mask
from forum.models import Post, Reason
from forum.models.posts import MAX_LENGTH
from forum.moderation import by_mail, masking
from forum.moderation.highlight import Span
from forum.moderation.reasons import choices_for
from forum.posts import submit
from forum.posts.transitions import Transition
from forum.states import ASKING, BUTTONS, DECISIONS, NEEDS_REASON, Move
from forum.views.shared.forms import TextField, WordsField

ONE_OF_THE_BUTTONS = {"required": "Choose what to do.", "invalid_choice": "Choose one of the buttons."}
WRITE_A_REASON = "Write a reason, or choose one: the author will read it."


def reason_choices() -> list[tuple[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {move: [] for move in ("return", "reject", "remove")}
    for reason in Reason.objects.filter(is_active=True):
        groups[reason.move].append((reason.code, reason.title))
    return [("", "None of the list"), *((BUTTONS[Move(move)], found) for move, found in groups.items() if found)]


class DecisionForm(forms.Form):
    """`version` is the version of the post that the card showed."""

    move = forms.ChoiceField(
        choices=[(move.value, BUTTONS[move]) for move in sorted(DECISIONS)], error_messages=ONE_OF_THE_BUTTONS
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason_code = forms.ChoiceField(
        label="Reason from the library",
        choices=reason_choices,
        required=False,
        error_messages={"invalid_choice": "That reason is not in the library any more. Please choose another."},
    )
    reason = WordsField(
        label="Reason for the author",
        help_text="In your own words, instead of a reason from the list or after it. The author reads both.",
        required=False,
    )

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.post = post
        if self.data.get("move") in ASKING:
            self.fields["reason"].label = "Your note"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        move = Move(values["move"]) if values.get("move") else None
        if move is None or self.errors.keys() & {"reason", "reason_code"}:
            return values
        chosen = self._chosen(move, values.get("reason_code", ""))
        if chosen is not None:
            values["reason"] = "\n\n".join(filter(None, [chosen.text, values.get("reason", "")]))
        if move in NEEDS_REASON and not values.get("reason") and not self.errors.get("reason_code"):
            self.add_error("reason", WRITE_A_REASON)
        if move in ASKING and not values.get("reason"):
            self.add_error("reason", "Write a note: what do you want to know?")
        return values

    def transition(self, actor: User) -> Transition:
        """Return what the valid form asks for."""
        values = self.cleaned_data
        return Transition(Move(values["move"]), actor, values["reason"], values["reason_code"])

    def _chosen(self, move: Move, code: str) -> Reason | None:
        found = next((reason for reason in choices_for(move) if reason.code == code), None) if code else None
        if code and found is None:
            self.add_error("reason_code", f"That reason is not one for “{BUTTONS[move]}”. Please choose another.")
        return found


class MaskForm(forms.Form):
    """`parts` are matches of rules (start-end), `others` exact words; clean() sets `text` to what is left."""

    move = forms.ChoiceField(choices=[(Move.MASK.value, BUTTONS[Move.MASK])], error_messages=ONE_OF_THE_BUTTONS)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    parts = forms.MultipleChoiceField(
        label="Leave out what is marked",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "The marked parts have changed. Please look again."},
    )
    others = TextField(
        label="Other words to leave out, one a line",
        help_text="Exactly as in the text. They are left out everywhere in it.",
        required=False,
        rows=3,
    )

    def __init__(self, *args: Any, post: Post, spans: list[Span], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.post = post
        choices = [(span.value, mask(post.source[span.start : span.end])) for span in spans]
        self.fields["parts"].choices = choices  # type: ignore[attr-defined] # a choice field

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        words = [line.strip() for line in str(values.get("others", "")).splitlines() if line.strip()]
        short = [line for line in words if len(line) < masking.MIN_LENGTH]
        if short:
            self.add_error("others", f"“{short[0]}” is too short: it would be left out all over the text.")
        elif not words and not values.get("parts"):
            self.add_error("others", "Choose a part to leave out, or write one here.")
        elif not self.errors:
            self._leave_out(values, words)
        return values

    def transition(self, actor: User) -> Transition:
        """Return what the valid form asks for; the text that is left is rendered here, before any transaction."""
        return Transition(Move.MASK, actor, changes=submit.fields_of(self.cleaned_data["text"]))

    def _leave_out(self, values: dict[str, Any], words: list[str]) -> None:
        parts = [(int(start), int(end)) for start, _, end in (part.partition("-") for part in values["parts"])]
        try:
            values["text"] = masking.without(self.post.source, parts, words)
        except masking.Unknown as unknown:
            self.add_error("others", f"“{unknown.words}” is not in the text.")
            return
        if masking.is_empty(values["text"]):
            self.add_error("others", "Nothing would be left to read. Send it back, or do not publish it.")
        elif len(values["text"]) > MAX_LENGTH:
            self.add_error("others", "The text would become too long. Leave out fewer, larger parts.")


class BulkForm(forms.Form):
    move = forms.ChoiceField(
        choices=[(move.value, BUTTONS[move]) for move in (Move.PUBLISH, Move.RETURN, Move.REJECT, Move.SPAM)],
        error_messages=ONE_OF_THE_BUTTONS,
    )
    reason_code = forms.CharField(label="Reason for the authors", max_length=40, required=False)
    chosen = forms.Field(required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        move = Move(values["move"]) if values.get("move") else None
        if move in NEEDS_REASON:
            code = values.get("reason_code")
            found = next((reason for reason in choices_for(move) if reason.code == code), None)
            if found is None:
                self.add_error("reason_code", f"Choose a reason for “{BUTTONS[move]}”: the authors will read it.")
            else:
                values["reason"] = found.text
        return values


class NoteForm(forms.Form):
    text = WordsField(
        label="Your note",
        help_text="Moderators read it, never the author.",
        error_messages={"required": "Write your note."},
    )


class OpinionForm(forms.Form):
    text = WordsField(
        label="Your opinion",
        help_text="Moderators read it, never the author. Is it safe to publish as it is? What would you change?",
        error_messages={"required": "Write your opinion."},
    )


class ByMailForm(DecisionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["move"].choices = [(move.value, BUTTONS[move]) for move in by_mail.MOVES]  # type: ignore[attr-defined] # a choice field
        self.fields["reason_code"].choices = _reasons_before_publication  # type: ignore[attr-defined] # the same


def _reasons_before_publication() -> list[tuple[str, Any]]:
    """Return the reasons without those for removing public posts, which a mail's link never does."""
    return [group for group in reason_choices() if group[0] != BUTTONS[Move.REMOVE]]
