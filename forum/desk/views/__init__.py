"""The pages of the desk, and the moderators’ page that routes a question to it."""
