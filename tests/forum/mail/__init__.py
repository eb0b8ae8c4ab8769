"""The mail of the site, as its operator and its machines see it."""
