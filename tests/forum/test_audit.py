"""The record: nobody changes or deletes a line of the log, by SQL neither; what its page shows."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forum import audit
from forum.models import Delivery, LogEntry, Post
from forum.moderation import log_search, log_text
from forum.posts import transitions
from forum.states import Act, Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
APPEND_ONLY = "append-only"
ON_SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def entry() -> LogEntry:
    """One line of the log."""
    return factories.decide(factories.pending(), Move.REJECT, reason="It sells something.")


@pytest.fixture
def lines_stay(entry: LogEntry) -> Iterator[None]:
    """Whatever the test tries, the log is as it was."""
    before = list(LogEntry.objects.order_by("id").values())
    yield
    assert list(LogEntry.objects.order_by("id").values()) == before


def run(sql: str, *parameters: Any) -> None:
    """Run one statement in a savepoint of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE forum_logentry SET reason = 'Something else.'",
        "UPDATE forum_logentry SET actor_id = NULL",
        "DELETE FROM forum_logentry",
        "DELETE FROM forum_logentry WHERE id = (SELECT MAX(id) FROM forum_logentry)",
    ],
)
@pytest.mark.usefixtures("lines_stay")
def test_sql_changes_no_line(sql: str) -> None:
    with pytest.raises(DatabaseError, match=APPEND_ONLY):
        run(sql)


@pytest.mark.usefixtures("lines_stay")
def test_the_programs_own_way_to_the_database_changes_no_line(entry: LogEntry) -> None:
    Delivery.objects.all().delete()  # mails that name the line would protect it, too
    for change in (
        lambda: LogEntry.objects.filter(pk=entry.pk).update(reason="Something else."),
        lambda: LogEntry.objects.filter(pk=entry.pk).delete(),
        lambda: LogEntry.objects.filter(pk=entry.pk)._raw_delete("default"),
        lambda: LogEntry.objects.bulk_update([entry], ["reason"]),
        entry.save,
        entry.delete,
    ):
        with pytest.raises(DatabaseError, match=APPEND_ONLY), transaction.atomic():
            change()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("column", ["id", "version"])
@pytest.mark.usefixtures("lines_stay")
def test_no_line_is_replaced(entry: LogEntry, column: str) -> None:
    """INSERT OR REPLACE would delete the old line without asking the trigger on DELETE."""
    names = [str(field.column) for field in LogEntry._meta.concrete_fields if column == "id" or field.column != "id"]
    with pytest.raises(IntegrityError, match=APPEND_ONLY):
        run(
            f"INSERT OR REPLACE INTO forum_logentry ({', '.join(names)}) "
            f"SELECT {', '.join(names)} FROM forum_logentry WHERE id = %s",
            entry.pk,
        )


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("lines_stay")
def test_the_table_is_not_emptied_either_and_no_session_switches_that_off() -> None:
    run(
        "SET CONSTRAINTS ALL IMMEDIATE"
    )  # else PostgreSQL refuses for a reason of its own: foreign keys not yet checked
    for sql in ("TRUNCATE forum_logentry CASCADE", "TRUNCATE forum_post CASCADE"):
        with pytest.raises(DatabaseError, match=APPEND_ONLY):
            run(sql)
    with pytest.raises(DatabaseError, match=APPEND_ONLY):
        run("SET LOCAL session_replication_role = replica; DELETE FROM forum_logentry")


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("lines_stay")
def test_an_insert_that_meets_a_line_does_not_change_it(entry: LogEntry) -> None:
    with pytest.raises(DatabaseError, match=APPEND_ONLY):
        run(
            "INSERT INTO forum_logentry SELECT * FROM forum_logentry WHERE id = %s "
            "ON CONFLICT (id) DO UPDATE SET reason = 'Something else.'",
            entry.pk,
        )


@pytest.mark.usefixtures("lines_stay")
def test_what_a_line_is_about_stays_too(entry: LogEntry) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        assert entry.post is not None
        Post.objects.filter(pk=entry.post.pk).delete()


def test_lines_are_still_added(entry: LogEntry) -> None:
    assert entry.post is not None
    factories.decide(entry.post, Move.PUBLISH)
    assert LogEntry.objects.filter(post=entry.post).count() == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_triggers_stand_after_every_migration_and_come_and_go_with_theirs() -> None:
    """Also after the tests' own flush, which ends each test like this one."""
    assert triggers()
    call_command("migrate", "forum", "0002", verbosity=0)
    assert not triggers()
    call_command("migrate", verbosity=0)
    assert triggers()
    call_command("flush", interactive=False, verbosity=0)
    assert triggers()


