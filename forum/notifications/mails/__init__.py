"""Mail composition, one function for each kind. Subjects are neutral: locked phones show them (DESIGN 8)."""

from collections.abc import Callable

from forum.models import Delivery, Subscription
from forum.notifications.events import LIST_OF
from forum.notifications.mails import followed, moderators, news, people, physicians, posts, privacy, recognition
from forum.notifications.mails.parts import Mail, NotWanted, NotYet, absolute

__all__ = ["COMPOSERS", "TO_ANYBODY", "Mail", "NotWanted", "NotYet", "absolute", "compose"]

# Kinds sent to unconfirmed addresses: they ask for the confirmation, or answer a form, with rate limits.
TO_ANYBODY = frozenset({Delivery.Kind.CONFIRM, Delivery.Kind.ACCOUNT, Delivery.Kind.DATA, Delivery.Kind.ERASURE})


def compose(delivery: Delivery) -> Mail:
    """Return the mail for one delivery from the present data, or raise NotWanted or NotYet.

    `delivery.members` is everything that the mail may report; afterwards it holds what the mail does report.
    """
    if not delivery.recipient.is_confirmed and delivery.kind not in TO_ANYBODY:
        raise NotWanted("The address is not confirmed.")
    stopped = _stopped_lists(delivery)
    reasons = {member.pk: _unwanted(member, stopped) for member in delivery.members}
    delivery.members = [member for member in delivery.members if not reasons[member.pk]]
    if not delivery.members:
        raise NotWanted(reasons[delivery.pk])
    if delivery.is_digest:
        return followed.digest(delivery)
    return COMPOSERS[Delivery.Kind(delivery.kind)](delivery)


def _stopped_lists(delivery: Delivery) -> set[str]:
    """Return the lists that the person has stopped; skip the query when no member belongs to a list."""
    if not delivery.is_digest and not any(member.kind in LIST_OF for member in delivery.members):
        return set()
    lists = delivery.recipient.subscriptions.filter(post=None, ended_at__isnull=False)
    return set(lists.values_list("kind", flat=True))


def _unwanted(delivery: Delivery, stopped: set[str]) -> str:
    if delivery.subscription and not delivery.subscription.is_active:
        return "The person has unsubscribed."
    if delivery.is_digest and Subscription.Kind.DIGEST in stopped:
        return "The person wants no summaries."
    return "The person wants no such mail." if LIST_OF.get(delivery.kind) in stopped else ""


COMPOSERS: dict[Delivery.Kind, Callable[[Delivery], Mail]] = {
    Delivery.Kind.CONFIRM: posts.confirm,
    Delivery.Kind.QUEUE: moderators.queue,
    Delivery.Kind.PUBLISHED: posts.published,
    Delivery.Kind.RETURNED: posts.returned,
    Delivery.Kind.REJECTED: posts.rejected,
    Delivery.Kind.REMOVED: posts.removed,
    Delivery.Kind.RECEIVED: posts.received,
    Delivery.Kind.REPLY: followed.replies,
    Delivery.Kind.ANSWER: followed.replies,
    Delivery.Kind.NEWS: news.news,
    Delivery.Kind.REFUSED: posts.refused,
    Delivery.Kind.URGENT: moderators.urgent,
    Delivery.Kind.ESCALATION: moderators.escalation,
    Delivery.Kind.OPINION: moderators.opinion,
    Delivery.Kind.DESK: physicians.desk,
    Delivery.Kind.ROUTED: physicians.routed,
    Delivery.Kind.CLAIM: physicians.claim,
    Delivery.Kind.REMINDER: posts.reminder,
    Delivery.Kind.EXPIRED: posts.expired,
    Delivery.Kind.REPORT: people.report,
    Delivery.Kind.SANCTION: people.sanction,
    Delivery.Kind.ACCOUNT: people.account,
    Delivery.Kind.DATA: privacy.data,
    Delivery.Kind.ERASURE: privacy.erasure,
    Delivery.Kind.CHECKERS: recognition.checkers,
    Delivery.Kind.RECOGNISED: recognition.recognised,
    Delivery.Kind.CREDENTIAL: recognition.credential,
}
