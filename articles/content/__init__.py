"""Articles as files, and loading them."""
