"""What followers are mailed: the public text and no other, links alone for who wants that, answers apart, summaries."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine

from accounts.models import Contact, User
from forum.models import Delivery, Post, Subscription
from forum.moderation import masking
from forum.notifications import following, mails, outbox
from forum.notifications.delivery import claim
from forum.notifications.mails.followed import MAX_SUMMARY_LENGTH, MAX_TEXT_LENGTH, cut
from forum.posts import stored_text, submit, transitions
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import answer, topic

pytestmark = pytest.mark.django_db
List = Subscription.Kind
NOON = datetime(2031, 3, 3, 12, 0, tzinfo=UTC)
NEXT_MORNING = datetime(2031, 3, 4, 7, 0, tzinfo=UTC)
TEXT = "It **helped** me, see [this page](https://example.org/page).\n\n- slowly\n- with <b>care</b> & zebra"


def follower(question: Post, pace: str = "at-once", **fields: Any) -> User:
    """Return a member who follows the question at that pace."""
    member = factories.person()
    contact = Contact.objects.for_user(member)
    Contact.objects.filter(pk=contact.pk).update(**fields)
    subscription = outbox.follow(contact, List.THREAD, question)
    following.change_pace(Subscription.objects.filter(pk=subscription.pk), Subscription.Pace(pace))
    return member


def owed(member: User, **fields: Any) -> list[Delivery]:
    """Return what the member is owed."""
    rows = Delivery.objects.with_everything().filter(recipient__user=member, **fields)
    return list(rows.exclude(state="cancelled").order_by("pk"))


def mail_to(member: User, **fields: Any) -> mails.Mail:
    """Return the one mail that the member is owed."""
    [row] = owed(member, **fields)
    return mails.compose(row)


# --- The text


def test_a_reply_comes_as_everybody_reads_it() -> None:
    """Plain words in both parts, set off from ours; no markup and no link of somebody else's."""
    question = factories.published()
    member = follower(question)
    factories.published(TEXT, question=question)
    mail = mail_to(member)
    assert '"It helped me, see this page.\n\nslowly\n\nwith <b>care</b> & zebra"\n' in mail.text
    assert "with &lt;b&gt;care&lt;/b&gt; &amp; zebra" in mail.html and "<b>" not in mail.html
    assert "example.org" not in mail.text + mail.html


def test_what_was_left_out_or_masked_is_in_no_mail() -> None:
    question = factories.published()
    member = follower(question)
    reply = factories.pending("My doctor is Dr Fairfax. Write to zoe@canary.test for more.", question=question)
    shown = masking.without(reply.source, [], ["Fairfax"])
    transitions.publish_masked(reply, stored_text.fields_of(shown), actor=factories.moderator(), version=reply.version)
    mail = mail_to(member)
    for part in (mail.text, mail.html):
        assert "My doctor is Dr [left out by a moderator]." in part
        assert "Fairfax" not in part and "canary" not in part and "zoe" not in part


def test_it_is_the_text_that_is_public_when_the_mail_leaves() -> None:
    question, physician = factories.published(), factories.physician()
    member = follower(question)
    reply = answer(question, physician, "Try twice the dose.")
    submit.edit(reply, "Ask your team about the dose.", actor=physician, version=reply.version)
    mail = mail_to(member)
    assert "Ask your team" in mail.text and "twice" not in mail.text + mail.html


def test_a_long_text_is_cut_and_can_be_read_on() -> None:
    question = factories.published()
    member = follower(question)
    reply = factories.published(f"Begin. {'word ' * 300}zebra end.", question=question)
    mail = mail_to(member)
    for part in (mail.text, mail.html):
        assert "Begin. word" in part and "zebra" not in part and "Read on" in part
    assert mail.text.count(f"/posts/{reply.public_id}/") == 2
    assert "Read on" not in mail_of_a_short_text()


def mail_of_a_short_text() -> str:
    question = factories.published()
    member = follower(question)
    factories.published("w" * MAX_TEXT_LENGTH, question=question)
    return mail_to(member).text


@pytest.mark.parametrize("text", ["", "a", "a b", "word " * 400, "x" * 3_000, "x " + "y" * 3_000, "\n\n" * 900])
def test_a_cut_text_is_short_and_ends_between_words(text: str) -> None:
    short = cut(text, MAX_TEXT_LENGTH)
    assert len(short) <= MAX_TEXT_LENGTH + 2
    assert short == text if len(text) <= MAX_TEXT_LENGTH else text.startswith(short.removesuffix(" …"))


