"""The moderators' pages: the queue, one post, a decision, a conflict, the log; and that reading costs the same for many."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forum.models import Delivery, Hold, LogEntry, Post
from forum.moderation import queue
from forum.moderation.highlight import cut
from forum.posts import submit
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def words(page: Any) -> str:
    """Return a page as text, entities undone and white space evened out."""
    return " ".join(html.unescape(page.text).split())


def decide(visitor: Visitor, post: Post, move: str, reason: str = "") -> Any:
    """Send a decision as the page's buttons do."""
    form = {"version": post.version, "move": move, "reason": reason}
    return visitor.post(f"/moderation/{post.public_id}/decide/", form)


def test_the_queue_shows_what_waits_oldest_first() -> None:
    posts = [factories.pending(f"Question number {number}?") for number in range(3)]
    now = timezone.now()
    for post, hours in zip(posts, (1, 3, 2), strict=True):
        Post.objects.filter(pk=post.pk).update(waiting_since=now - timedelta(hours=hours))
    factories.published("Public already?")
    page = words(Visitor(factories.moderator()).get("/moderation/"))
    places = [page.index(f"Question number {number}?") for number in (1, 2, 0)]
    assert places == sorted(places) and "Public already?" not in page
    assert "The oldest has waited 3" in page.replace("\u00a0", " ")


def test_an_empty_queue() -> None:
    assert "Nothing waits" in Visitor(factories.moderator()).get("/moderation/").text


def test_a_card_has_text_reasons_context_and_the_authors_record() -> None:
    article = factories.article(title="Pump or tablets")
    member = factories.person("Mel")
    question = factories.published("Who has a pump?", article=article, user=member)
    factories.decide(factories.pending("An earlier one?", user=member), Move.REJECT)
    waits = factories.pending(
        "I do: see https://pumps.example/x or ring +1 212 555 0123", question=question, user=member
    )
    page = words(Visitor(factories.moderator()).get("/moderation/"))
    assert "Reply by Mel" in page and "Pump or tablets" in page and "Who has a pump?" in page
    assert "<mark>https://pumps.example/x</mark>" in page and "<mark>+1 212 555 0123</mark>" in page
    found = Hold.objects.filter(post=waits)
    assert {"link", "phone"} <= {hold.rule for hold in found} or len(found) >= 3
    assert not [hold.sentence for hold in found if hold.sentence not in page]
    assert "1 not published" in page and "1 published" in page and "1 waiting for a moderator" in page
    assert "This site reads every post" in page


def test_a_guests_card_says_whether_the_address_is_confirmed() -> None:
    post = factories.pending()
    moderator = Visitor(factories.moderator())
    assert "Address not confirmed yet" in words(moderator.get("/moderation/"))
    factories.confirmed(post)
    assert "Address confirmed" in words(moderator.get("/moderation/"))


def test_earlier_versions_stand_on_the_card_with_addresses_masked() -> None:
    post = factories.pending("Write to geheim7f3a@guests.test, what do you say?")
    submit.edit(Post.objects.get(pk=post.pk), "What do you say?", actor=None, version=1)
    for url in ("/moderation/", f"/moderation/{post.public_id}/"):
        page = words(Visitor(factories.moderator()).get(url))
        assert (
            "What the author changed last" in page and "geheim7f3a" not in page and "[e-mail address removed]" in page
        )
        assert "Contains an e-mail address" not in page  # true of the earlier text only


