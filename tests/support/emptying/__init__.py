"""Test app whose `flush` command empties the database between tests, including the append-only log."""
