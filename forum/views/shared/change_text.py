"""Editing a post by its author, and marking a question as answered."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.conflicts import Conflict
from forum import rules
from forum.models import Post
from forum.moderation import sanctions
from forum.posts import corrections, submit
from forum.posts.access import physician_credential
from forum.states import State
from forum.views.shared.forms import NOT_READ, HideNameField, TextField


class EditForm(forms.Form):
    """`version` is the version of the post that the author saw."""

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
        # The text could never be saved with a lost or forged version, so the original is put back.
        if "version" in self.errors:
            self._replace("version", self.initial["version"])
        return super().clean() or {}

    def should_tell(self, verdict: rules.Verdict) -> bool:
        """True once for each form, before a change hides a public post; `hides` is then what the rules found."""
        if self.cleaned_data["told"]:
            return False
        self.hides = list(dict.fromkeys(match.for_author for match in verdict.matches if match.for_author))
        self._replace("told", "yes")
        return True

    def _replace(self, name: str, value: Any) -> None:
        """Change a value of the form that is shown again; everything else stays as typed."""
        self.data = {**{key: self.data[key] for key in self.data}, name: value}


def change_text(request: HttpRequest, post: Post) -> HttpResponse:
    """Show the form or save a change; before a change hides a public post its author is told so, once."""
    if not post.is_editable:
        return _too_late(request, post, request.POST.get("text", ""))
    # Others' changes wait for a moderator, so there is nothing to tell followers yet.
    can_tell = post.is_answer and post.state == State.PUBLISHED and _answers_today(post)
    form = EditForm(request.POST if request.method == "POST" else None, post=post, can_tell=can_tell)
    if not form.is_valid():
        return _form_page(request, post, form, 422 if form.is_bound else 200)
    if refused := sanctions.refusal(post.author):
        form.add_error(None, refused)
        return _form_page(request, post, form, 403)
    if form.cleaned_data["version"] != post.version:
        return _overtaken(request, post, form.cleaned_data["text"])
    return _save(request, post, form)


def _save(request: HttpRequest, post: Post, form: EditForm) -> HttpResponse:
    values = form.cleaned_data
    if post.state == State.PUBLISHED and values["text"] == post.source:
        return _same_text(request, post, form)
    change = submit.weigh(post, values["text"])
    if change.hides and form.should_tell(change.verdict):
        return _form_page(request, post, form, 200)
    try:
        submit.save(change, actor=post.author, version=values["version"], tell=values.get("tell", False))
    except Conflict:
        return _overtaken(request, Post.objects.with_people().get(pk=post.pk), values["text"])
    submit.show_name(post, hidden=values.get("hide_name", False))
    if post.state == State.PUBLISHED:
        messages.success(request, "Your correction is public now.")
        return redirect(post)
    messages.success(request, "Your change is saved. A moderator will read it.")
    return redirect(post.get_status_url())


def _same_text(request: HttpRequest, post: Post, form: EditForm) -> HttpResponse:
    # A name alone needs no moderator.
    submit.show_name(post, hidden=form.cleaned_data.get("hide_name", False))
    messages.success(request, "Saved. The text is as it was.")
    return redirect(post.get_status_url())


def mark_answered(request: HttpRequest, question: Post) -> HttpResponse:
    if question.question_id is not None:
        raise Http404
    is_answered = "open" not in request.POST
    try:
        corrections.answered(question, is_answered=is_answered, actor=question.author)
    except Conflict:
        return _too_late(request, Post.objects.with_people().get(pk=question.pk))
    words = "Thank you. Readers now see that your question is answered."
    messages.success(request, words if is_answered else "Your question is marked as open again.")
    return redirect(question)


def _answers_today(post: Post) -> bool:
    return physician_credential(post.author) is not None


def _form_page(request: HttpRequest, post: Post, form: EditForm, status: int) -> HttpResponse:
    context = {"post": post, "form": form, "wait": settings.TYPICAL_WAIT, "at_once": "tell" in form.fields}
    return render(request, "by_link/edit.html", context, status=status)


def _overtaken(request: HttpRequest, post: Post, typed: str) -> HttpResponse:
    """Answer a form for an older version: the second press of a double click finds its own text saved already."""
    if post.source == typed:
        return redirect(post if post.is_public else post.get_status_url())
    return _too_late(request, post, typed)


def _too_late(request: HttpRequest, post: Post, typed: str = "") -> HttpResponse:
    return render(request, "by_link/too_late.html", {"post": post, "typed": typed}, status=409)
