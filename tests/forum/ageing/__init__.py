"""Tests of recognition: how somebody becomes a verified physician, and where readers see it."""
