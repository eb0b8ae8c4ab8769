"""For the gallery: a physician's desk with something on every list, and a draft. Run inside the site by exhibits.py."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from articles.models import Article
from forum.models import DeskQuestion, Post, Snippet, Topic
from forum.physicians import claims, drafts, routing
from forum.posts import corrections, submit
from forum.states import Move
from tests import factories

LONG = "Supercalifragilisticexpialidocious" * 3
RICH = f"May the pump be filled later?\n\n- by *one* day\n- or **two**\n\nThey said: {LONG}."


def exhibits(moderator: User, article: Article) -> dict[str, Any]:
    """Put questions of every standing on a physician's desk; return where, and who may be signed in."""
    physician, other = factories.physician(f"Dora {LONG[:40]}"), factories.physician(f"Otto {LONG[:40]}")
    asker = factories.person("Ava Asker")
    topic = Topic.objects.create(slug=LONG[:40].lower(), name=LONG[:60], specialty=f"Neurology {LONG[:40]}")

    def question(text: str, **fields: Any) -> Post:
        return factories.published(text, user=asker, by=moderator, **fields)

    def route(found: Post, by_name: User | None = None) -> None:
        routing.route(found, routing.Route(topic, True, by_name), actor=moderator)

    urgent = question(f"My pump alarm beeps and I feel hot and itchy. Is that {LONG}?", article=article)
    asked, mine, theirs = (question(f"May {who} be asked? {LONG}") for who in ("all", "one", "another"))
    route(asked)
    route(mine, physician)
    route(theirs, other)
    begun, taken = question(RICH, article=article), question(f"Is somebody answering this? {LONG}")
    route(begun)
    assert claims.claim_question(begun, physician) and claims.claim_question(taken, other)
    drafts.save(physician, begun, f"Ask the team that fills it. {LONG}", seen="")
    for by, text in ((physician, "Ring the team before it beeps:"), (other, "A day later does no harm, says")):
        answered = question(f"Was the pump to be filled {by.pk} days earlier? {LONG}", article=article)
        submit.submit(factories.draft(f"{text} {LONG}", user=by, question=answered))
    again, done = question("May I ask once more?"), question("Is this one done?")
    for found in (again, done):
        submit.submit(factories.draft("Yes, you may.", user=physician, question=found))
    factories.published("And what about the tablets?", question=again, user=asker, by=moderator)
    corrections.answered(done, is_answered=True, actor=asker)
    snippets = [
        Snippet.objects.create(author=physician, title=title, text=f"Not a diagnosis. {LONG}")
        for title in ("Not a diagnosis", f"A long one {LONG}"[:80])
    ]
    # Older than what else the gallery publishes: so they stand on the first page.
    now = timezone.now()
    for days, found in enumerate([begun, taken, theirs, mine, asked, urgent], 30):
        DeskQuestion.objects.filter(question=found).update(waiting_since=now - timedelta(days=days))
    held = factories.pending(f"May this be routed before it is public? {LONG}")
    returned = factories.pending("May this be routed now?")
    factories.decide(returned, Move.RETURN, by=moderator)
    named = {"urgent": urgent, "begun": begun, "taken": taken, "held": held, "returned": returned, "mine": mine}
    named |= {"routed": theirs, "answered": answered}
    return {
        "desk": {name: found.public_id for name, found in named.items()} | {"snippet": snippets[0].pk},
        "people": {"desk": physician},
    }
