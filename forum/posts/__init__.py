"""A post and everything that can happen to it."""
