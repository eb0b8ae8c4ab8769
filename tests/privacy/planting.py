"""Runs inside the site under test (manage.py shell): people, posts in every state and mail, all with canary addresses."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts import roles
from accounts.models import Contact, Credential, CredentialRequest, DataLink, Erasure, User
from articles.models import Article
from forum.models import Delivery, Note, Post, Report, Sanction, Snippet, Subscription, Topic
from forum.moderation import claims, sanctions
from forum.notifications import links, outbox
from forum.physicians import claims as claims_at_desk
from forum.physicians import credential_steps, drafts, routing
from forum.posts import access, corrections, reports, submit
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.states import Move, State
from tests import factories
from tests.privacy.detector import address_for

ROLES = ("member", "author", "moderator", "physician", "editor", "superuser")
MOVES = {
    State.PENDING: [],
    State.PUBLISHED: [Move.PUBLISH],
    State.RETURNED: [Move.RETURN],
    State.REJECTED: [Move.REJECT],
    State.SPAM: [Move.SPAM],
    State.WITHDRAWN: [Move.WITHDRAW],
    State.REMOVED: [Move.PUBLISH, Move.REMOVE],
}
# Ways to write an address into a text; each gets a canary of its own.
DRESSED = {
    "text plain": "Please write to {} about it.",
    "text entity": "Please write to {at_entity} about it.",
    "text words": "Please write to {in_words} about it.",
    "text link": "[my page](https://example.org/?mail={}) and <a href='mailto:{}'>mail</a>",
    "text wide": "Please write to {wide} about it.",
}


def plant() -> None:
    """Plant everything and print what the crawler needs as JSON."""
    people = _people()
    posts = [*_questions(people), *_replies(people), *_texts(people)]
    _moderation(people, posts)
    requests.send_link(address_for("guest published"))
    requests.request_erasure(Subject.member(people["member"]), keep_posts=True)
    _recognition(people)
    _desk(people)
    _mail(people)
    for post in posts[:8]:
        if post.contact and not post.contact.user_id:
            outbox.confirm(post.contact)
    print(json.dumps(told()))


def told() -> dict[str, Any]:
    """Return the ids and tokens of everything that stands in the database now."""
    posts = Post.objects.order_by("pk")
    sanction = Sanction.objects.latest("pk")
    assert sanction.user is not None
    report = Report.objects.latest("pk")
    once = {
        "report": report.token,
        "data_link": DataLink.objects.latest("pk").token,
        "erasure": Erasure.objects.latest("pk").token,
        "report_pk": report.pk,
        "person": sanctions.key_of(sanction.user),
        "sanction_pk": sanction.pk,
        "mail_choices": links.preferences_token(
            Contact.objects.filter(user=None, confirmed_at__isnull=False).earliest("pk")
        ),
        "own_follow": Subscription.objects.filter(contact__user__name="Mel Member", kind="thread").latest("pk").pk,
        "topic": Topic.objects.filter(posts__isnull=False)[0].slug,
        "mail_pk": Delivery.objects.filter(state=Delivery.State.FAILED).latest("pk").pk,
        "article": Article.objects.values_list("slug", flat=True)[0],
        "post_type": ContentType.objects.get_for_model(Post).pk,
        "post_pk": posts[0].pk,
        "post_id": posts.filter(state=State.PUBLISHED)[0].public_id,
        "asked": CredentialRequest.objects.filter(state="asked").latest("pk").public_id,
        "checked": CredentialRequest.objects.filter(state="checked").latest("pk").public_id,
        "desk": posts.filter(desk__state="waiting", state=State.PUBLISHED)[0].public_id,
        "snippet": Snippet.objects.latest("pk").pk,
        "granted": Credential.objects.latest("pk").public_id,
        "from_mail": _from_mail(),
    }
    return {
        "posts": [
            {"post": p.public_id, "slug": p.slug, "token": p.status_token, "kind": p.kind, "state": p.state}
            for p in posts
        ],
        "confirm": list(Contact.objects.filter(user=None).values_list("token", flat=True)[:15]),
        "unsubscribe": list(Subscription.objects.values_list("token", flat=True)[:15]),
        "admin": {
            model._meta.label_lower: list(model._default_manager.order_by("-pk").values_list("pk", flat=True)[:12])
            for model in admin.site._registry
        },
        "once": once,
    }


def _from_mail() -> str:
    """Return the token of a moderator's link to a post with an address in it."""
    moderator = User.objects.filter(name="Mo Moderator").latest("pk")
    waiting = Post.objects.waiting().exclude(author=moderator)
    path = links.moderator_path(moderator, waiting.filter(source__contains="@").latest("pk"))
    return path.split("/")[3]


def _mail(people: dict[str, User]) -> None:
    """What the operator's page of mail lists: nobody sends these while the crawler looks."""
    contact = Contact.objects.for_user(people["member"])
    later = timezone.now() + timedelta(days=1)
    for state in ("failed", "retrying", "suppressed", "owed"):
        about = {"kind": Delivery.Kind.PUBLISHED, "event": f"planted-{state}", "recipient": contact}
        Delivery.objects.create(state=state, next_attempt_at=later, last_error="SMTPDataError (554, 'no')", **about)


def _people() -> dict[str, User]:
    """One person of each role, under the role's canary address."""
    staff = {"is_staff": True}
    return {
        "member": factories.person("Mel Member", address=address_for("member")),
        "author": factories.person("Ada Author", address=address_for("author")),
        "moderator": factories.moderator("Mo Moderator", address=address_for("moderator")),
        "physician": factories.physician("Phil Physician", address=address_for("physician")),
        "editor": factories.person(
            "Ed Editor", roles.EDITORS, roles.STAFF, roles.CHECKERS, address=address_for("editor"), **staff
        ),
        "superuser": factories.person("Su Superuser", address=address_for("superuser"), is_superuser=True, **staff),
    }


