"""Library of reasons for authors, in plain and kind words. Staff edit it in the admin."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from forum import audit
from forum.models import Reason
from forum.states import Act, Move

if TYPE_CHECKING:
    from accounts.models import User

RETURN, REJECT, REMOVE = Reason.For.RETURN, Reason.For.REJECT, Reason.For.REMOVE
FIELDS = ("code", "move", "title", "text", "position", "is_active")


class Default(NamedTuple):
    code: str
    move: str
    title: str
    text: str


# Easy to read for tired people: a SMOG grade of 9 at most, and one thing to do in each.
DEFAULTS = (
    Default(
        "names-somebody",
        RETURN,
        "Names somebody",
        "Your text gives the name of another person. They may not want to be found here. Please leave the name "
        "out, or write “my doctor” or “my son” in its place. Then send it again.",
    ),
    Default(
        "personal-data",
        RETURN,
        "Reveals too much about the author",
        "Your text tells who you are or where you live: a full name, a phone number, a street or a date of birth. "
        "Everybody can read this site. Please take that part out and send it again.",
    ),
    Default(
        "dose-as-order",
        RETURN,
        "Tells others what dose to take",
        "Your text tells others how much to take or when to stop. That can harm them: each body is different. You "
        "can say what you take yourself and how it went. Please change that part and send it again.",
    ),
    Default(
        "several-questions",
        RETURN,
        "Asks several things at once",
        "You ask more than one thing. Each one gets better answers if it stands by itself. Please keep one of them"
        " here and send the rest as new questions.",
    ),
    Default(
        "unclear",
        RETURN,
        "Hard to understand",
        "We are not sure what you would like to know. Could you add a few words? It helps to say what you have "
        "tried and what worries you most.",
    ),
    Default(
        "long-quote",
        RETURN,
        "Quotes too much",
        "You quote a long piece that others wrote. We may not print it all. Please say it in your own words, or "
        "keep two or three lines and name where they come from.",
    ),
    Default(
        "link-without-words",
        RETURN,
        "A link without words",
        "You give a link. Please say in a line or two what people find there and why it helps. Many of us do not "
        "like to open a link without knowing.",
    ),
    Default(
        "not-about-hsp",
        REJECT,
        "Not about HSP",
        "This site is about HSP and life with it. Your text is about something else, so it would find few answers "
        "here. We wish you well with it.",
    ),
    Default(
        "advertising",
        REJECT,
        "Advertising",
        "Your text offers goods or help for money. We do not print that, even if it may help some. Thank you for "
        "understanding.",
    ),
    Default(
        "asks-for-money",
        REJECT,
        "Asks for money",
        "Your text asks readers for money. We cannot check such calls, so we print none. A group for people with "
        "HSP near you may know of ways to get help.",
    ),
    Default(
        "insulting",
        REJECT,
        "Insulting",
        "Some words in your text would hurt people who read it. We know that life with HSP can make one angry. You"
        " are welcome to write again without them.",
    ),
    Default(
        "asked-before",
        REJECT,
        "Already posted",
        "The same text is on this site already, or waits to be read. You need do nothing more: look there for answers.",
    ),
    Default(
        "diagnosis",
        REJECT,
        "Asks for a diagnosis",
        "You ask what illness somebody has. Nobody can tell from a text, a scan or a picture. A doctor who can see"
        " you is the one to ask. You are welcome to ask about life with HSP.",
    ),
    Default(
        "could-hurt",
        REMOVE,
        "The advice could hurt somebody",
        "We have taken your text down since the advice in it could hurt somebody. We do not think you meant that. "
        "You are welcome to write about how it went for you.",
    ),
    Default(
        "tells-about-somebody",
        REMOVE,
        "Reveals who somebody is",
        "We have taken your text down since it tells who somebody is or where they live. You can send it again "
        "without that part.",
    ),
    Default(
        "unkind",
        REMOVE,
        "Unkind",
        "We have taken your text down since some words in it hurt others. You are welcome to say what you mean in "
        "other words.",
    ),
)


def choices_for(move: Move) -> list[Reason]:
    return list(Reason.objects.filter(move=move, is_active=True))


def ensure_reasons(**_kwargs: Any) -> None:
    """Add missing default reasons after each migrate; reasons that staff changed or switched off are kept."""
    wanted = [Reason(**entry._asdict(), position=10 * place) for place, entry in enumerate(DEFAULTS, start=1)]
    # Existing codes conflict and stay unchanged.
    Reason.objects.bulk_create(wanted, ignore_conflicts=True)


def save(reason: Reason, *, actor: "User") -> None:
    with transaction.atomic():
        before = Reason.objects.filter(pk=reason.pk).values(*FIELDS).first() or {}
        reason.save()
        after = Reason.objects.values(*FIELDS).get(pk=reason.pk)
        changed: dict[str, Any] = {
            name: [before.get(name), after[name]] for name in FIELDS if before.get(name) != after[name]
        }
        if changed:
            changed.setdefault("code", [after["code"], after["code"]])
            audit.act(Act.REASONS, actor=actor, **changed)
