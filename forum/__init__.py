"""What people say: questions and replies, their moderation, and the mail about them."""
