"""Pages below /dev/mail/, in development only."""