def test_links_alone_for_who_wants_no_text() -> None:
    question = factories.published("A question of zebra kind?")
    at_once, daily = follower(question, links_only=True), follower(question, "daily", links_only=True)
    reply = factories.published("It is zebra.", question=question)
    for mail in (mail_to(at_once), mail_to(daily)):
        for part in (mail.text, unescape(mail.html)):
            assert "zebra" not in part and f"/posts/{reply.public_id}/" in part
            assert "you chose mails with links only" in part


def test_nothing_of_the_text_or_its_author_stands_at_the_top() -> None:
    """Mail programs show the first words in their lists: a hundred or so."""
    question = factories.published("A question of zebra kind?")
    at_once, daily = follower(question), follower(question, "daily")
    factories.published("It is zebra.", question=question, name="Zora Zebra")
    for mail in (mail_to(at_once), mail_to(daily)):
        assert "zebra" not in mail.subject.lower() and "zebra" in mail.text.lower()[140:]
        assert "zebra" not in mail.text.lower()[:140]


# --- Answers apart from replies


@pytest.mark.parametrize(
    ("stopped", "kinds"),
    [
        ((), {"reply", "answer"}),
        ((List.REPLIES,), {"answer"}),
        ((List.ANSWERS,), {"reply"}),
        ((List.REPLIES, List.ANSWERS), set()),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_each_list_stops_its_own(stopped: tuple[Any, ...], kinds: set[str], before: bool) -> None:
    """Before they are owed, or after it: then they do not leave."""
    question = factories.published()
    member = follower(question)
    contact = Contact.objects.for_user(member)

    def stop() -> None:
        for kind in stopped:
            outbox.end(outbox.follow(contact, kind))

    if before:
        stop()
    factories.published("A reply.", question=question)
    answer(question, factories.physician())
    if not before:
        stop()
    told = set()
    for row in owed(member):
        try:
            mails.compose(row)
            told.add(row.kind)
        except mails.NotWanted:
            assert not before
    assert told == kinds


def test_a_burst_may_hold_both_and_is_named_after_what_is_left() -> None:
    question = factories.published()
    member = follower(question)
    reply = factories.published("A reply.", question=question)
    answer(question, factories.physician("Olga"), "An answer.")
    both = Delivery.objects.filter(recipient__user=member)
    leader = both.order_by("pk")[0]
    both.exclude(pk=leader.pk).update(state="gathered", gathered_into=leader)
    mail = mails.compose(Delivery.objects.with_everything().get(pk=leader.pk))
    assert mail.subject == "There is news on what you follow"
    assert "A new reply by" in mail.text and "A new answer by Dr Olga, volunteer physician" in mail.text
    factories.decide(reply, Move.REMOVE)
    mail = mails.compose(Delivery.objects.with_everything().get(pk=leader.pk))
    assert mail.subject == "There is an answer to a question you follow"


# --- Summaries


@pytest.fixture
def summary() -> tuple[User, list[Post]]:
    """A member who gets a daily summary, and what is in it: two replies to one question, an answer to another."""
    with time_machine.travel(NOON, tick=False):
        first, second = factories.published("Is <i>one</i> enough?"), factories.published("Are two enough?")
        member = follower(first, "daily")
        contact = Contact.objects.for_user(member)
        outbox.follow(contact, List.THREAD, second)
        following.change_pace(Subscription.objects.filter(contact=contact), Subscription.Pace.DAILY)
        replies = [factories.published(f"Reply {n}.", question=first, name=f"Guest {n}") for n in (1, 2)]
        return member, [*replies, answer(second, factories.physician("Olga"), "An answer.")]


def gathered(member: User) -> Delivery:
    """Return the summary as the worker claims it."""
    with time_machine.travel(NEXT_MORNING, tick=False):
        claimed = claim.claim(owed(member)[0].pk)
    assert claimed is not None
    return claimed


def test_a_summary_names_each_question_and_what_is_new(summary: tuple[User, list[Post]]) -> None:
    member, posts = summary
    assert {row.next_attempt_at for row in owed(member)} == {NEXT_MORNING}
    mail = mails.compose(gathered(member))
    assert mail.subject == "3 new replies to what you follow"
    order = [
        "“Is <i>one</i> enough?”",
        "by Guest 1",
        "Reply 1.",
        "Reply 2.",
        "“Are two enough?”",
        "by Dr Olga",
        "An answer.",
    ]
    places = [mail.text.index(words) for words in order]
    assert places == sorted(places) and "<i>" not in mail.html
    for post in [*posts, *(post.thread for post in posts)]:
        assert f"/posts/{post.public_id}/" in mail.text and f"/posts/{post.public_id}/" in mail.html
    assert "In-Reply-To" not in mail.headers, "it is about several"


def test_a_summary_leaves_out_what_is_gone_and_marks_it_so(summary: tuple[User, list[Post]]) -> None:
    member, posts = summary
    factories.decide(posts[0], Move.REMOVE)
    factories.decide(Post.objects.get(pk=posts[2].thread.pk), Move.REMOVE)
    row = gathered(member)
    mail = mails.compose(row)
    assert mail.subject == "1 new reply to what you follow"
    assert [told.post for told in row.members] == [posts[1]] and "Are two enough?" not in mail.text
    factories.decide(posts[1], Move.REMOVE)
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.with_everything().get(pk=row.pk))


def test_a_summary_tells_of_new_questions_too(summary: tuple[User, list[Post]]) -> None:
    member, _posts = summary
    about = topic()
    outbox.follow(Contact.objects.for_user(member), List.TOPIC, topic=about)
    following.change_pace(Subscription.objects.filter(contact__user=member), Subscription.Pace.DAILY)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        question = factories.pending("Is this new here?")
        Post.objects.filter(pk=question.pk).update(topic=about)
        factories.decide(Post.objects.get(pk=question.pk), Move.PUBLISH)
    row = gathered(member)
    mail = mails.compose(row)
    assert mail.subject == "4 new things in what you follow" and "A new question by" in mail.text
    Post.objects.filter(pk=question.pk).update(topic=topic("walking"))
    mail = mails.compose(Delivery.objects.with_everything().get(pk=row.pk))
    assert mail.subject == "3 new replies to what you follow", "moderators have put it elsewhere"


def test_a_text_is_shorter_in_a_summary() -> None:
    with time_machine.travel(NOON, tick=False):
        question = factories.published()
        member = follower(question, "daily")
        factories.published("word " * 100, question=question)
    text = mails.compose(gathered(member)).text
    assert text.count("word") <= MAX_SUMMARY_LENGTH / 5 and "Read on" in text


def test_its_link_pauses_summaries_and_nothing_else(summary: tuple[User, list[Post]]) -> None:
    member, posts = summary
    question = posts[0].thread
    mail = mails.compose(gathered(member))
    pause = Subscription.objects.get(contact__user=member, kind=List.DIGEST)
    assert mail.headers["List-Unsubscribe"].endswith(f"/unsubscribe/{pause.token}/>")
    assert mail.headers["List-Id"] == "<summaries.testserver>"
    outbox.end(pause)
    assert not owed(member, state="gathered"), "what has not left does not"
    assert Subscription.objects.active().filter(contact__user=member, kind=List.THREAD).count() == 2
    factories.published("Reply 3.", question=question)
    assert not owed(member, state="owed")
    at_once = follower(question)
    factories.published("Reply 4.", question=question)
    assert len(owed(at_once)) == 1
    outbox.resume(pause)
    factories.published("Reply 5.", question=question)
    [row] = owed(member, state="owed")
    assert row.post and row.post.source == "Reply 5."


def test_what_was_owed_while_the_list_ended_does_not_leave(summary: tuple[User, list[Post]]) -> None:
    member, _posts = summary
    row = gathered(member)
    pause = outbox.follow(row.recipient, List.DIGEST)
    Subscription.objects.filter(pk=pause.pk).update(ended_at=NOON)
    with pytest.raises(mails.NotWanted, match="no summaries"):
        mails.compose(Delivery.objects.with_everything().get(pk=row.pk))


def test_a_summary_costs_the_same_whatever_it_tells(django_assert_max_num_queries: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        question = factories.published()
        member = follower(question, "daily")
        for number in range(12):
            factories.published(f"Reply {number}.", question=question)
    row = gathered(member)
    with django_assert_max_num_queries(6):
        assert mails.compose(row).subject == "12 new replies to what you follow"


# --- Whose act it was


def test_nobody_is_told_of_a_reply_of_their_own_not_even_as_another_guest() -> None:
    """The address is theirs when they have confirmed it; one that was merely typed keeps nobody from hearing."""
    question = factories.published(address="same@guests.test")
    contact = factories.confirmed(question)
    own = factories.pending("It is me again.", question=question, address="same@guests.test")
    factories.confirmed(own)
    factories.decide(own, Move.PUBLISH)
    rows = Delivery.objects.filter(kind="reply")
    assert not rows.exists()
    factories.published("Somebody else.", question=question, address="same@guests.test")
    assert [row.recipient for row in rows] == [contact]
