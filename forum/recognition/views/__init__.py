"""Pages about recognition: a person's own, the checkers', and the public ones."""
