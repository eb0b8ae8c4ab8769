"""The forum's tables: posts, the record of decisions, and the mail that is owed."""

from forum.models.mail import Delivery, Subscription
from forum.models.posts import Hold, Post, Revision
from forum.models.record import LogEntry

__all__ = ["Delivery", "Hold", "LogEntry", "Post", "Revision", "Subscription"]
