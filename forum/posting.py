"""What authors do to their own posts: submit, edit, withdraw. One transaction each; decisions writes the state."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Contact, Credential
from articles import markup
from articles.models import Article
from forum.models import LogEntry, Post, Subscription
from forum.moderation import decisions, rules
from forum.notifications import outbox
from forum.states import Move, State

if TYPE_CHECKING:
    from accounts.models import User

REPEAT_DAYS = 30


@dataclass(frozen=True)
class Draft:
    """What a form gave: `user` for members, `name` and `address` for guests; `question` for replies."""

    text: str
    form_key: str
    user: "User | None" = None
    name: str = ""
    address: str = ""
    article: Article | None = None
    question: Post | None = None


def submit(draft: Draft) -> Post:
    """Store the draft as one post, held or published as the rules say; the same form sent again returns that post."""
    key = submission_key(draft)
    existing = Post.objects.filter(form_key=key).first()
    if existing:
        return existing
    post = _build(draft, key)
    matches = rules.judge(post.source, _facts(post, draft, post.digest))
    try:
        with transaction.atomic():
            post.contact = _contact(draft)
            decisions.admit(post, matches, actor=draft.user)
            if post.contact:
                _keep_in_touch(post, post.contact)
    except IntegrityError:
        # The second half of a double click: the first one's transaction won.
        first = Post.objects.filter(form_key=key).first()
        if first is None:
            raise
        return first
    return post


def edit(post: Post, text: str, *, actor: "User | None", version: int) -> LogEntry:
    """Replace the text of a waiting or returned post, or raise decisions.Conflict."""
    fields = _text_fields(text)
    facts = _facts(post, None, fields["digest"])
    return decisions.revise(post, fields, rules.judge(text, facts), actor=actor, version=version)


def withdraw(post: Post, *, actor: "User | None", version: int) -> LogEntry:
    """Take the post back, or raise decisions.Conflict."""
    return decisions.move(post, Move.WITHDRAW, actor=actor, version=version, actor_name=post.name)


def submission_key(draft: Draft) -> str:
    """Return one key for one text from one form: a double click is the same, a second text from an old page is not."""
    return hashlib.sha256(f"{draft.form_key}:{draft.text}".encode()).hexdigest()


def address_key(address: str) -> str:
    """Return a keyed hash of an address, to count by; it tells nothing without the site's secret key."""
    return hmac.new(
        settings.SECRET_KEY.encode(), b"address:" + address.strip().lower().encode(), hashlib.sha256
    ).hexdigest()


def too_many_from(address: str) -> bool:
    """True when this address has been used for a day's worth of posts."""
    since = timezone.now() - timedelta(days=1)
    used = Contact.objects.filter(address_key=address_key(address), created_at__gte=since).count()
    return used >= settings.ASK_PER_ADDRESS_DAY


def physician_credential(user: "User | None") -> Credential | None:
    """Return the credential under which the person's reply appears now, if any."""
    if user is None or not user.has_perm("forum.answer_as_physician"):
        return None
    return user.current_credential()


def _build(draft: Draft, key: str) -> Post:
    """Return the unsaved post. Markdown and the sanitiser run here, before any transaction."""
    credential = physician_credential(draft.user) if draft.question else None
    name = credential.full_name if credential else draft.user.name if draft.user else draft.name
    return Post(
        kind=Post.Kind.REPLY if draft.question else Post.Kind.QUESTION,
        article=draft.question.article if draft.question else draft.article,
        question=draft.question,
        author=draft.user,
        name=name,
        credential=credential,
        form_key=key,
        **_text_fields(draft.text),
    )


def _text_fields(text: str) -> dict[str, str]:
    html = markup.render(text)
    return {
        "source": text,
        "html": html,
        "html_version": markup.VERSION,
        "title": title_of(markup.text_of(html)),
        "digest": rules.digest(text),
    }


def title_of(visible: str) -> str:
    """Return the first sentence of the visible text as a title of at most 100 characters, cut at a word."""
    visible = visible or "…"
    for end in ("?", "!", "."):
        first, found, _rest = visible.partition(end + " ")
        if found and 20 <= len(first) < 100:
            return first + end
    if len(visible) <= 100:
        return visible
    return visible[:99].rsplit(" ", 1)[0] + "…"


def _keep_in_touch(post: Post, contact: Contact) -> None:
    """Let an asker follow the question, and ask a guest to confirm the address."""
    if post.kind == Post.Kind.QUESTION:
        outbox.follow(contact, Subscription.Kind.THREAD, post)
    if contact.user_id is None:
        outbox.owe_confirmation(contact, post)


def _contact(draft: Draft) -> Contact | None:
    """Return whom mail about the post goes to; nobody for the question that comes with the site."""
    if draft.user:
        return Contact.objects.for_user(draft.user)
    if not draft.address:
        return None
    return Contact.objects.create(address=draft.address, address_key=address_key(draft.address))


def _facts(post: Post, draft: Draft | None, digest: str) -> rules.Facts:
    """Ask the database what the rules want to know about the author and the text."""
    recent = timezone.now() - timedelta(days=REPEAT_DAYS)
    same = Post.objects.filter(digest=digest, created_at__gte=recent)
    published = Post.objects.filter(author=post.author_id, state=State.PUBLISHED) if post.author_id else None
    contact = None if draft else post.contact
    return rules.Facts(
        policy=settings.MODERATION_POLICY,
        is_guest=post.author_id is None,
        is_confirmed=post.author_id is not None or bool(contact and contact.is_confirmed),
        is_physician=post.credential_id is not None,
        published_before=published[:1].count() if published is not None else 0,
        same_text_before=same.exclude(pk=post.pk)[:1].count(),
    )
