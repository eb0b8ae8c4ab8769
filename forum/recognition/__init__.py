"""Volunteer physicians: how a person is recognised as one, and where readers see who they are."""
