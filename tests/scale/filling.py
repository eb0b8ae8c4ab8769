"""Fills a database by plain SQL, in seconds: posts as they come in years, with contacts, revisions, holds and the log.

Everything follows from a post's number, so that a small and a large database hold the same mix. Indexes, the log's
triggers and foreign keys stand aside while rows are written and are put back before anything is measured: the plans
are those of a database that has grown by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts import roles
from accounts.models import Contact, Credential, User
from articles.text import markup
from tests import factories

triggers: Any = import_module("forum.migrations.0003_log_is_append_only")

ARTICLES, MEMBERS, MODERATORS = 20, 2_000, 12
YEARS = 5
BIG = ("accounts_contact", "forum_hold", "forum_logentry", "forum_post", "forum_revision")
ON_SQLITE = connection.vendor == "sqlite"
# The mix: of a hundred decided posts 75 are published; a third of all are replies, a thirtieth to one and the same question.
STATE = """CASE WHEN i <= {waiting} THEN 'pending' WHEN i % 100 < 75 THEN 'published' WHEN i % 100 < 84 THEN 'rejected'
    WHEN i % 100 < 92 THEN 'spam' WHEN i % 100 < 95 THEN 'removed' WHEN i % 1000 = 95 THEN 'returned' ELSE 'withdrawn' END"""
MOVE = """CASE WHEN i % 100 < 75 THEN 'publish' WHEN i % 100 < 84 THEN 'reject' WHEN i % 100 < 92 THEN 'spam'
    WHEN i % 100 < 95 THEN 'remove' WHEN i % 1000 = 95 THEN 'return' ELSE 'withdraw' END"""
WITHDRAWN = "i % 100 >= 95 AND i % 1000 <> 95"
# Of the published ones some had been marked as spam by mistake.
UNDONE = "i % 200 = 50"


def fill(waiting: int, decided: int) -> None:
    """Fill the database of the present connection with that many posts, and let it count what it holds (ANALYZE)."""
    people = _people()
    if not ON_SQLITE:
        # Tests before these have taken numbers and given none back.
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('forum_logentry', 'id'), 1, false)")
    with unchecked(BIG):
        for sql in _statements(waiting, decided, people):
            with connection.cursor() as cursor:
                cursor.execute(sql)
    with connection.cursor() as cursor:
        for table in BIG if not ON_SQLITE else ():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
        cursor.execute("ANALYZE" if ON_SQLITE else "VACUUM ANALYZE")


def _people() -> dict[str, int]:
    """Make articles, members, moderators and one physician; return the first number of each."""
    articles = [factories.article(slug=f"scale-{number}") for number in range(ARTICLES)]
    names = [f"Member {number}" for number in range(MEMBERS)] + [f"Moderator {number}" for number in range(MODERATORS)]
    users = User.objects.bulk_create([User(name=name, password="!") for name in names])
    Contact.objects.bulk_create([Contact(user=user, confirmed_at=user.date_joined) for user in users])
    Group.objects.get(name=roles.MODERATORS).user_set.set(users[MEMBERS:])
    physician = factories.physician()
    return {
        "article": articles[0].pk,
        "member": users[0].pk,
        "moderator": users[MEMBERS].pk,
        "contact": Contact.objects.get(user=users[0]).pk,
        "guest": Contact.objects.latest("pk").pk,
        "credential": Credential.objects.get(user=physician).pk,
    }


@contextmanager
def unchecked(tables: tuple[str, ...]) -> Iterator[None]:
    """Write to the tables without indexes, triggers and foreign keys, and put them back."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF" if ON_SQLITE else "SET session_replication_role = replica")
        cursor.execute("PRAGMA synchronous = OFF" if ON_SQLITE else "SET maintenance_work_mem = '512MB'")
    editor = connection.SchemaEditorClass(connection)
    editor.deferred_sql = []
    with transaction.atomic():
        triggers.drop_triggers(apps, editor)
        indexes = _drop_indexes(tables)
        yield
        for sql in indexes:
            with connection.cursor() as cursor:
                cursor.execute(sql)
        triggers.put_triggers(apps, editor)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = ON" if ON_SQLITE else "SET session_replication_role = origin")


