"""The posts that physicians are asked about, each with the moderator's question and a form."""

from dataclasses import dataclass, field

from articles.markup import mask
from forum.access import MemberRequest
from forum.models import LogEntry, Note, Post
from forum.models.posts import PostQuerySet
from forum.moderation.forms import OpinionForm
from forum.paging import Page, page_of
from forum.states import Move

POSTS_PER_PAGE = 10


@dataclass
class Asked:
    """One post, who asked what about it, and the physician's own opinions so far."""

    post: Post
    form: OpinionForm
    entry: LogEntry | None = None
    given: list[Note] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text with addresses masked."""
        return mask(self.post.source)


def page(request: MemberRequest, posts: PostQuerySet, *, public_id: str = "", form: OpinionForm | None = None) -> Page:
    """Return one page of what is asked, oldest first; `form` is one with errors, for the post named beside it."""
    found = page_of(posts, request, by="waiting_since", newest_first=False, size=POSTS_PER_PAGE)
    asked: dict[int, Asked] = {}
    for post in found.items:
        mine = form if form is not None and post.public_id == public_id else None
        asked[post.pk] = Asked(post, mine or OpinionForm(auto_id=f"{post.public_id}_%s"))
    entries = LogEntry.objects.filter(post__in=asked, move=Move.ASK_PHYSICIAN)
    for entry in entries.select_related("actor").order_by("id"):
        asked[entry.post_id or 0].entry = entry
    for note in Note.objects.filter(post__in=asked, author=request.user, is_opinion=True):
        asked[note.post_id].given.append(note)
    return Page(list(asked.values()), found.next_url, found.previous_url)
