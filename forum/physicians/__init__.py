"""Volunteer physicians: the desk, claims, drafts, routing, credentials."""
