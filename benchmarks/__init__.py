"""Measurements of the site against itself: script/bench."""