def triggers() -> set[str]:
    """Return the names of the triggers on the log's table."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'forum_logentry'"
    if not ON_SQLITE:
        sql = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'forum_logentry'::regclass AND tgenabled = 'A'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = {name for (name,) in cursor.fetchall()}
    assert len(found) in ({0, 3} if ON_SQLITE else {0, 1})
    return found


# The page


def lines(path: str = "/moderation/log/", visitor: Visitor | None = None) -> list[str]:
    """Return the lines of the page as words."""
    page = (visitor or Visitor(factories.moderator())).get(path)
    assert page.status_code == 200
    found = re.search(r'<ul class="link-list">(.*)</ul>\s*(?:<p class="actions">.*)?</main>', page.text, re.DOTALL)
    items = found[1].split("<li>\n")[1:] if found else []
    return [" ".join(html.unescape(re.sub(r"<[^>]*>", "", item)).split()) for item in items]


def test_acts_of_staff_stand_in_the_log_with_before_and_after_in_words() -> None:
    sue, mel = factories.person("Sue", "staff"), factories.person("Mel")
    audit.act(Act.SANCTION, actor=sue, subject=mel, reason="Three days of shouting.", kind=[None, "pause"])
    audit.act(Act.RULES, actor=sue, links=[{"enabled": True, "most": 2}, {"enabled": False, "most": 2}])
    rules, sanction = lines()
    assert rules.startswith("Sue: only their entries changed the rules.")
    assert "Links, enabled: yes became → no" in rules
    assert "most" not in rules.lower(), "what did not change is not named"
    assert "put a sanction on Mel." in sanction
    assert "Kind: nothing became → pause" in sanction
    assert "Three days of shouting." in sanction


def test_a_decision_shows_what_else_it_changed_and_an_undone_one_by_whom(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    mo, post = factories.moderator("Mo"), factories.pending()
    factories.decide(post, Move.ASK_PHYSICIAN, by=mo)
    transitions.undo(post, actor=mo, version=post.version)
    undo, asked, _submitted = lines()
    assert "undid the decision: asked a physician" in undo
    assert "undone by Mo" in asked
    assert "Waits for: nothing became → a physician’s opinion" in asked


def test_no_address_comes_out_of_the_details() -> None:
    audit.act(Act.RULES, actor=factories.person(), words=["", "someone@canary.test"])
    assert "canary.test" not in lines()[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ("", "nothing"),
        (False, "no"),
        (0, "0"),
        (["a", "b"], "a, b"),
        ({"a": 1}, '{"a": 1}'),
        ("physician", "a physician’s opinion"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_stored_values_in_words(value: Any, words: str) -> None:
    assert log_text.in_words(value) == words


def test_filters_by_what_happened_by_whom_and_when() -> None:
    mo, jo = factories.moderator("Mo"), factories.moderator("Jo")
    now = timezone.now()
    for days, move, by in ((9, Move.PUBLISH, mo), (5, Move.SPAM, mo), (1, Move.PUBLISH, jo)):
        with time_machine.travel(now - timedelta(days=days)):
            factories.decide(factories.pending(), move, by=by)
    visitor = Visitor(mo)

    def found(query: str) -> list[str]:
        decided = [line for line in lines(f"/moderation/log/?{query}", visitor) if "sent it in" not in line]
        return [" ".join(line.split()[:1] + line.split(": only their entries ")[1].split()[:1]) for line in decided]

    assert found("move=publish") == ["Jo: published", "Mo: published"]
    assert found(f"by={mo.pk}") == ["Mo: marked", "Mo: published"]
    assert found(f"by={mo.pk}&move=spam") == ["Mo: marked"]
    day = (now - timedelta(days=5)).date().isoformat()
    assert found(f"until={day}") == ["Mo: marked", "Mo: published"]
    assert found(f"since={day}") == ["Jo: published", "Mo: marked"]
    assert found(f"since={day}&until={day}") == ["Mo: marked"]


def test_whoever_left_the_moderators_is_still_found_by_the_link_at_the_name() -> None:
    mo = factories.moderator("Mo")
    factories.decide(factories.pending(), Move.SPAM, by=mo)
    mo.groups.clear()
    visitor = Visitor(factories.moderator())
    assert f'href="?by={mo.pk}"' in visitor.get("/moderation/log/").text
    assert len(lines(f"/moderation/log/?by={mo.pk}", visitor)) == 1


@pytest.mark.parametrize("query", ["move=nothing", "by=0", "by=x", "since=yesterday", "until=2026-02-31"])
def test_a_filter_that_makes_no_sense_is_explained(query: str) -> None:
    page = Visitor(factories.moderator()).get(f"/moderation/log/?{query}")
    assert page.status_code == 422
    assert "There is a problem" in page.text


@pytest.mark.parametrize("before", ["x", "0", "-1", "²", "9" * 30])
def test_a_page_that_never_was_is_not_found(before: str) -> None:
    assert Visitor(factories.moderator()).get("/moderation/log/", {"before": before}).status_code == 404


def test_pages_go_on_by_key_with_the_filter_kept_and_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "PAGE_SIZE", 4)
    mo = factories.moderator("Mo")
    with time_machine.travel(timezone.now(), tick=False):  # all at the same moment: the number decides
        for _ in range(10):
            factories.decide(factories.pending(), Move.SPAM, by=mo)
    visitor, path, shown = Visitor(mo), f"/moderation/log/?by={mo.pk}&move=spam", []
    while path:
        page = visitor.get(path).text
        shown += re.findall(r'/moderation/(\w{10})/"', page)
        following = re.search(r'rel="next" href="([^"]*)"', page)
        path = "/moderation/log/" + html.unescape(following[1]) if following else ""
    newest_first = LogEntry.objects.filter(move=Move.SPAM).order_by("-id")
    assert shown == list(newest_first.values_list("post__public_id", flat=True))


def test_staff_who_do_not_moderate_get_no_link_to_the_post() -> None:
    factories.pending()
    page = Visitor(factories.person("", "staff")).get("/moderation/log/").text
    assert "Question: " in page
    assert not re.search(r'href="/moderation/\w{10}/"', page)


def test_reading_the_log_costs_the_same_for_3_and_30_lines(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    visitor = Visitor(factories.moderator())

    def fill(number: int) -> None:
        for _ in range(number):
            mo, post = factories.moderator(), factories.pending(question=factories.published())
            factories.decide(post, Move.SPAM, by=mo)
            transitions.undo(post, actor=mo, version=post.version)
            audit.act(Act.SANCTION, actor=mo, subject=factories.person())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            lines(visitor=visitor)
        return len(captured)

    fill(1)
    few = queries()
    fill(6)
    assert LogEntry.objects.count() > 30
    assert queries() == few
