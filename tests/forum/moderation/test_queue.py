"""What waits: the urgent lane, the filters, paging by key, and what stands on a card."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forum.models import Hold, Note, Post, Report
from forum.moderation import author_record, cards, claims, queue
from forum.posts import submit
from forum.states import Move
from tests import factories
from tests.forum.views.moderation.desk import decide, words
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def aged(post: Post, **ago: float) -> Post:
    """Return the post as if it had waited for so long."""
    Post.objects.filter(pk=post.pk).update(waiting_since=timezone.now() - timedelta(**ago))
    return post


def urgent(text: str) -> Post:
    """Return a waiting post in the urgent lane."""
    post = factories.pending(text)
    Post.objects.filter(pk=post.pk).update(is_urgent=True)
    return post


def shown(filters: dict[str, str], moderator: Any) -> set[str]:
    """Return the first words of the cards that the queue shows."""
    page = words(Visitor(moderator).get("/moderation/", filters))
    return {name for name in ("Alpha", "Beta", "Gamma", "Delta") if f">{name} " in page}


def test_what_is_urgent_comes_first_however_young_it_is() -> None:
    aged(factories.pending("An old calm question?"), days=9)
    urgent("A young question about a pump?")
    page = words(Visitor(factories.moderator()).get("/moderation/"))
    places = [page.index(text) for text in ("Urgent</h2>", "A young question", "Everything else", "An old calm")]
    assert places == sorted(places) and "2 posts waiting" in page and "oldest has waited 1 week" in page


def test_at_most_twenty_urgent_ones_are_shown_and_the_rest_is_announced() -> None:
    moderator = factories.moderator()
    for number in range(queue.URGENT_SHOWN + 1):
        urgent(f"Urgent number {number}?")
    page = Visitor(moderator).get("/moderation/")
    assert page.text.count("<article") == queue.URGENT_SHOWN and "More urgent ones come" in page.text
    assert "No more" not in page.text


@pytest.fixture
def four() -> Any:
    """Four posts that differ in everything that can be asked for."""
    moderator, article = factories.moderator(), factories.article(slug="pumps")
    aged(factories.pending("Alpha has a link, see www.example.org", article=article), days=5)
    factories.pending("Beta is by a member.", user=factories.person("Berta Brown"))
    asked = factories.pending("Gamma waits for an opinion.")
    decide(Visitor(moderator), asked, Move.ASK_PHYSICIAN, reason="Is it safe?")
    aged(factories.pending("Delta is about dosage."), days=1)
    Hold.objects.filter(post__source__startswith="Alpha").exclude(start=None).update(rule="link")
    return moderator


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"Alpha", "Beta", "Gamma", "Delta"}),
        ({"article": "pumps"}, {"Alpha"}),
        ({"author": "member"}, {"Beta"}),
        ({"author": "guest"}, {"Alpha", "Gamma", "Delta"}),
        ({"name": "berta"}, {"Beta"}),
        ({"asked": "physician"}, {"Gamma"}),
        ({"asked": "colleague"}, set()),
        ({"asked": "nobody"}, {"Alpha", "Beta", "Delta"}),
        ({"days": "2"}, {"Alpha"}),
        ({"days": "0", "author": "guest"}, {"Alpha", "Gamma", "Delta"}),
        ({"q": "DOSAGE"}, {"Delta"}),
        ({"q": "%"}, set()),
        ({"author": "guest", "q": "is"}, {"Delta"}),
    ],
    ids=str,
)
def test_filters(four: Any, filters: dict[str, str], expected: set[str]) -> None:
    assert shown(filters, four) == expected


def test_the_filter_by_rule_knows_only_the_text_as_it_stands_now(four: Any) -> None:
    held = Hold.objects.filter(post__source__startswith="Alpha").exclude(start=None).first()
    assert held is not None
    names = [value for _group, pairs in queue.FilterForm().fields["rule"].choices[1:] for value, _label in pairs]  # type: ignore[attr-defined] # a choice field
    Hold.objects.filter(pk=held.pk).update(rule=names[0])
    assert shown({"rule": names[0]}, four) == {"Alpha"}
    Post.objects.filter(pk=held.post_id).update(revision=2)
    assert shown({"rule": names[0]}, four) == set()


def test_what_came_by_mail_and_is_not_proven_can_be_asked_for(four: Any) -> None:
    doubt = "Sent by mail, and nothing shows that it comes from its author’s mailbox."
    submit.submit(factories.draft("Epsilon came by mail.", doubt=doubt))
    page = Visitor(four).get("/moderation/", {"rule": "by-mail"})
    assert page.text.count("<article") == 1 and "Epsilon came by mail." in page.text and doubt in page.text
    assert '<option value="by-mail" selected>Sent by mail, sender not authenticated</option>' in page.text


@pytest.mark.parametrize("path", ["/moderation/", "/moderation/{}/", "/moderation/dashboard/"])
def test_what_has_just_come_has_waited_for_less_than_a_minute(path: str) -> None:
    post = factories.pending()
    page = Visitor(factories.moderator()).get(path.format(post.public_id))
    assert "less than a minute" in page.text and not re.search(r"\b0\sminutes", page.text)


@pytest.mark.parametrize(
    "filters", [{"days": "x"}, {"days": "-1"}, {"article": "none"}, {"rule": "nonsense"}, {"q": "\0"}]
)
def test_a_filter_that_makes_no_sense_is_named_and_left_out(four: Any, filters: dict[str, str]) -> None:
    page = Visitor(four).get("/moderation/", filters)
    assert page.status_code == 200 and "There is a problem" in page.text
    assert page.text.count("<article") == 4


def test_filters_stay_while_paging() -> None:
    for number in range(queue.CARDS_PER_PAGE + 2):
        factories.pending(f"Guest {number}?")
        factories.pending(f"Member {number}?", user=factories.person())
    visitor = Visitor(factories.moderator())
    first = visitor.get("/moderation/", {"author": "guest", "q": "guest &"})
    assert "No posts in the queue match these filters" in first.text
    first = visitor.get("/moderation/", {"author": "guest"})
    following = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = visitor.get("/moderation/" + following)
    assert second.text.count("<article") == 2 and "Member" not in words(second).partition("queue-card")[2][:9_000]
    assert "author=guest" in second.text.partition('rel="prev" href="')[2].partition('"')[0]


def test_the_next_page_begins_where_the_index_can() -> None:
    posts = [factories.pending(f"Number {number}?") for number in range(queue.CARDS_PER_PAGE + 2)]
    with CaptureQueriesContext(connection) as captured:
        Visitor(factories.moderator()).get("/moderation/", {"from": posts[3].public_id})
    [asked] = [q["sql"] for q in captured if "LIMIT 21" in q["sql"] and "NOT " in q["sql"]]
    assert '"waiting_since" >= ' in asked and "OFFSET" not in asked


def test_posts_of_the_same_moment_are_all_shown_once() -> None:
    moment = timezone.now()
    for number in range(queue.CARDS_PER_PAGE + 5):
        factories.pending(f"Number {number}?")
    Post.objects.update(waiting_since=moment)
    visitor, seen, url = Visitor(factories.moderator()), [], "/moderation/"
    for _ in range(3):
        page = visitor.get(url)
        seen += [part[:10] for part in page.text.split('id="card-')[1:]]
        following = page.text.partition('rel="next" href="')[2].partition('"')[0]
        url = f"/moderation/{following}"
        if not following:
            break
    assert len(seen) == len(set(seen)) == queue.CARDS_PER_PAGE + 5


def test_more_than_a_thousand_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "COUNT_LIMIT", 2)
    for _ in range(2):
        factories.pending()
    assert str(queue.waiting()) == "2 posts waiting" and queue.waiting().left == "2 left."
    factories.pending()
    assert str(queue.waiting()) == "More than 2 posts waiting"


def test_the_card_names_notes_claims_questions_and_reports() -> None:
    ada, bo = factories.moderator("Ada First"), factories.moderator("Bo Second")
    post = factories.pending("Is this safe?")
    decide(Visitor(ada), post, Move.ASK_PHYSICIAN, reason="May it stand?")
    Note.objects.create(post=post, author=ada, text="I would wait.")
    Note.objects.create(post=post, author=factories.physician("Phil"), text="It is safe.", is_opinion=True)
    Report.objects.create(post=post, reporter_key="a", reason="advice", note="Ask geheim7f3a@guests.test")
    claims.claim_post(post, ada)
    page = words(Visitor(bo).get("/moderation/"))
    assert "Waits for a physician’s opinion." in page and "Ada First asked" in page and "“May it stand?”" in page
    assert "Ada First, " in page and "I would wait." in page
    assert "A physician’s opinion.</strong> Phil" in page and "It is safe." in page
    assert "<strong>Ada First</strong> has this open until" in page
    assert "The advice could hurt somebody" in page and "geheim7f3a" not in page
    assert "has this open" not in words(Visitor(ada).get("/moderation/"))


def test_the_thread_so_far_is_the_question_and_its_last_three_public_replies() -> None:
    question = factories.published("Who has a pump?")
    for number in range(5):
        factories.published(f"Reply number {number}.", question=question)
    hidden = factories.pending("A reply that waits.", question=question)
    card = cards.card(factories.pending("The reply in question.", question=question), factories.moderator())
    assert [reply.source for reply in card.replies] == [f"Reply number {n}." for n in (2, 3, 4)]
    assert hidden not in card.replies


def test_the_authors_record_counts_what_became_of_the_posts_and_the_reports_on_them() -> None:
    member = factories.person("Mel")
    public = [factories.published(f"Public {n}?", user=member) for n in range(2)]
    factories.decide(factories.pending("Back?", user=member), Move.RETURN)
    factories.decide(factories.pending("No?", user=member), Move.REJECT)
    for number, key in enumerate("abc"):
        Report.objects.create(post=public[number % 2], reporter_key=key, reason="other")
    waiting = factories.pending("Now?", user=member)
    [card] = cards.cards([waiting], factories.moderator())
    assert card.record.words == [
        "1 waiting for a moderator",
        "2 published",
        "1 not published",
        "1 sent back to its author",
        "3 reports on their posts",
    ]


def test_a_long_record_is_counted_to_a_hundred_in_one_query(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(author_record, "COUNT_LIMIT", 2)
    members = [factories.person() for _ in range(3)]
    for member in members:
        for number in range(3):
            factories.published(f"{member.pk} {number}?", user=member)
    with django_assert_num_queries(1):
        found = author_record.records({member.pk for member in members})
    assert [found[member.pk].words for member in members] == [["2 or more published"]] * 3


def test_what_the_author_changed_is_shown_word_by_word_with_addresses_masked_first() -> None:
    post = factories.pending("I take ten mg. Write to geheim7f3a@guests.test please.")
    submit.edit(post, "I take twelve mg. Write to geheim9x9x@guests.test please.", actor=None, version=1)
    page = words(Visitor(factories.moderator()).get("/moderation/"))
    assert "<del> ten</del><ins> twelve</ins>" in page
    assert "geheim" not in page and "7f3a" not in page and "guests.test" not in page


def test_the_posts_page_shows_the_last_five_changes_and_a_card_the_last_one() -> None:
    post = factories.pending("Version 1 of it")
    for version in range(1, 8):
        submit.edit(post, f"Version {version + 1} of it", actor=None, version=version)
    visitor = Visitor(factories.moderator())
    assert visitor.get("/moderation/").text.count('queue-text diff"') == 1
    assert visitor.get(f"/moderation/{post.public_id}/").text.count('queue-text diff"') == cards.VERSIONS_SHOWN


def test_a_hostile_text_is_compared_quickly() -> None:
    import time

    from forum.posts.diff import differences

    began = time.process_time()
    differences("a b " * 1_250, "b a " * 1_250)
    assert time.process_time() - began < 0.5
