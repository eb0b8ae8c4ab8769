"""A way of asking that lets every database use a partial index."""

import re
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

WORD = re.compile(r"[a-z-]+")


@models.CharField.register_lookup
class OneOf(models.Lookup):
    """`state__one_of=(...)`: IN, with the words written out instead of handed over beside the SQL.

    SQLite takes a partial index only for a query that says the same words as the index.
    """

    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return `column IN ('a', 'b')`; refuse what is not a plain word of ours."""
        words = [str(word) for word in self.rhs]
        if not words or not all(WORD.fullmatch(word) for word in words):
            raise ValueError("Only plain words can be asked for.")
        column, parameters = self.process_lhs(compiler, connection)
        quoted = ", ".join(f"'{word}'" for word in words)
        return f"{column} IN ({quoted})", parameters
