"""A member's own pages: what waits for them, what they wrote and follow, their name, and which mail they want."""
