"""Pages below /desk/."""
