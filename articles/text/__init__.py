"""Text to safe HTML."""
