"""For the gallery: somebody who follows much, who has stopped everything, and guests' links to choose their mail."""

from typing import Any

from accounts import addresses, suppressions
from accounts.models import Contact, User
from articles.models import Article
from forum.models import Subscription, Topic
from forum.notifications import links, outbox
from forum.preferences import save
from forum.preferences.mailbox import Mailbox
from tests import factories


def exhibits(article: Article) -> dict[str, Any]:
    """Return the people to sign in, and the links."""
    following, stopped = factories.person("Fiona Follower"), factories.person("Stan Stopped")
    for person in (following, stopped):
        _follow_much(person, article)
    save.stop_everything(Mailbox.of_member(stopped))
    tokens = {name: _guest(f"{name}@guests.test") for name in ("choosing", "unreached")}
    suppressions.suppress(addresses.key_of("unreached@guests.test"), suppressions.Reason.HARD)
    return {
        "people": {"following": following, "stopped": stopped},
        "mail_choices": tokens,
        "topic": Topic.objects.all()[0].slug,
    }


def _follow_much(person: User, article: Article) -> None:
    """Let the person follow the article, a topic and many questions of their own with a long title."""
    contact = Contact.objects.for_user(person)
    outbox.follow(contact, Subscription.Kind.ARTICLE, article=article)
    topic = outbox.follow(contact, Subscription.Kind.TOPIC, topic=Topic.objects.all()[0])
    outbox.end(topic)
    for number in range(30):
        factories.pending(f"{'Donaudampfschiff' * 6} number {number}?", user=person)


def _guest(address: str) -> str:
    """Return a link for a guest with two confirmed questions."""
    first, _second = (factories.confirmed(factories.pending("Is this mine?", address=address)) for _ in range(2))
    return links.preferences_token(first)
