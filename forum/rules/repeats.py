"""The same text again: letter for letter, or with a few words changed by somebody else."""

import hashlib
import unicodedata

from forum.rules.base import Facts, Match, Number, Options, Rule, once
from forum.rules.text import words

# Below this many words two people may well say the same thing.
SHORTEST = 12
SHINGLE = 2
BITS = 64
# Each byte with its bits spread out, 16 bits to each: adding these up counts eight bits at once, up to 65,535 times.
_LANE = 16
_LANES = [sum((byte >> bit & 1) << (_LANE * bit) for bit in range(8)) for byte in range(256)]


def repeat(_text: str, facts: Facts, _options: Options) -> list[Match]:
    """Hold a text that was sent before, by whomever."""
    return once("repeat", "The same text was sent before.", facts.same_text_before)


def near_repeat(text: str, facts: Facts, options: Options) -> list[Match]:
    """Hold a text that is nearly somebody else's of the last weeks."""
    own = fingerprint(text) if facts.recent_fingerprints else None
    if own is None:
        return []
    near = any((own ^ other).bit_count() <= options["bits"] for other in facts.recent_fingerprints)
    return once("near-repeat", "Nearly the same text was sent by somebody else lately.", near)


def fingerprint(text: str) -> int | None:
    """Return 64 bits (signed) that are nearly the same for nearly the same text; None for a text too short for it.

    A simhash (Charikar 2002): every two words in a row vote on each bit with their own hash.
    """
    read = [word.text for word in words(text)]
    if len(read) < SHORTEST:
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
    """Return a hash of the text's letters and digits alone, so that a changed comma does not hide a repeat."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return hashlib.sha256("".join(char for char in folded if char.isalnum()).encode()).hexdigest()


RULES = (
    Rule(
        "repeat",
        "The same text again",
        "Holds a text that was sent before in the last 30 days, by whomever; case and punctuation do not matter.",
        repeat,
        for_physicians=True,
    ),
    Rule(
        "near-repeat",
        "Nearly somebody else’s text",
        f"Holds a text of at least {SHORTEST} words that another person sent lately with few words changed. Texts are "
        "compared by 64 bits made from their words; of two unrelated texts about 32 differ.",
        near_repeat,
        (Number("bits", "Bits that may differ", 10, 0, 20),),
        for_physicians=True,
    ),
)
