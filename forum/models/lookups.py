"""A lookup that lets every database use a partial index."""

import re
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

WORD = re.compile(r"[a-z-]+")


@models.CharField.register_lookup
class OneOf(models.Lookup):
    """`state__one_of=(...)`: IN with literals instead of parameters.

    SQLite uses a partial index only if the query contains the same literals as the condition of the index.
    """

    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        words = [str(word) for word in self.rhs]
        if not words or not all(WORD.fullmatch(word) for word in words):
            raise ValueError("Only lower-case words with hyphens are allowed, since they become part of the SQL.")
        column, parameters = self.process_lhs(compiler, connection)
        quoted = ", ".join(f"'{word}'" for word in words)
        return f"{column} IN ({quoted})", parameters
