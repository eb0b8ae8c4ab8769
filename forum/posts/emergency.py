"""What an author is shown at once when the words of a post sound like an emergency. It diagnoses nothing."""

from dataclasses import dataclass

from articles.models import SafetyNotice
from forum.models import Hold, Post

MEDICINE, SELF_HARM = "urgent-medicine", "urgent-self-harm"
NOTICE = "baclofen"


@dataclass(frozen=True)
class Advice:
    """Which of the two boxes to show; `notice` is what staff have written about the medicine, if it is there."""

    medicine: bool
    self_harm: bool
    notice: SafetyNotice | None


def for_post(post: Post) -> Advice | None:
    """Return the advice for the post's author; None, without a query, for nearly all posts."""
    if not post.is_urgent:
        return None
    rules = set(Hold.objects.filter(post=post, effect=Hold.Effect.URGENT).values_list("rule", flat=True))
    # An urgent post whose rule has another name gets the advice on the medicine: too much is better than none.
    medicine = rules != {SELF_HARM}
    notice = SafetyNotice.objects.filter(key=NOTICE).first() if medicine else None
    return Advice(medicine, SELF_HARM in rules, notice)
