"""What physicians are mailed about their desk: counts and links, never the words of a question."""

from django.urls import reverse

from forum.models import Delivery, DeskQuestion
from forum.notifications.mails.parts import Mail, NotWanted, absolute, may_still, public_post, render_mail
from forum.states import State


def desk(delivery: Delivery) -> Mail:
    """Tell a physician, once a week, how many questions wait for one; a link, and no mail when none does."""
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
    """Tell a physician that moderators ask them for an answer; a link, never the words of the question."""
    post = public_post(delivery)
    _still_a_physician(delivery)
    row = DeskQuestion.objects.filter(question=post, routed_to=delivery.recipient.user).first()
    if row is None or row.state not in DeskQuestion.OPEN:
        raise NotWanted("It does not wait for this physician any more.")
    return render_mail(delivery, {"question_url": absolute(reverse("desk:question", args=[post.public_id]))})


def claim(delivery: Delivery) -> Mail:
    """Remind a physician of the question that they said they are answering, before others may take it."""
    post = public_post(delivery)
    _still_a_physician(delivery)
    row = DeskQuestion.objects.filter(question=post, claimed_by=delivery.recipient.user).first()
    # The event is named after the end that the claim had: one that was prolonged has another, and a mail of its own.
    same = row is not None and row.claimed_until is not None and delivery.event == claim_event(row)
    # Whoever answers it, or lets go of it, ends the claim.
    if row is None or not same or not row.is_claimed:
        raise NotWanted("It is answered, or the claim has changed.")
    question_url = absolute(reverse("desk:question", args=[post.public_id]))
    return render_mail(delivery, {"until": row.claimed_until, "question_url": question_url})


def claim_event(row: DeskQuestion) -> str:
    """Return the name under which the mail about one claim is owed, once: prolonged, it is another claim."""
    return f"claim:{row.question_id}:{row.claimed_until:%Y%m%dT%H%M%S}"


def _still_a_physician(delivery: Delivery) -> None:
    """Raise NotWanted when the recipient has left the role, or the credential is not in force any more."""
    may_still(delivery, "forum.answer_as_physician")
    if delivery.recipient.user is None or delivery.recipient.user.current_credential() is None:
        raise NotWanted("No credential in force.")
