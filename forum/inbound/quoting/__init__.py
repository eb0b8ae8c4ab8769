"""Quotes, signatures and the author's own words in a mail."""
