"""Pages below /credentials/."""