CUTS = {
    "one span": ("see www.example.org now", [(4, 19)], ["see ", "*www.example.org", " now"]),
    "two spans": ("ab cd ef", [(0, 2), (6, 8)], ["*ab", " cd ", "*ef"]),
    "overlapping": ("abcdef", [(0, 4), (2, 6)], ["*abcd", "ef"]),
    "at the ends": ("abc", [(0, 3)], ["*abc"]),
    "beyond the text": ("abc", [(1, 99)], ["abc"]),
    "no span": ("abc", [(None, None)], ["abc"]),
    "an address": ("I am joe@example.org", [(5, 20)], ["I am ", "*[e-mail address removed]"]),
    "half an address": ("ring 2125550123@phones.example", [(5, 15)], ["ring ", "*[e-mail address removed]"]),
    "an address cut in two": ("a.www.b@example.org x", [(2, 19)], ["*[e-mail address removed]", " x"]),
    "two addresses": (
        "a@example.org b@example.org",
        [(0, 13)],
        ["*[e-mail address removed]", " [e-mail address removed]"],
    ),
}


@pytest.mark.parametrize(("text", "spans", "expected"), CUTS.values(), ids=CUTS)
def test_how_a_text_is_cut_at_its_matches(text: str, spans: list[Any], expected: list[str]) -> None:
    pieces = cut(text, [Hold(sentence="why", start=start, end=end) for start, end in spans])
    assert [("*" if piece.reason else "") + piece.text for piece in pieces] == expected


def test_no_card_shows_half_an_address() -> None:
    """Where two rules match across an address, none of its pieces is left over."""
    long_link = "https://forum.example/" + "x" * 170
    for text in (
        "Ring 2125550123@phones.example",
        f"{long_link}/geheim7f3a@guests.test now",
        "geheim.www.7f3a@guests.test",
    ):
        factories.pending(text)
    page = Visitor(factories.moderator()).get("/moderation/").text
    assert not [part for part in ("2125550123", "geheim", "7f3a", "guests.test", "phones.example") if part in page]


@pytest.mark.parametrize(
    ("move", "state", "mail"),
    [
        (Move.PUBLISH, State.PUBLISHED, "published"),
        (Move.RETURN, State.RETURNED, "returned"),
        (Move.REJECT, State.REJECTED, "rejected"),
        (Move.SPAM, State.SPAM, None),
    ],
)
def test_a_decision_moves_the_post_logs_it_and_owes_the_author_word(move: Move, state: State, mail: str | None) -> None:
    post = factories.pending()
    factories.confirmed(post)
    moderator = factories.moderator("Mo")
    response = decide(Visitor(moderator), post, move, "Please leave out the name.")
    assert response["Location"] == "/moderation/"
    post.refresh_from_db()
    assert post.state == state and post.version == 2
    entry = LogEntry.objects.latest("pk")
    assert (entry.move, entry.before, entry.after, entry.actor, entry.actor_name) == (
        move,
        "pending",
        state,
        moderator,
        "Mo",
    )
    assert entry.reason == "Please leave out the name."
    owed = Delivery.objects.filter(post=post).exclude(kind__in=("confirm", "received"))
    assert [delivery.kind for delivery in owed] == ([mail] if mail else [])


def test_removing_what_is_public() -> None:
    post = factories.published()
    visitor = Visitor(factories.moderator())
    page = visitor.get(f"/moderation/{post.public_id}/")
    assert 'value="remove"' in page.text and 'value="publish"' not in page.text
    assert decide(visitor, post, "remove", "It names a doctor.").status_code == 302
    assert Visitor().get(post.get_absolute_url()).status_code == 404
    assert "It names a doctor." in Visitor().get(post.get_status_url()).text


def test_a_post_that_was_rejected_or_marked_as_spam_can_be_published_after_all() -> None:
    for move in (Move.REJECT, Move.SPAM):
        post = factories.pending()
        factories.decide(post, move)
        assert decide(Visitor(factories.moderator()), post, "publish").status_code == 302
        assert Post.objects.get(pk=post.pk).state == State.PUBLISHED


