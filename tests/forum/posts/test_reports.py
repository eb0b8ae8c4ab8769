"""Reports: one for each reader, hidden by several, decided by a moderator, and the reporter hears of it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forum.models import Delivery, LogEntry, Post, Report, Sanction
from forum.moderation import sanctions
from forum.notifications import mails
from forum.posts import report_outcomes, reports, transitions
from forum.states import Move, State
from forum.views.shared.forms import new_form_key
from tests import factories
from tests.support.stack import Stack
from tests.support.visitors import Visitor, error_beside, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
Outcome = Report.Outcome


def report_form(**fields: str) -> dict[str, str]:
    """Return what a browser sends for a good report."""
    return {"reason": "advice", "note": "", "website": "", "form_key": new_form_key(), **fields}


def guest(number: int) -> Visitor:
    """Return a guest from a network of their own."""
    return Visitor(REMOTE_ADDR=f"10.7.{number}.5")


def url_of(post: Post) -> str:
    """Return where the post is reported."""
    return f"/posts/{post.public_id}/report/"


def send(visitor: Visitor, post: Post, **fields: str) -> Any:
    """Send a report."""
    return visitor.post(url_of(post), report_form(**fields))


def reported(post: Post, times: int, *, first: int = 1) -> list[Report]:
    """Let so many different members report the post."""
    for _ in range(times):
        assert send(Visitor(factories.person()), post).status_code == 302
    post.refresh_from_db()
    return list(Report.objects.filter(post=post).order_by("pk"))


def outcomes(post: Post) -> set[str]:
    """Return the outcomes of the reports on the post."""
    return set(Report.objects.filter(post=post).values_list("outcome", flat=True))


def owed(report: Report) -> list[Delivery]:
    """Return the mails about a report, those stopped left out."""
    stopped = Delivery.State.CANCELLED
    return list(Delivery.objects.filter(report=report, kind=Delivery.Kind.REPORT).exclude(state=stopped))


# --- The reader's side


def test_every_public_post_has_a_report_link_that_says_whose_post_it_is() -> None:
    article = factories.article()
    question = factories.published("Pump or tablets?", article=article)
    reply = factories.published("Ask your doctor.", question=question)
    for page in (Visitor().get(question.get_absolute_url()), Visitor().get(article.get_absolute_url())):
        for post in (question, reply):
            assert f'href="{url_of(post)}"' in page.text
        assert f"the reply by {reply.name}" in page.text


def test_a_guest_reports_and_hears_of_the_outcome_on_a_private_page() -> None:
    post = factories.published()
    visitor = guest(1)
    page = visitor.get(url_of(post))
    assert page.status_code == 200 and "emergency number" in page.text and "does not learn who" in page.text
    answer = send(visitor, post, note="Nobody should <b>stop</b> at once.")
    report = Report.objects.get()
    assert answer["Location"] == f"/reports/{report.token}/"
    assert (report.reporter, report.reason, report.outcome, report.is_counted) == (None, "advice", "open", True)
    told = visitor.get(answer["Location"])
    assert "with our moderators" in told.text and "Keep its address" in told.text
    assert "&lt;b&gt;stop" in told.text
    assert "noindex" in told["X-Robots-Tag"] and told["Referrer-Policy"] == "no-referrer"
    factories.decide(post, Move.REMOVE)
    assert "taken down or changed" in visitor.get(answer["Location"]).text
    # A guest gave no address, so there is nobody to mail.
    assert not Delivery.objects.filter(kind=Delivery.Kind.REPORT).exists()


def test_a_guests_network_is_not_stored_as_it_is() -> None:
    send(guest(9), factories.published())
    report = Report.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", report.reporter_key)
    assert all("10.7." not in str(value) for value in Report.objects.values().get().values())


def test_a_member_sees_their_reports_and_what_became_of_them() -> None:
    post, member = factories.published("Is this a title?"), factories.person()
    send(Visitor(member), post)
    page = Visitor(member).get("/me/")
    assert "My reports" in page.text and "A moderator will look at it" in page.text
    factories.decide(post, Move.KEEP)
    assert "left the post as it is" in Visitor(member).get("/me/").text
    factories.decide(Post.objects.get(pk=post.pk), Move.REMOVE)
    assert "Is this a title?" not in Visitor(member).get("/me/").text
    assert "My reports" not in Visitor(factories.person()).get("/me/").text


@pytest.mark.parametrize("state", [State.PENDING, State.REMOVED, State.WITHDRAWN])
def test_what_is_not_public_cannot_be_reported_not_even_by_those_who_see_it(state: State) -> None:
    author = factories.person()
    post = factories.pending(user=author)
    Post.objects.filter(pk=post.pk).update(state=state)
    for visitor in (Visitor(), Visitor(author), Visitor(factories.moderator())):
        assert visitor.get(url_of(post)).status_code == 404
        assert send(visitor, post).status_code == 404
    assert not Report.objects.exists()
    assert Visitor().get("/posts/nothinghere/report/").status_code == 404
    assert Visitor().get("/reports/nothing-here/").status_code == 404


def test_a_reply_under_a_hidden_question_cannot_be_reported() -> None:
    question = factories.published()
    reply = factories.published(question=question)
    factories.decide(question, Move.REMOVE)
    assert send(Visitor(), reply).status_code == 404


def test_nobody_reports_their_own_post() -> None:
    author = factories.person()
    post = factories.published(user=author)
    answer = send(Visitor(author), post)
    assert answer.status_code == 403 and "You wrote this yourself" in answer.text
    assert not Report.objects.exists()


def test_a_double_click_makes_one_report() -> None:
    post, visitor = factories.published(), guest(1)
    form = report_form()
    first, second = visitor.post(url_of(post), form), visitor.post(url_of(post), form)
    assert first["Location"] == second["Location"] == f"/reports/{Report.objects.get().token}/"


def test_a_double_click_on_the_report_that_hides_the_post_leads_to_the_same_page() -> None:
    post = factories.published()
    reported(post, 2)
    visitor, form = guest(1), report_form()
    first, second = visitor.post(url_of(post), form), visitor.post(url_of(post), form)
    assert Post.objects.get(pk=post.pk).state == State.PENDING
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]


def test_a_member_who_reports_again_is_led_to_the_first_report() -> None:
    post, member = factories.published(), factories.person()
    first = send(Visitor(member), post)
    for again in (send(Visitor(member), post, reason="other"), Visitor(member).get(url_of(post))):
        assert again["Location"] == first["Location"]
    assert Report.objects.get().reason == "advice"


def test_a_neighbour_is_told_kindly_and_is_not_shown_the_first_guests_page() -> None:
    post = factories.published()
    send(guest(1), post, note="My own words.")
    neighbour = send(Visitor(REMOTE_ADDR="10.7.1.99"), post)
    assert neighbour.status_code == 200 and "reported already" in neighbour.text
    assert Report.objects.get().token not in neighbour.text and "My own words" not in neighbour.text
    # A member behind the same network is somebody else.
    assert send(Visitor(factories.person(), REMOTE_ADDR="10.7.1.99"), post).status_code == 302
    assert Report.objects.count() == 2


def test_many_reports_from_one_network_are_stopped_and_nothing_typed_is_lost(settings: Any) -> None:
    settings.REPORTS_PER_NETWORK_HOUR = 2
    visitor = guest(1)
    assert [send(visitor, factories.published()).status_code for _ in range(2)] == [302, 302]
    refused = send(visitor, factories.published(), note="These words.")
    assert refused.status_code == 429 and typed(refused, "note") == "These words."
    assert send(guest(2), factories.published()).status_code == 302
    assert Report.objects.count() == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": ""}, "Choose what is wrong."),
        ({"reason": "nonsense"}, "Choose one of these."),
        ({"note": "x" * 501}, "1 characters too long"),
        ({"note": "Write to ann@example.org"}, "leave out e-mail addresses"),
        ({"note": "ann at example dot org"}, "leave out e-mail addresses"),
        ({"website": "https://spam.example"}, "hidden field"),
        ({"form_key": "forged"}, "could not be read"),
        ({"form_key": ""}, "could not be read"),
    ],
)
def test_bad_input_is_refused_in_plain_words_and_stays(fields: dict[str, str], words: str) -> None:
    answer = send(Visitor(), factories.published(), **{"note": "Kept.", **fields})
    assert answer.status_code == 422
    assert any(words in line for line in summary(answer)), summary(answer)
    assert typed(answer, "note") == fields.get("note", "Kept.")
    assert not Report.objects.exists()


def test_an_invisible_note_is_an_empty_one() -> None:
    assert send(Visitor(), factories.published(), note="\u200b\0 \u202e").status_code == 302
    assert not Report.objects.get().note


def test_looking_at_the_form_changes_nothing() -> None:
    post = factories.published()
    with CaptureQueriesContext(connection) as captured:
        Visitor().get(url_of(post))
        Visitor().head(url_of(post))
    assert not [query for query in captured if not query["sql"].startswith("SELECT")]
    assert Visitor().put(url_of(post)).status_code == 405


# --- Enough of them hide a post


def test_three_readers_hide_a_post_and_moderators_are_told() -> None:
    moderator = factories.moderator()
    post = factories.published(by=moderator)
    Delivery.objects.all().delete()
    reported(post, 2)
    assert post.state == State.PUBLISHED
    reported(post, 1)
    assert post.state == State.PENDING
    entry = LogEntry.objects.filter(post=post).latest("pk")
    assert (entry.move, entry.actor, entry.actor_name) == (Move.HIDE, None, "The site")
    assert Visitor().get(post.get_absolute_url()).status_code == 404
    assert outcomes(post) == {"open"}
    assert {row.recipient.user for row in Delivery.objects.filter(kind=Delivery.Kind.QUEUE)} == {moderator}


def test_a_physicians_answer_is_hidden_by_as_many() -> None:
    answer = factories.pending(question=factories.published(), user=factories.physician())
    assert answer.state == State.PUBLISHED
    reported(answer, 3)
    assert answer.state == State.PENDING


def test_one_person_alone_hides_nothing_with_the_lowest_setting(settings: Any) -> None:
    settings.REPORTS_TO_HIDE = 2  # less is refused at the start
    post, member = factories.published(), factories.person()
    for _ in range(3):
        send(Visitor(member), post)
    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED


@pytest.mark.parametrize("move", [Move.PUBLISH, Move.KEEP])
def test_answered_reports_never_count_again_and_a_reviewed_post_needs_twice_as_many(move: Move) -> None:
    post = factories.published()
    reported(post, 3 if move == Move.PUBLISH else 2)
    factories.decide(post, move)
    assert outcomes(post) == {"kept"}
    reported(post, 5)
    assert post.state == State.PUBLISHED
    reported(post, 1)
    assert post.state == State.PENDING


def test_some_months_after_the_review_three_are_enough_again() -> None:
    post = factories.published()
    reported(post, 2)
    factories.decide(post, Move.KEEP)
    with time_machine.travel(timezone.now() + reports.REVIEWED_FOR + timedelta(days=1)):
        reported(post, 3)
    assert post.state == State.PENDING


def test_reports_of_the_muted_are_stored_and_answered_and_do_not_count() -> None:
    post, muted = factories.published(), factories.person()
    sanctions.impose(muted, sanctions.Measure("mute", 7, "Please stop."), actor=factories.moderator())
    answer = send(Visitor(muted), post)
    assert "do not help to hide" in Visitor(muted).get(answer["Location"]).text
    reported(post, 2)
    assert post.state == State.PUBLISHED
    assert Report.objects.get(reporter=muted).is_counted is False
    factories.decide(post, Move.REMOVE)
    assert Report.objects.get(reporter=muted).outcome == Outcome.UPHELD
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        send(Visitor(muted), factories.published())
    assert Report.objects.filter(reporter=muted).latest("pk").is_counted is True


AT_ONCE = """
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
from forum.posts import access, reports
from forum.models import LogEntry, Post, Report
from tests import factories

