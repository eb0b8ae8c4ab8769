"""Forum of the site: questions and replies, their moderation, and the mail about them."""
