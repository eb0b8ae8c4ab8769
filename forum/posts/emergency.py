"""Emergency advice for the author of a post with emergency wording. It diagnoses nothing."""

from dataclasses import dataclass

from articles.models import SafetyNotice
from forum.models import Hold, Post

MEDICINE, SELF_HARM = "urgent-medicine", "urgent-self-harm"
NOTICE = "baclofen"


@dataclass(frozen=True)
class Advice:
    medicine: bool
    self_harm: bool
    notice: SafetyNotice | None


def for_post(post: Post) -> Advice | None:
    if not post.is_urgent:
        return None
    rules = set(Hold.objects.filter(post=post, effect=Hold.Effect.URGENT).values_list("rule", flat=True))
    # Show the advice on the medicine for unknown urgent rules too: too much advice is better than none.
    medicine = rules != {SELF_HARM}
    notice = SafetyNotice.objects.filter(key=NOTICE).first() if medicine else None
    return Advice(medicine, SELF_HARM in rules, notice)
