"""Submitting, editing and withdrawing one's own post; one transaction each."""

import hashlib
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import HIDDEN_NAME, Contact
from accounts.models.contacts import key_of
from articles.models import Article
from articles.text import markup
from articles.text.plain import post_text
from forum import rules
from forum.models import LogEntry, Post
from forum.posts import corrections, transitions
from forum.posts.access import physician_credential
from forum.posts.transitions import Transition
from forum.rules import facts
from forum.rules.judging import BY_MAIL
from forum.states import Move, State

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Draft:
    """`user` is for members, `name` and `address` are for guests, and `question` is for replies.

    `contact` is for answers by mail, instead of an address. `doubt` says why a moderator must read the post first,
    whatever the rules find.
    """

    text: str
    form_key: str
    user: "User | None" = None
    name: str = ""
    address: str = ""
    article: Article | None = None
    question: Post | None = None
    hide_name: bool = False
    contact: Contact | None = None
    doubt: str = ""


def submit(draft: Draft) -> Post:
    """Hold or publish the post as the rules say; the same form sent again returns the first post."""
    key = submission_key(draft)
    existing = Post.objects.filter(form_key=key).first()
    if existing:
        return existing
    post = _build(draft, key)
    # The contact is made below, inside the transaction.
    known = facts.gather(post, key_of(draft.address) if draft.address else "")
    verdict = rules.judge(post.source, known, facts.load_settings())
    if draft.doubt:
        verdict.matches.append(rules.Match(BY_MAIL, draft.doubt))
    try:
        with transaction.atomic():
            post.contact = draft.contact or _contact(draft)
            transitions.admit(post, verdict, actor=draft.user)
            facts.note_faults(verdict.faults)
    except IntegrityError:
        # The second half of a double click: the first one's transaction won.
        first = Post.objects.filter(form_key=key).first()
        if first is None:
            raise
        return first
    return post


@dataclass(frozen=True)
class Change:
    post: Post
    fields: dict[str, Any]
    verdict: rules.Verdict

    @property
    def is_correction(self) -> bool:
        return self.post.state == State.PUBLISHED and not self.verdict.holds

    def revision(self, actor: "User | None") -> Transition:
        was_urgent = self.post.is_urgent and self.post.state != State.PUBLISHED
        changes = {**self.fields, "is_urgent": self.verdict.is_urgent or was_urgent, "reviewed_on": None}
        return Transition(Move.EDIT, actor, changes=changes, verdict=self.verdict)

    @property
    def hides(self) -> bool:
        return self.post.state == State.PUBLISHED and self.verdict.holds


def weigh(post: Post, text: str) -> Change:
    """Judge the change as a new post by its author would be judged; writes nothing."""
    changed = copy(post)
    fields = {**fields_of(text), **_without_ended_credential(post)}
    for name, value in fields.items():
        setattr(changed, name, value)
    known = facts.gather(changed)
    if known.is_physician and physician_credential(post.author) is None:
        known = replace(known, is_physician=False)
    return Change(post, fields, rules.judge(text, known, facts.load_settings()))


def save(change: Change, *, actor: "User | None", version: int, tell: bool = False) -> LogEntry:
    """Raises Conflict; `tell` mails the question's followers about a correction."""
    with transaction.atomic():
        if change.is_correction:
            entry = corrections.correct(
                change.post, change.fields, change.verdict, actor=actor, version=version, tell=tell
            )
        else:
            entry = transitions.transition(change.post, change.revision(actor), version)
        facts.note_faults(change.verdict.faults)
    return entry


def edit(post: Post, text: str, *, actor: "User | None", version: int) -> LogEntry:
    """Replace the text of a post that its author may still change, or raise Conflict."""
    return save(weigh(post, text), actor=actor, version=version)


def show_name(post: Post, *, hidden: bool) -> None:
    if post.author is None or post.is_answer or post.is_name_hidden == hidden:
        return
    post.name, post.is_name_hidden = HIDDEN_NAME if hidden else post.author.name, hidden
    Post.objects.filter(pk=post.pk).update(name=post.name, is_name_hidden=hidden, changed_at=timezone.now())


def withdraw(post: Post, *, actor: "User | None", version: int) -> LogEntry:
    """Take the post back, or raise Conflict."""
    return transitions.transition(post, Transition(Move.WITHDRAW, actor), version)


def submission_key(draft: Draft) -> str:
    """The same text from the same form has the same key, so that a double click stores one post."""
    return hashlib.sha256(f"{draft.form_key}:{draft.text}".encode()).hexdigest()


def too_many_from(address: str) -> bool:
    since = timezone.now() - timedelta(days=1)
    used = Contact.objects.filter(address_key=key_of(address), created_at__gte=since, posts__isnull=False)
    return used.count() >= settings.ASK_PER_ADDRESS_DAY


def _without_ended_credential(post: Post) -> dict[str, Any]:
    """An ended credential does not vouch for new words; an answer that was ever public keeps its badge."""
    was_public = post.published_at is not None
    if was_public or post.credential_id is None or post.author is None or physician_credential(post.author):
        return {}
    return {"credential": None, "name": post.author.name}


def _build(draft: Draft, key: str) -> Post:
    """Markdown and the sanitiser run here, so call it before any transaction."""
    credential = physician_credential(draft.user) if draft.question else None
    # A physician answers under the name that was checked.
    hidden = draft.hide_name and draft.user is not None and credential is None
    name = credential.full_name if credential else draft.user.name if draft.user else draft.name
    return Post(
        kind=Post.Kind.REPLY if draft.question else Post.Kind.QUESTION,
        article=draft.question.article if draft.question else draft.article,
        question=draft.question,
        author=draft.user,
        name=HIDDEN_NAME if hidden else name,
        is_name_hidden=hidden,
        credential=credential,
        form_key=key,
        contact=draft.contact,
        **fields_of(draft.text),
    )


def _contact(draft: Draft) -> Contact | None:
    if draft.user:
        return Contact.objects.for_user(draft.user)
    if not draft.address:
        return None
    return Contact.objects.create(address=draft.address, address_key=key_of(draft.address))


# ---- The stored fields of a text ----


def fields_of(text: str) -> dict[str, Any]:
    """Return the columns of Post that depend on its text; slow, so call it before a transaction begins."""
    html = markup.render(text)
    return {
        "source": text,
        "html": html,
        "html_version": markup.VERSION,
        "title": title_of(post_text(html)),
        "digest": rules.digest(text),
        "fingerprint": rules.fingerprint(text),
    }


def title_of(visible: str) -> str:
    """Return the first sentence as a title of at most 100 characters, cut at a word."""
    visible = visible or "…"
    for end in ("?", "!", "."):
        first, found, _rest = visible.partition(end + " ")
        if found and 20 <= len(first) < 100:
            return first + end
    if len(visible) <= 100:
        return visible
    return visible[:99].rsplit(" ", 1)[0].rstrip(" .,;:?!") + "…"