def file(post, user, number, start):
    start.wait(10)
    try:
        reader = access.Reader(f"member:{user.pk}", user)
        return reports.file(post, reader, reason="advice", note="", form_key=f"{user.pk}-{number}").is_new
    except reports.Gone:
        return "gone"
    finally:
        connection.close()

found = []
for _ in range(10):
    post, people = factories.published(), [factories.person() for _ in range(3)]
    file(post, people[0], 0, Barrier(1))
    start = Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(file, post, people[number % 2 + 1], number, start) for number in range(4)]
        answers = [future.result() for future in sent]
    hidden = LogEntry.objects.filter(post=post, move="hide").count()
    found.append([Post.objects.get(pk=post.pk).state, hidden, Report.objects.filter(post=post).count(), answers])
print(json.dumps(found))
"""


@pytest.mark.stack
def test_reports_at_once_hide_the_post_once_and_count_once_for_each_reader(stack: Stack) -> None:
    """Two last readers, each sending twice at once: three reports, and one of them hides the post, once."""
    for state, hidden, count, answers in json.loads(stack.shell(AT_ONCE)):
        assert (state, hidden, count) == ("pending", 1, 3)
        assert answers.count(True) == 2


# --- What a decision makes of them


@pytest.mark.parametrize(
    ("move", "outcome"),
    [(Move.REMOVE, Outcome.UPHELD), (Move.KEEP, Outcome.KEPT), (Move.WITHDRAW, Outcome.GONE)],
)
def test_what_becomes_of_the_reports_on_a_public_post(move: Move, outcome: str) -> None:
    post = factories.published(user=factories.person())
    reported(post, 2)
    actor = post.author if move == Move.WITHDRAW else factories.moderator()
    transitions.move(post, move, actor=actor, version=post.version, reason="Because.")
    assert outcomes(post) == {outcome}


@pytest.mark.parametrize(
    ("move", "outcome"),
    [
        (Move.PUBLISH, Outcome.KEPT),
        (Move.RETURN, Outcome.UPHELD),
        (Move.REJECT, Outcome.UPHELD),
        (Move.SPAM, Outcome.UPHELD),
        (Move.WITHDRAW, Outcome.GONE),
        (Move.ASK_COLLEAGUE, Outcome.OPEN),
        (Move.ASK_PHYSICIAN, Outcome.OPEN),
    ],
)
def test_what_becomes_of_the_reports_on_a_hidden_post(move: Move, outcome: str) -> None:
    post = factories.published()
    reported(post, 3)
    actor = None if move == Move.WITHDRAW else factories.moderator()
    transitions.move(post, move, actor=actor, version=post.version, reason="Because.")
    assert outcomes(post) == {outcome}


def test_a_hidden_post_published_with_parts_left_out_was_changed() -> None:
    from forum.posts import stored_text

    post = factories.published()
    reported(post, 3)
    fields = stored_text.fields_of("Is this […] better?")
    transitions.publish_masked(post, fields, actor=factories.moderator(), version=post.version)
    assert outcomes(post) == {"upheld"}


def test_a_hidden_post_that_its_author_changed_was_changed() -> None:
    from forum.posts import submit

    post = factories.published()
    reported(post, 3)
    submit.edit(post, "Is this any better now?", actor=None, version=post.version)
    assert outcomes(post) == {"open"}
    factories.decide(post, Move.PUBLISH)
    assert outcomes(post) == {"upheld"}


def test_members_are_owed_one_mail_each_and_only_about_their_own_report(settings: Any) -> None:
    settings.REPORTS_TO_HIDE = 9
    post = factories.published()
    made = reported(post, 2)
    send(guest(4), post)
    entry = factories.decide(Post.objects.get(pk=post.pk), Move.REMOVE)
    for report in made:
        (delivery,) = owed(report)
        assert delivery.recipient.user == report.reporter
        assert (delivery.entry, delivery.post) == (entry, None)
        report.refresh_from_db()
        assert report.token in mails.compose(delivery).text
    assert Delivery.objects.filter(kind=Delivery.Kind.REPORT).count() == 2


def test_an_author_who_withdraws_later_does_not_stop_the_mail() -> None:
    post = factories.published(user=factories.person())
    (report,) = reported(post, 1)
    factories.decide(post, Move.KEEP)
    transitions.move(post, Move.WITHDRAW, actor=post.author, version=post.version)
    assert owed(report)


def test_an_undone_decision_opens_the_reports_again_and_stops_the_mail(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    moderator, post = factories.moderator(), factories.published()
    (report,) = reported(post, 1)
    factories.decide(post, Move.REMOVE, by=moderator)
    (delivery,) = owed(report)
    assert delivery.next_attempt_at > timezone.now() + timedelta(seconds=590)
    transitions.undo(post, actor=moderator, version=post.version)
    report.refresh_from_db()
    assert (report.outcome, report.decided_at, report.entry) == (Outcome.OPEN, None, None)
    assert not owed(report)
    factories.decide(post, Move.KEEP, by=moderator)
    assert len(owed(report)) == 1
    assert outcomes(post) == {"kept"}


# --- The moderators' side


def test_moderators_see_reports_most_first_and_never_who_sent_them() -> None:
    moderator = factories.moderator()
    one, two = factories.published("The first one here?"), factories.published("The second one here?")
    tell_tale = factories.person("Tell Tale")
    send(Visitor(tell_tale), one, note="Call (020) 7946 0000 or x y")
    send(Visitor(tell_tale), two, reason="unkind")
    send(guest(3), two)
    answered = factories.published()
    send(Visitor(tell_tale), answered)
    factories.decide(answered, Move.KEEP)
    page = Visitor(moderator).get("/moderation/reports/").text
    assert page.index("The second one here?") < page.index("The first one here?")
    assert "Tell Tale" not in page and answered.public_id not in page
    assert page.count("Reader 1") == 2 and "0 upheld, 1 not" in page
    assert f'href="/moderation/{one.public_id}/"' in page
    assert all(report.reporter_key not in page and report.token not in page for report in Report.objects.all())


def test_hidden_posts_wait_in_the_queue_and_not_among_the_reports() -> None:
    post = factories.published()
    reported(post, 3)
    assert post.public_id not in Visitor(factories.moderator()).get("/moderation/reports/").text


@pytest.mark.parametrize("role", ["", "member", "physician", "moderator"])
def test_only_moderators_see_reports(role: str) -> None:
    (report,) = reported(factories.published(), 1)
    visitor = Visitor(getattr(factories, {"member": "person"}.get(role, role))()) if role else Visitor()
    wanted = {"": 302, "moderator": 200}.get(role, 403)
    assert visitor.get("/moderation/reports/").status_code == wanted
    assert visitor.get(f"/moderation/reports/{report.pk}/mute/").status_code == wanted


def test_the_page_of_reports_costs_the_same_with_thirty() -> None:
    visitor = Visitor(factories.moderator())
    costs = []
    for more in (3, 27):
        for _ in range(more):
            post = factories.published()
            send(Visitor(factories.person(), REMOTE_ADDR=f"10.8.{post.pk % 250}.1"), post)
        with CaptureQueriesContext(connection) as captured:
            visitor.get("/moderation/reports/")
        costs.append(len(captured))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("who", ["guest", "member"])
def test_a_moderator_mutes_a_reader_without_learning_who(who: str) -> None:
    member, moderator = factories.person("Tell Tale"), factories.moderator()
    reader = guest(5) if who == "guest" else Visitor(member)
    post = factories.published()
    send(reader, post)
    report, url = Report.objects.get(), f"/moderation/reports/{Report.objects.get().pk}/mute/"
    visitor = Visitor(moderator)
    assert "Tell Tale" not in visitor.get(url).text
    assert not Sanction.objects.exists()
    assert visitor.post(url, {"reason": ""}).status_code == 422
    for _ in range(2):
        assert visitor.post(url, {"reason": "These reports only annoy."}).status_code == 302
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.user) == ("mute", member if who == "member" else None)
    report.refresh_from_db()
    assert (report.is_counted, report.outcome) == (False, Outcome.OPEN)
    entry = LogEntry.objects.get(move="sanction")
    assert (entry.actor, entry.subject, entry.reason) == (moderator, None, "These reports only annoy.")
    assert "Tell Tale" not in visitor.get("/moderation/reports/").text
    send(reader, factories.published())
    assert Report.objects.latest("pk").is_counted is False
    assert Delivery.objects.filter(kind=Delivery.Kind.SANCTION).count() == (who == "member")


def test_addresses_in_a_note_are_masked_for_moderators() -> None:
    post = factories.published()
    send(Visitor(), post)
    Report.objects.update(note="Write to ann@example.org now.")
    assert "ann@example.org" not in Visitor(factories.moderator()).get("/moderation/reports/").text


# --- Forgetting


def test_a_guests_network_is_forgotten_some_weeks_after_the_outcome(settings: Any) -> None:
    settings.REPORTS_TO_HIDE = 9
    moderator, old, fresh = factories.moderator(), factories.published(), factories.published()
    for post in (old, fresh):
        send(guest(1), post)
        send(guest(2), post)
        send(Visitor(factories.person()), post)
    sanctions.mute_reporter(Report.objects.filter(post=old)[0], reason="Enough.", actor=moderator, days=1)
    factories.decide(old, Move.KEEP)
    assert report_outcomes.forget_old_keys() == 0
    with time_machine.travel(timezone.now() + report_outcomes.KEYS_KEPT + timedelta(days=2)):
        assert report_outcomes.forget_old_keys() == 2
        assert report_outcomes.forget_old_keys() == 0
    keys = set(Report.objects.filter(post=old, reporter=None).values_list("reporter_key", flat=True))
    assert len(keys) == 2 and all(key.startswith("forgotten:") for key in keys)
    assert Report.objects.filter(reporter_key__startswith="forgotten:").count() == 2
    assert Sanction.objects.get().reporter_key.startswith("forgotten:")


def test_the_note_is_marked_where_it_is_wrong() -> None:
    answer = send(Visitor(), factories.published(), note="ann@example.org")
    assert "leave out e-mail addresses" in error_beside(answer, "note")
