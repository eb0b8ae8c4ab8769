"""What queries were asked, how the database finds their rows, and how many rows it reads for them."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from tests.scale.filling import BIG

PLANNED = ("SELECT", "UPDATE", "DELETE")


@dataclass
class Run:
    """What one operation asked of the database, and how long it took altogether (milliseconds)."""

    queries: list[tuple[str, Any]] = field(default_factory=list)
    milliseconds: float = 0.0

    @property
    def texts(self) -> list[str]:
        """The queries that read or change rows, without savepoints."""
        return [sql for sql, _parameters in self.queries]


def run(operation: Callable[[], Any]) -> Run:
    """Carry out the operation, note its queries, and take everything back."""
    found = Run()
    with transaction.atomic():
        with _noting(found):
            start = time.perf_counter()
            operation()
            found.milliseconds = (time.perf_counter() - start) * 1000
        transaction.set_rollback(True)
    return found


@contextmanager
def _noting(found: Run) -> Iterator[None]:
    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            found.queries.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield


def without_index(found: Run) -> list[str]:
    """Return the queries for which a big table would be read from end to end, with their plans."""
    bad = []
    for sql, parameters in found.queries:
        if sql.lstrip().startswith(PLANNED):
            plan = explain(sql, parameters)
            if scans(sql, plan):
                bad.append(f"{sql[:1500]}\n  {plan}")
    return bad


def explain(sql: str, parameters: Any) -> str:
    """Return the database's plan."""
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}", parameters)
        return "\n  ".join(str(row[-1]) for row in cursor.fetchall())


def scans(sql: str, plan: str) -> list[str]:
    """Return the lines of a plan that read a big table from end to end.

    SQLite calls it a scan, too, when it takes the first few rows in an index's order, or reads the whole of an index
    that holds some rows only: these are none.
    """
    names = "|".join(BIG)
    if connection.vendor != "sqlite":
        return re.findall(rf"Seq Scan on (?:{names})\b", plan)
    aliases = re.findall(rf'"(?:{names})" "?([A-Z]+\d+)"?', sql)
    found = re.findall(rf"SCAN (?:{'|'.join([names, *aliases])})\b(?: USING (?:COVERING )?INDEX (\w+))?", plan)
    limited = "LIMIT" in sql and "TEMP B-TREE FOR ORDER BY" not in plan
    by_key = limited and " WHERE " not in sql
    return [index for index in found if not (limited or index in _partial_indexes() if index else by_key)]


def _partial_indexes() -> set[str]:
    """Return the indexes that hold some rows only, on SQLite: to read one from end to end is what it is for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%) WHERE %'")
        return {name for (name,) in cursor.fetchall()}


def most_rows(found: Run) -> int:
    """Return the largest number of rows that one step of one SELECT visits in a big table; PostgreSQL only."""
    most = 0
    for sql, parameters in found.queries:
        if sql.lstrip().startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", parameters)
                (plan,) = cursor.fetchone()
            tree = plan if isinstance(plan, list) else json.loads(plan)
            most = max([most, *_visited(tree[0]["Plan"])])
    return most


def _visited(node: dict[str, Any]) -> Iterator[int]:
    if node.get("Relation Name") in BIG:
        passed = (
            node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        )
        yield int(passed * node["Actual Loops"])
    for child in node.get("Plans", ()):
        yield from _visited(child)
