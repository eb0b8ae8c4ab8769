"""Pages below /me/."""
