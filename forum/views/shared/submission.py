"""Submission of posts: rate limits, sanctions, and errors that keep the text."""

import logging

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest

from forum import rate_limits
from forum.models import Post
from forum.moderation import sanctions
from forum.posts import submit
from forum.views.shared.forms import PostForm

log = logging.getLogger(__name__)

NOT_STORED = (
    "We could not store your text just now. Nothing is lost: it is still here. Please send it again in a minute."
)
TOO_MANY = (
    "Many posts have come from your network within the last hour, so we have to pause. "
    "Nothing is lost: your text is still here. Please send it again in an hour."
)
TOO_MANY_FROM_ADDRESS = (
    "This e-mail address has been used for many posts today. Your text is still here. Please send it again tomorrow."
)


def submit_form(request: HttpRequest, form: PostForm, question: Post | None = None) -> tuple[Post | None, int]:
    """Return the stored post, or None and the HTTP status for the page that shows the form again."""
    if not form.is_valid():
        return None, 409 if form.is_from_an_old_page else 422
    values = form.cleaned_data
    member = request.user if request.user.is_authenticated else None
    draft = submit.Draft(
        text=values["text"],
        form_key=values["form_key"],
        user=member,
        name=values.get("name", ""),
        address=values.get("email", ""),
        article=values.get("article"),
        question=question,
        hide_name=values.get("hide_name", False),
    )
    sent_before = Post.objects.filter(form_key=submit.submission_key(draft)).first()
    if sent_before:
        return sent_before, 200
    if member and (refused := sanctions.refusal(member)):
        form.add_error(None, refused)
        return None, 403
    if form.should_tell():
        return None, 200
    if not rate_limits.allow(request, "post", settings.ASK_PER_NETWORK_HOUR):
        form.add_error(None, TOO_MANY)
        return None, 429
    if member is None and submit.too_many_from(draft.address):
        form.add_error("email", TOO_MANY_FROM_ADDRESS)
        return None, 429
    try:
        return submit.submit(draft), 200
    except OperationalError as error:  # the disk is full, the database locked or away
        log.error("not_stored", exc_info=error)
        form.add_error(None, NOT_STORED)
        return None, 503
