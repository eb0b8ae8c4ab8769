"""Rendering of text to safe HTML."""