def _desk(people: dict[str, User]) -> None:
    """At the desk: a claim, a route, a draft and a snippet of the physician, all about people with canaries."""
    waiting = Post.objects.questions().public().filter(desk__state="waiting")
    first, second = waiting.order_by("pk")[:2]
    claims_at_desk.claim_question(first, people["physician"])
    drafts.save(people["physician"], first, "Ask your own team.", seen="")
    Snippet.objects.create(author=people["physician"], title="Team", text="Ask your own team.")
    topic = Topic.objects.earliest("position")
    routing.route(second, routing.Route(topic, True, people["physician"]), actor=people["moderator"])


def _moderation(people: dict[str, User], posts: list[Post]) -> None:
    """Notes, a claim, reports by a member and a guest, a physician asked, and a sanction, about people with canaries."""
    public = next(post for post in posts if post.state == State.PUBLISHED)
    waiting = [post for post in posts if post.state == State.PENDING]
    address = address_for("text plain")
    Note.objects.create(post=waiting[0], author=people["moderator"], text=f"They wrote {address} before.")
    claims.claim_post(waiting[0], people["moderator"])
    factories.decide(waiting[1], Move.ASK_PHYSICIAN, by=people["moderator"], reason="Is that safe?")
    guest = access.Reader.of(AnonymousUser(), "192.0.2.0/24")
    reports.file(public, guest, reason="personal", note="That is me.", form_key="1")
    member = access.Reader.of(people["member"], "192.0.2.0/24")
    reports.file(public, member, reason="personal", note="That is her.", form_key="2")
    hold = sanctions.Measure("hold", 30, "Please leave out addresses.")
    sanctions.impose(people["author"], hold, actor=people["moderator"])


def _recognition(people: dict[str, User]) -> None:
    """Two people who ask to be recognised, one of them checked already."""
    factories.asked(people["member"])
    credential_steps.check(factories.asked(people["author"]), by=people["editor"], note="In the register, and valid.")


def _move(post: Post, moves: list[Move], people: dict[str, User]) -> Post:
    for move in moves:
        if move == Move.WITHDRAW:
            submit.withdraw(post, actor=post.author, version=post.version)
        else:
            factories.decide(post, move, by=people["moderator"])
    return post


def _questions(people: dict[str, User]) -> list[Post]:
    """A guest's and a member's question in every state, under the article."""
    article = Article.objects.first()
    posts = []
    for state, moves in MOVES.items():
        guest = factories.pending(
            f"A guest's {state} question?", article=article, address=address_for(f"guest {state}")
        )
        member = factories.pending(f"A member's {state} question?", article=article, user=people["author"])
        posts += [_move(guest, moves, people), _move(member, moves, people)]
    return posts


def _replies(people: dict[str, User]) -> list[Post]:
    question = factories.published("Who answers this one?", by=people["moderator"], address=address_for("asker"))
    gone = factories.published("Who answers the one taken back?", by=people["moderator"], address=address_for("gone"))
    for person in people.values():
        for followed in (question, gone):
            outbox.follow(Contact.objects.for_user(person), Subscription.Kind.THREAD, followed)
    posts = [question, gone]
    for under in (question, gone):
        posts.append(submit.submit(factories.draft("Ask for a trial dose.", user=people["physician"], question=under)))
        posts.append(factories.pending("A guest's reply.", question=under, address=address_for("replier")))
        public = factories.pending("A guest's public reply.", question=under, address=address_for("public replier"))
        posts.append(_move(public, [Move.PUBLISH], people))
        posts.append(
            factories.published("A public reply.", question=under, by=people["moderator"], user=people["author"])
        )
    submit.withdraw(gone, actor=None, version=gone.version)
    return posts


def _aged(answer: Post, people: dict[str, User]) -> None:
    """Publish an answer with an address in it, let its author take that out, and a newer one take its place."""
    factories.decide(answer, Move.PUBLISH, by=people["moderator"])
    submit.edit(answer, "As I said: ask the clinic.", actor=people["physician"], version=answer.version)
    newer = factories.draft("Ask the clinic first.", user=people["physician"], question=answer.question)
    corrections.supersede(answer, submit.submit(newer), actor=people["physician"], version=answer.version)


def _texts(people: dict[str, User]) -> list[Post]:
    """Addresses inside texts: published, waiting, in an earlier version, and in a physician's reply, which is then held."""
    posts = []
    for name, pattern in DRESSED.items():
        address = address_for(name)
        wide = address.replace("@", "＠")
        words = address.replace("@", " [at] ").replace(".", " [dot] ")
        text = pattern.format(address, address, at_entity=address.replace("@", "&#64;"), in_words=words, wide=wide)
        article = Article.objects.first()
        question = factories.published(text, by=people["moderator"], article=article)
        waiting = factories.pending(f"Again: {text}", article=article)
        edited = factories.pending(f"And again: {text}", article=article)
        submit.edit(Post.objects.get(pk=edited.pk), "Without it, then?", actor=None, version=1)
        posts += [question, waiting, edited]
        if name == "text plain":
            for said in ("As I said", "And as I said before"):
                reply = factories.draft(f"{said}: {text}", user=people["physician"], question=question)
                posts.append(submit.submit(reply))
            _aged(posts[-1], people)
    return posts
