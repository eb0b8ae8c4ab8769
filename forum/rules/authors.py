"""Rules about the author, how often they post, and duplicate texts."""

import hashlib
import unicodedata

from forum.rules.base import Facts, Match, Number, Options, Rule, once
from forum.rules.text import words


def every_post(_text: str, facts: Facts, _options: Options) -> list[Match]:
    return once("every-post", "This site reads every post before it is published.", facts.policy == "hold-all")


def guest(_text: str, facts: Facts, _options: Options) -> list[Match]:
    return once("guest", "Written by a guest, without an account.", facts.is_guest)


def first_post(_text: str, facts: Facts, options: Options) -> list[Match]:
    if facts.is_guest or facts.published_before >= options["posts"]:
        return []
    if not facts.published_before:
        return [Match("first-post", "The first post of this member.")]
    so_far, needed = facts.published_before, options["posts"]
    return [Match("first-post", f"New member: {so_far} published so far, trusted after {needed}.")]


def unconfirmed(_text: str, facts: Facts, _options: Options) -> list[Match]:
    return once("unconfirmed", "The author has not confirmed the e-mail address.", not facts.is_confirmed)


def sent_back(_text: str, facts: Facts, options: Options) -> list[Match]:
    days = facts.days_since_return
    recent = days is not None and days < options["days"]
    return once(
        "sent-back", f"A post by this author was sent back or refused in the last {options['days']} days.", recent
    )


def sanction(_text: str, facts: Facts, _options: Options) -> list[Match]:
    return once(
        "sanction",
        "This member’s posts are reviewed before publication at present: see their record.",
        facts.is_sanctioned,
    )


def speed(_text: str, facts: Facts, options: Options) -> list[Match]:
    many = facts.posts_last_hour >= options["posts"]
    return once("speed", f"The author has sent {facts.posts_last_hour} other posts in the last hour.", many)


AUTHOR_RULES = (
    Rule(
        "every-post",
        "Every post",
        "While the site’s policy is to review every post, this holds them all. Switched off, members whom the "
        "rules below trust are published at once, unless another rule holds the post.",
        every_post,
    ),
    Rule("guest", "Guests", "Holds posts written without an account.", guest),
    Rule(
        "first-post",
        "First posts",
        "Holds a member’s posts until this many of theirs have been published.",
        first_post,
        (Number("posts", "Published posts before a member is trusted", 3, 1, 50),),
    ),
    Rule(
        "unconfirmed",
        "Unconfirmed address",
        "Holds a post while its author has not confirmed their e-mail address.",
        unconfirmed,
    ),
    Rule(
        "sent-back",
        "Recently sent back",
        "Holds a member’s posts for some time after a moderator sent back, refused or removed one.",
        sent_back,
        (Number("days", "Days for which it counts", 90, 1, 730),),
    ),
    Rule(
        "sanction",
        "Members under a sanction",
        "Holds the posts of a member while a sanction requires that moderators review them first.",
        sanction,
        for_physicians=True,
    ),
    Rule(
        "speed",
        "Many posts at once",
        "Holds a post when its author, or a guest with the same address, has sent this many others within an hour.",
        speed,
        (Number("posts", "Other posts within an hour", 5, 1, 50),),
    ),
)


# Two people may write the same short text by chance.
MIN_WORDS = 12
SHINGLE = 2
BITS = 64
# Each byte with its bits spread over 16-bit lanes: one addition counts eight bits at once, up to 65,535 times.
_LANE = 16
_LANES = [sum((byte >> bit & 1) << (_LANE * bit) for bit in range(8)) for byte in range(256)]


def repeat(_text: str, facts: Facts, _options: Options) -> list[Match]:
    return once("repeat", "The same text was sent before.", facts.same_text_before)


def near_repeat(text: str, facts: Facts, options: Options) -> list[Match]:
    own = fingerprint(text) if facts.recent_fingerprints else None
    if own is None:
        return []
    near = any((own ^ other).bit_count() <= options["bits"] for other in facts.recent_fingerprints)
    return once("near-repeat", "Somebody else sent nearly the same text recently.", near)


def fingerprint(text: str) -> int | None:
    """Return a signed 64-bit number that differs in few bits for similar texts; None for a text that is too short.

    A simhash (Charikar 2002): each pair of neighbouring words votes on each bit with its own hash.
    """
    read = [word.text for word in words(text)]
    if len(read) < MIN_WORDS:
        return None
    counts = [0] * (BITS // 8)
    shingles = len(read) - SHINGLE + 1
    for at in range(shingles):
        shingle = " ".join(read[at : at + SHINGLE]).encode("utf-8", "replace")
        for place, byte in enumerate(hashlib.blake2b(shingle, digest_size=BITS // 8).digest()):
            counts[place] += _LANES[byte]
    unsigned = 0
    for bit in range(BITS):
        ones = counts[bit // 8] >> (_LANE * (bit % 8)) & ((1 << _LANE) - 1)
        unsigned |= (2 * ones > shingles) << bit
    return unsigned - (1 << BITS) if unsigned >> (BITS - 1) else unsigned


def digest(text: str) -> str:
    """Return a hash of the letters and digits alone, so that changed punctuation does not hide a duplicate."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return hashlib.sha256("".join(char for char in folded if char.isalnum()).encode()).hexdigest()


REPEAT_RULES = (
    Rule(
        "repeat",
        "Duplicate text",
        "Holds a text that anybody sent before in the last 30 days; case and punctuation do not matter.",
        repeat,
        for_physicians=True,
    ),
    Rule(
        "near-repeat",
        "Near-duplicate of another person’s text",
        f"Holds a text of at least {MIN_WORDS} words that another person sent lately with few words changed. Texts are "
        "compared by 64 bits made from their words; of two unrelated texts about 32 differ.",
        near_repeat,
        (Number("bits", "Bits that may differ", 10, 0, 20),),
        for_physicians=True,
    ),
)