def _drop_indexes(tables: tuple[str, ...]) -> list[str]:
    """Drop the indexes of the tables, but for those that belong to constraints; return what makes them again."""
    names = ", ".join(f"'{table}'" for table in tables)
    found = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
    if not ON_SQLITE:
        found = f"""SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({names}) AND NOT EXISTS
            (SELECT 1 FROM pg_constraint WHERE conindid = (schemaname || '.' || indexname)::regclass)"""
    with connection.cursor() as cursor:
        cursor.execute(found)
        rows = cursor.fetchall()
        for name, _sql in rows:
            cursor.execute(f'DROP INDEX "{name}"')
    return [sql for _name, sql in rows]


def before(seconds: str) -> str:
    """Return SQL for the moment so many seconds ago."""
    if ON_SQLITE:
        return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({seconds}) || ' seconds')"
    return f"(now() - make_interval(secs => ({seconds})))"


def numbers(first: int, last: int) -> str:
    """Return SQL for a table n(i) of whole numbers."""
    if ON_SQLITE:
        return (
            f"(WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)"
        )
    return f"(SELECT i FROM generate_series({first}::bigint, {last}) AS i)"


def _statements(waiting: int, decided: int, people: dict[str, int]) -> Iterator[str]:
    """Yield the statements that write the big tables."""
    total = waiting + decided
    # Decided posts whose numbers end in 01 are public; two of three of these are questions, under the second article.
    base = -(-waiting // 300) * 300
    hundreds = max(3, (total - base) // 100 // 3 * 3)
    question = (
        f"CASE WHEN i % 30 = 0 THEN {base + 1} ELSE {base} + 100 * ((i / 3 * 7) % ({hundreds} / 3) * 3 + i % 2) + 1 END"
    )
    # Waiting ones came within the last month, the oldest first; decided ones within years, each after some hours.
    came = f"""CASE WHEN i <= {waiting} THEN 2500000 - i * CAST({2_400_000 / waiting} AS double precision)
        ELSE {YEARS * 365 * 86_400} - (i - {waiting})
        * CAST({(YEARS * 365 - 3) * 86_400 / decided} AS double precision) END"""
    waited = "(i * 7919) % 150000 + 60"
    member, guest = f"{people['member']} + (i * 31) % {MEMBERS}", f"{people['guest']} + i"
    every = numbers(1, total)
    yield f"""INSERT INTO accounts_contact (id, user_id, address, address_key, token, links_only, confirmed_at, created_at)
        SELECT {guest}, NULL, 'guest' || i || '@guests.test', 'key-' || i, 'scale-' || (1000000000 + i), false,
            {before(came)}, {before(came)}
        FROM {every} AS n WHERE i % 4 = 0"""
    yield f"""INSERT INTO forum_post (id, public_id, kind, article_id, question_id, author_id, contact_id, name,
            credential_id, title, source, html, html_version, revision, digest, fingerprint, state, version, created_at,
            waiting_since, is_urgent, waiting_for, published_at, changed_at, purged_at, form_key, status_token,
            is_name_hidden, helped_count)
        SELECT i, 'p' || (1000000000 + i), CASE WHEN i % 3 = 0 THEN 'reply' ELSE 'question' END,
            CASE WHEN place % 4 = 0 THEN NULL ELSE {people["article"]} + place % {ARTICLES} END, question,
            CASE WHEN i % 4 <> 0 THEN {member} END,
            CASE WHEN i % 4 <> 0 THEN {people["contact"]} + (i * 31) % {MEMBERS} ELSE {guest} END, 'Person ' || i % 5000,
            CASE WHEN i % 150 = 0 THEN {people["credential"]} END, 'Is number ' || i || ' better?',
            'Is number ' || i || ' better than the tablets that I have had for some years now?',
            '<p>Is number ' || i || ' better than the tablets that I have had for some years now?</p>',
            '{markup.VERSION}', CASE WHEN i % 10 = 1 THEN 2 ELSE 1 END, 'digest-' || (1000000000 + i), i * 2654435761, state,
            CASE WHEN state = 'pending' THEN 1 WHEN {UNDONE} THEN 4 ELSE 2 END, {before("came")}, {before("came")},
            state = 'pending' AND i % 50 = 7,
            CASE WHEN state = 'pending' AND i % 40 = 3 THEN 'colleague' WHEN state = 'pending' AND i % 40 = 5 THEN 'physician'
                ELSE '' END,
            CASE WHEN state IN ('published', 'removed') THEN {before("came - waited")} END,
            CASE WHEN state = 'pending' THEN {before("came")} ELSE {before("came - waited")} END, NULL,
            'f' || (1000000000 + i), 's' || (1000000000 + i), i % 60 = 11, 0
        FROM (SELECT i, {STATE.format(waiting=waiting)} AS state, {came} AS came, {waited} AS waited,
            CASE WHEN i % 3 = 0 THEN {question} END AS question,
            CASE WHEN i % 3 = 0 THEN {question} ELSE i END AS place FROM {every} AS n) AS posts"""
    for number in (1, 2):
        yield f"""INSERT INTO forum_revision (post_id, number, source, created_at)
            SELECT id, {number}, source, created_at FROM forum_post WHERE revision >= {number}"""
    rules = (("every-post", "1 = 1"), ("link", "id % 5 = 0"), ("shouting", f"id % {waiting // 10} = 1"))
    for rule, condition in rules:
        yield f"""INSERT INTO forum_hold (post_id, revision, rule, sentence, effect, start, "end")
            SELECT id, revision, '{rule}', 'A rule held it.', 'hold', 3, 9 FROM forum_post WHERE {condition}"""
    details = "'{}'" if ON_SQLITE else "'{}'::jsonb"
    columns = """post_id, move, "before", "after", revision, version, actor_id, reason, reason_code, details, waited,
        created_at"""
    yield f"""INSERT INTO forum_logentry ({columns})
        SELECT id, 'submit', '', 'pending', 1, 1, author_id, '', '', {details}, NULL, created_at FROM forum_post"""
    mistakes = f"FROM (SELECT id AS i, p.* FROM forum_post AS p WHERE state <> 'pending') AS decided WHERE {UNDONE}"
    yield f"""INSERT INTO forum_logentry ({columns})
        SELECT i, 'spam', 'pending', 'spam', revision, 2, {people["moderator"]}, '', '', {details}, 60, changed_at
        {mistakes}"""
    yield f"""INSERT INTO forum_logentry ({columns}, undoes_id)
        SELECT post_id, 'undo', 'spam', 'pending', revision, 3, actor_id, '', '', {details}, NULL, created_at, id
        FROM forum_logentry AS wrong WHERE version = 2 AND {UNDONE.replace("i %", "post_id %")}"""
    yield f"""INSERT INTO forum_logentry ({columns})
        SELECT i, {MOVE}, 'pending', state, revision,
            CASE WHEN {UNDONE} THEN 4 ELSE 2 END,
            CASE WHEN {WITHDRAWN} THEN author_id ELSE {people["moderator"]} + (i * 17) % {MODERATORS} END,
            CASE WHEN i % 100 < 75 THEN '' ELSE 'Please leave out the link.' END,
            CASE WHEN i % 100 < 75 THEN '' ELSE 'reason-' || i % 7 END, {details},
            CASE WHEN {WITHDRAWN} THEN NULL ELSE {waited} END, changed_at
        FROM (SELECT id AS i, p.* FROM forum_post AS p WHERE state <> 'pending') AS decided ORDER BY i"""
