"""Volunteer physicians: the desk, claims, drafts, routing and credentials."""
