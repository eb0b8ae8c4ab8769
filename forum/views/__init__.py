"""The forum's pages: reading and asking, one's own posts, operation, errors."""
