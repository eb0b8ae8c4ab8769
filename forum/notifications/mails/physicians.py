"""Mails to physicians about their desk: counts and links, never the text of a question."""

from django.urls import reverse

from forum.models import Delivery, DeskQuestion
from forum.notifications.mails.parts import Mail, NotWanted, absolute, may_still, public_post, render_mail
from forum.states import State


def desk(delivery: Delivery) -> Mail:
    _still_a_physician(delivery)
    public = DeskQuestion.objects.filter(question__state=State.PUBLISHED).exclude(
        question__author=delivery.recipient.user
    )
    waiting = public.filter(state=DeskQuestion.State.WAITING).count()
    again = public.filter(state=DeskQuestion.State.FOLLOW_UP).count()
    if not waiting + again:
        raise NotWanted("Nothing waits any more.")
    return render_mail(delivery, {"waiting": waiting, "again": again, "desk_url": absolute(reverse("desk:list"))})


def routed(delivery: Delivery) -> Mail:
    post = public_post(delivery)
    _still_a_physician(delivery)
    row = DeskQuestion.objects.filter(question=post, routed_to=delivery.recipient.user).first()
    if row is None or row.state not in DeskQuestion.OPEN:
        raise NotWanted("It does not wait for this physician any more.")
    return render_mail(delivery, {"question_url": absolute(reverse("desk:question", args=[post.public_id]))})


def claim(delivery: Delivery) -> Mail:
    post = public_post(delivery)
    _still_a_physician(delivery)
    row = DeskQuestion.objects.filter(question=post, claimed_by=delivery.recipient.user).first()
    # The event holds the end that the claim had: a prolonged claim has another event and a reminder of its own.
    same = row is not None and row.claimed_until is not None and delivery.event == claim_event(row)
    if row is None or not same or not row.is_claimed:
        raise NotWanted("It is answered, or the claim has changed.")
    question_url = absolute(reverse("desk:question", args=[post.public_id]))
    return render_mail(delivery, {"until": row.claimed_until, "question_url": question_url})


def claim_event(row: DeskQuestion) -> str:
    """Return the event of the reminder, one for each end of a claim: a prolonged claim gets another reminder."""
    return f"claim:{row.question_id}:{row.claimed_until:%Y%m%dT%H%M%S}"


def _still_a_physician(delivery: Delivery) -> None:
    may_still(delivery, "forum.answer_as_physician")
    if delivery.recipient.user is None or delivery.recipient.user.current_credential() is None:
        raise NotWanted("No credential in force.")
