"""Pages behind a link from a mail, without signing in."""
