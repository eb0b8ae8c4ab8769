"""Pages about people's own data: members', guests' behind a mailed link, an erasure to come, and the public words."""
