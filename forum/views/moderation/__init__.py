"""Pages below /moderation/."""
