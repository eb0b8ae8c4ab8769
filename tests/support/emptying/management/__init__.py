"""Management commands for tests."""
