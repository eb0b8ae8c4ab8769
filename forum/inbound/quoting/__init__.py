"""Quotes, attributions and signatures in a mail, and the author's own words between them."""
