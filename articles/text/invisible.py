"""Invisible and bidirectional characters: removal before text is parsed, shown or searched.

Zero-width characters hide an e-mail address from a filter, bidirectional controls show a reader other words than a
moderator approved, and NUL breaks databases.
"""

import re

# Ranges of characters without a glyph (Unicode "default ignorable", controls, private use, surrogates, non-characters).
# Tab and newline stay. Listed by code point, because the characters themselves could not be seen here.
_UNSEEN_RANGES = (
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),  # zero-width space, joiners, direction marks
    (0x202A, 0x202E),  # bidirectional embedding and override
    (0x2060, 0x206F),  # word joiner, invisible operators, isolates
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),  # lone surrogates cannot be stored as UTF-8
    (0xE000, 0xF8FF),  # private use: one of them marks masked addresses (see markup.py)
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags and further variation selectors
    (0xF0000, 0x10FFFF),  # private use planes
)
UNSEEN_CLASS = "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in _UNSEEN_RANGES)
_UNSEEN = re.compile(f"[{UNSEEN_CLASS}]")

# A joiner or an emoji selector stays only directly behind an emoji, and the joiner only directly before another one.
# That keeps a family or a rainbow flag whole, and hides no letter, digit or "@".
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff"
_KEPT = re.compile(f"(?<=[{_EMOJI}])\ufe0f(?:\u200d(?=[{_EMOJI}]))?|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return the text with one kind of line end and without invisible characters."""
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii() and text.isprintable():
        return text
    kept = {match.start() + offset for match in _KEPT.finditer(text) for offset in range(len(match.group()))}
    if not kept:
        return _UNSEEN.sub("", text)
    return _UNSEEN.sub(lambda match: match.group() if match.start() in kept else "", text)


def is_unseen(character: str) -> bool:
    return _UNSEEN.match(character) is not None
