"""An app of the tests' settings alone: its `flush` empties the database between tests, the append-only log included."""
