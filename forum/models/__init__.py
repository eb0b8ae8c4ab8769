"""The forum's tables: posts, the record of decisions, what moderators share, and the mail that is owed."""

from forum.models.mail import Delivery, Subscription
from forum.models.moderation import Claim, Note, Reason, Report, RuleSetting, Sanction
from forum.models.posts import Hold, Post, Revision, WaitingFor
from forum.models.record import LogEntry

__all__ = [
    "Claim",
    "Delivery",
    "Hold",
    "LogEntry",
    "Note",
    "Post",
    "Reason",
    "Report",
    "Revision",
    "RuleSetting",
    "Sanction",
    "Subscription",
    "WaitingFor",
]
