"""Models of the forum: posts, log, moderation, desk, mail."""

from forum.models import lookups as _lookups  # noqa: F401 - registers `one_of`
from forum.models.desk import AnswerDraft, DeskQuestion, Helped, Snippet
from forum.models.inbound import InboundMail, ReplyAddress
from forum.models.log_entries import LogEntry
from forum.models.mail import Delivery, Subscription
from forum.models.moderation import Claim, Note, Reason, Report, RuleSetting, Sanction
from forum.models.posts import Post, Topic, WaitingFor
from forum.models.revisions import Hold, Revision

__all__ = [
    "AnswerDraft",
    "Claim",
    "Delivery",
    "DeskQuestion",
    "Helped",
    "Hold",
    "InboundMail",
    "LogEntry",
    "Note",
    "Post",
    "Reason",
    "ReplyAddress",
    "Report",
    "Revision",
    "RuleSetting",
    "Sanction",
    "Snippet",
    "Subscription",
    "Topic",
    "WaitingFor",
]
