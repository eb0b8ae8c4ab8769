"""Who is told that a question is public: whoever follows its article or its topic."""

from forum.models import Delivery, LogEntry, Post, Subscription
from forum.notifications import outbox, recipients


def tell(question: Post, entry: LogEntry) -> None:
    """Owe the followers word of a question that `entry` has made public, or has put under another topic.

    Not its author, nor who did it; one mail for who follows both the article and the topic. What they were told of
    before is no news: the event is the question's.
    """
    followers: dict[int, Subscription] = {}
    for subscription in recipients.followers_of_news(question):
        if subscription.contact.user_id is None or subscription.contact.user_id != entry.actor_id:
            followers.setdefault(subscription.contact_id, subscription)
    told = [(follower.contact, follower) for follower in followers.values()]
    about = {"post": question, "entry": entry, "next_attempt_at": outbox.settled_at(entry)}
    outbox.owe_many(Delivery.Kind.NEWS, f"news:{question.pk}", told, **about)
