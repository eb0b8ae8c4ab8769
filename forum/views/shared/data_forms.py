"""Forms for data export and erasure."""

from django import forms

from forum.views.shared.forms import AddressField

KEEP = "keep"
DELETE = "delete"


class LinkForm(forms.Form):
    email = AddressField(
        label="Your e-mail address",
        help_text="The one that you gave when you wrote. We mail a link to it.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": "Write the e-mail address that you gave when you wrote.",
            "invalid": "Write an e-mail address with an @ in it, like name@example.org.",
        },
    )


class EraseForm(forms.Form):
    posts = forms.ChoiceField(
        label="What should happen to your posts",
        choices=[
            (KEEP, "They stay for other readers, as by “A former reader”"),
            (DELETE, "Their text is deleted, too"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose one of the two.",
            "invalid_choice": "Choose one of these.",
        },
    )

    @property
    def keeps_posts(self) -> bool:
        return bool(self.cleaned_data["posts"] == KEEP)
