"""Export of posts: texts, versions and decisions, and what the person did about others' posts."""

from typing import Any

from accounts.models import User
from forum.models import AnswerDraft, Helped, LogEntry, Post, Report, Snippet
from forum.notifications.mails import absolute
from forum.privacy.subject import Subject
from forum.states import AUTHOR_MOVES, NEEDS_REASON

Rows = list[dict[str, Any]]


def sections(subject: Subject) -> dict[str, Rows]:
    user = subject.user
    posts = list(subject.posts().select_related("question", "topic").prefetch_related("revisions"))
    return {
        "posts": [_post(post) for post in posts],
        "decisions": _decisions(posts, user),
        "reports": _reports(Report.objects.filter(reporter=user)) if user else [],
        "helped": _helped(Helped.objects.filter(user=user)) if user else [],
        "drafts": _drafts(AnswerDraft.objects.filter(author=user)) if user else [],
        "snippets": _snippets(Snippet.objects.filter(author=user)) if user else [],
    }


def _post(post: Post) -> dict[str, Any]:
    return {
        "page": _page(post),
        "kind": post.get_kind_display(),
        "in_answer_to": _page(post.question) if post.question else "",
        "name_shown": post.name,
        "name_hidden": post.is_name_hidden,
        "topic": post.topic.name if post.topic else "",
        "state": post.get_state_display(),
        "written_at": post.created_at,
        "published_at": post.published_at,
        "changed_at": post.changed_at,
        "text": post.source,
        "text_deleted_at": post.purged_at,
        "versions": [
            {"number": row.number, "at": row.created_at, "public_since": row.published_at, "text": row.source}
            for row in post.revisions.all()
        ],
    }


def _page(post: Post) -> str:
    # Without the slug: the title may be somebody else's words.
    return absolute(f"/posts/{post.public_id}/")


def _decisions(posts: list[Post], user: User | None) -> Rows:
    entries = LogEntry.objects.filter(post__in=posts).select_related("post").order_by("pk")
    return [
        {
            "page": _page(entry.post),
            "what": entry.get_move_display(),
            "by": _by(entry, user),
            "state_after": entry.get_after_display(),
            "at": entry.created_at,
            "reason_told": entry.reason if entry.move in NEEDS_REASON else "",
        }
        for entry in entries
        if entry.post
    ]


def _by(entry: LogEntry, user: User | None) -> str:
    if entry.move in AUTHOR_MOVES or (user and entry.actor_id == user.pk):
        return "you"
    return "the site" if entry.actor_id is None else "a volunteer of the site"


def _reports(reports: Any) -> Rows:
    return [
        {
            "page": _page(row.post),
            "reason": row.get_reason_display(),
            "note": row.note,
            "at": row.created_at,
            "outcome": row.get_outcome_display(),
            "decided_at": row.decided_at,
        }
        for row in reports.select_related("post").order_by("pk")
    ]


def _helped(helped: Any) -> Rows:
    return [{"page": _page(row.post), "at": row.created_at} for row in helped.select_related("post").order_by("pk")]


def _drafts(drafts: Any) -> Rows:
    return [
        {"in_answer_to": _page(row.question), "text": row.text, "saved_at": row.saved_at}
        for row in drafts.select_related("question").order_by("pk")
    ]


def _snippets(snippets: Any) -> Rows:
    return [{"title": row.title, "text": row.text} for row in snippets]
