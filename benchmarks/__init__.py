"""Benchmarks of the site: script/bench."""