def test_the_history_of_a_post() -> None:
    post = factories.pending("A question with a history?")
    factories.decide(post, Move.RETURN, by=factories.moderator("Ada First"), reason="Please say more.")
    submit.edit(post, "A longer question with a history?", actor=None, version=2)
    factories.decide(post, Move.PUBLISH, by=factories.moderator("Bo Second"))
    page = words(Visitor(factories.moderator()).get(f"/moderation/{post.public_id}/"))
    history = page[page.index(">History<") :]
    places = [
        history.index(text)
        for text in (
            "Bo Second</strong> published it",
            "</strong> changed it",
            "Ada First</strong> sent it back",
            "</strong> sent it in",
        )
    ]
    assert places == sorted(places) and "Please say more." in history


def test_the_conflict_page_names_who_decided_what_and_offers_the_post_as_it_is() -> None:
    post = factories.pending()
    stale = Post.objects.get(pk=post.pk)
    factories.decide(post, Move.REJECT, by=factories.moderator("Ada First"), reason="It names a doctor.")
    page = decide(Visitor(factories.moderator()), stale, "publish")
    text = words(page)
    assert page.status_code == 409
    assert "<strong>Ada First</strong> came first" in text and "Ada First decided not to publish it." in text
    assert "It names a doctor." in text and "The text is as you saw it." in text
    assert "now <strong>not published</strong>" in text and "“Publish” was not carried out" in text
    assert f"/moderation/{post.public_id}/" in text


def test_the_queue_goes_on_by_key_and_comes_back() -> None:
    posts = [factories.pending(f"Question number {number}?") for number in range(queue.CARDS_PER_PAGE + 3)]
    visitor = Visitor(factories.moderator())
    first = visitor.get("/moderation/")
    assert first.text.count("queue-card") == queue.CARDS_PER_PAGE
    assert f'href="?from={posts[queue.CARDS_PER_PAGE - 1].public_id}"' in first.text
    second = visitor.get("/moderation/", {"from": posts[queue.CARDS_PER_PAGE - 1].public_id})
    assert second.text.count("queue-card") == 3
    back = visitor.get("/moderation/", {"to": posts[queue.CARDS_PER_PAGE].public_id})
    assert back.text.count("queue-card") == queue.CARDS_PER_PAGE


def queries(visitor: Visitor, url: str) -> int:
    """Return how many queries a page costs."""
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as captured:
        assert visitor.get(url).status_code == 200
    return len(captured)


def fill(count: int, article: Any, question: Post, moderator: Any) -> None:
    """Add posts of every kind to everything that the pages list."""
    for number in range(count):
        author: dict[str, Any] = {"user": factories.person()} if number % 2 else {}
        factories.pending(f"Waiting {count} {number}? See www.example.org", article=article, **author)
        factories.pending(f"Waiting reply {count} {number}.", question=question)
        asked = factories.published(f"Public {count} {number}?", article=article, by=moderator, **author)
        factories.published(f"Reply {count} {number}.", question=asked, by=moderator)
        factories.published(f"Reply to one {count} {number}.", question=question, by=moderator, **author)
        edited = factories.pending(f"Edited {count} {number}?", question=question)
        submit.edit(edited, f"Edited again {count} {number}?", actor=None, version=1)


def test_every_list_costs_the_same_for_3_and_30_rows() -> None:
    moderator, member = factories.moderator(), factories.person()
    article = factories.article()
    question = factories.published("A question with many replies?", article=article)
    urls = (
        "/",
        "/questions/",
        question.get_absolute_url(),
        article.get_absolute_url(),
        "/feeds/questions/",
        "/sitemap.xml",
    )
    closed = ("/moderation/", "/moderation/log/", f"/moderation/{question.public_id}/")
    counted: list[dict[tuple[str, str], int]] = []
    for count in (3, 27):
        fill(count, article, question, moderator)
        row = {("anonymous", url): queries(Visitor(), url) for url in urls}
        row |= {("member", url): queries(Visitor(member), url) for url in urls}
        row |= {("moderator", url): queries(Visitor(moderator), url) for url in (*urls, *closed)}
        counted.append(row)
    assert counted[0] == counted[1]
    assert max(counted[1].values()) <= 30
