"""Mail previews for moderators, physicians and credential checkers."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.credentials import Application
from accounts.models import Credential, User
from forum.models import Delivery, DeskQuestion, Post, Subscription
from forum.notifications import outbox
from forum.notifications.mails.physicians import claim_event
from forum.notifications.mails.recognition import LAPSED, WITHDRAWN
from forum.physicians import claims, credential_steps, routing
from forum.states import Move
from forum.views.dev_mail.registry import preview
from forum.views.dev_mail.sample_people import REASON, Cast

Kind = Delivery.Kind
List = Subscription.Kind
APPLICATION = Application("Dr Pat Physician", "GMC-0000000", "England", "Neurology", "None declared.")


def _to(cast: Cast, user: User, kind: Kind, of: List | None = None, **about: Any) -> Delivery:
    contact = cast.contact(user)
    subscription = outbox.follow(contact, of) if of else None
    return Delivery(**{"kind": kind, "event": "preview", "recipient": contact, "subscription": subscription, **about})


@preview(Kind.QUEUE, "what waits")
def queue(cast: Cast) -> Delivery:
    cast.question()
    return _to(cast, cast.moderator, Kind.QUEUE, List.QUEUE)


@preview(Kind.URGENT, "on call")
def urgent(cast: Cast) -> Delivery:
    return _to(cast, cast.moderator, Kind.URGENT, List.URGENT, post=cast.question())


@preview(Kind.ESCALATION, "too long")
def escalation(cast: Cast) -> Delivery:
    Post.objects.filter(pk=cast.question().pk).update(waiting_since=timezone.now() - timedelta(days=9))
    return _to(cast, cast.moderator, Kind.ESCALATION, List.ESCALATION)


@preview(Kind.OPINION, "a post that waits")
def opinion(cast: Cast) -> Delivery:
    return _to(cast, cast.physician, Kind.OPINION, List.OPINION, post=cast.question(Move.ASK_PHYSICIAN))


@preview(Kind.DESK, "once a week")
def desk(cast: Cast) -> Delivery:
    cast.question(Move.PUBLISH)
    return _to(cast, cast.physician, Kind.DESK, List.DESK)


@preview(Kind.ROUTED, "to one physician")
def routed(cast: Cast) -> Delivery:
    post = cast.question(Move.PUBLISH)
    routing.route(post, routing.Route(None, True, cast.physician), actor=cast.moderator)
    return _to(cast, cast.physician, Kind.ROUTED, List.ROUTED, post=post)


@preview(Kind.CLAIM, "about to lapse")
def claim(cast: Cast) -> Delivery:
    post = cast.question(Move.PUBLISH)
    claims.claim_question(post, cast.physician)
    event = claim_event(DeskQuestion.objects.get(question=post))
    return _to(cast, cast.physician, Kind.CLAIM, List.CLAIMS, post=post, event=event)


@preview(Kind.CHECKERS, "what waits")
def checkers(cast: Cast) -> Delivery:
    credential_steps.ask(cast.member, APPLICATION)
    return _to(cast, cast.checker, Kind.CHECKERS, List.CHECKERS)


@preview(Kind.RECOGNISED, "granted")
def granted(cast: Cast) -> Delivery:
    request = credential_steps.ask(cast.member, APPLICATION)
    credential_steps.check(request, by=cast.checker, note="In the register.")
    credential_steps.grant(request, by=cast.second_checker)
    return _to(cast, cast.member, Kind.RECOGNISED, request=request)


@preview(Kind.RECOGNISED, "declined")
def declined(cast: Cast) -> Delivery:
    request = credential_steps.ask(cast.member, APPLICATION)
    credential_steps.decline(
        request, by=cast.checker, reason="We could not find your entry in the register.", seen="asked"
    )
    return _to(cast, cast.member, Kind.RECOGNISED, request=request)


@preview(Kind.CREDENTIAL, "ends soon")
def ends_soon(cast: Cast) -> Delivery:
    return _to(cast, cast.physician, Kind.CREDENTIAL, credential=_credential(cast), event="credential:1:30")


@preview(Kind.CREDENTIAL, "has ended")
def has_ended(cast: Cast) -> Delivery:
    then = timezone.localdate() - timedelta(days=366)
    row = _credential(cast, checked_on=then, valid_from=then, valid_until=timezone.localdate() - timedelta(days=1))
    return _to(cast, cast.physician, Kind.CREDENTIAL, credential=row, event=f"credential:1:{LAPSED}")


@preview(Kind.CREDENTIAL, "withdrawn")
def withdrawn(cast: Cast) -> Delivery:
    row = _credential(cast, withdrawn_at=timezone.now(), withdrawn_reason=REASON)
    return _to(cast, cast.physician, Kind.CREDENTIAL, credential=row, event=f"credential:1:{WITHDRAWN}")


def _credential(cast: Cast, **changes: Any) -> Credential:
    row = cast.physician.credentials.get()
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row
