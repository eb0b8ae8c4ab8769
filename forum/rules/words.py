"""Words that staff list (to hold, spam, sales, requests for money), capitals, and unusual letters."""

import re
import unicodedata

from forum.rules.base import Facts, Match, Number, Options, Phrases, Rule, Span, matches
from forum.rules.text import LOOKALIKES, find_phrases

# ---- Words that staff list ----

HOLD = (
    "miracle cure*",
    "cure* hsp",
    "cure for hsp",
    "permanent cure",
    "shut up",
    "idiot*",
    "moron*",
    "cripple*",
    "faking it",
    "deserve* to die",
)
SPAM = (
    "casino*",
    "sports betting",
    "viagra",
    "cialis",
    "payday loan*",
    "personal loan*",
    "forex",
    "bitcoin invest*",
    "crypto invest*",
    "make money fast",
    "seo service*",
    "backlink*",
    "escort service*",
    "hot singles",
    "spell caster",
    "herbal doctor",
    "recover * lost funds",
)
SELLING = (
    "buy my",
    "buy now",
    "order now",
    "order today",
    "to order",
    "i sell",
    "we sell",
    "for sale",
    "half price",
    "special price",
    "special offer",
    "limited offer",
    "limited time offer",
    "free shipping",
    "free consultation",
    "free trial of",
    "prices on request",
    "message me private*",
    "discount code",
    "use * code",
    "with code",
    "money back guarantee",
    "earn money",
    "distributor of",
    "without prescription",
    "no prescription needed",
    "our shop",
    "my shop",
    "our online store",
    "visit * website",
    "our clinic offers",
    "book your",
    "book now",
    "dm me for",
    "message me on",
    "contact me on whatsapp",
    "write me private*",
    "who is interested write",
    "join my telegram",
    "on telegram",
)
FUNDRAISING = (
    "gofundme",
    "go fund me",
    "justgiving",
    "crowdfund*",
    "crowd fund*",
    "fundrais*",
    "raising money",
    "raise money",
    "donate",
    "donat* to",
    "donation* for",
    "help * with a donation",
    "a donation so",
    "make a donation",
    "any donation",
    "small donation*",
    "asking for donations",
    "sponsor my",
    "sponsor me",
    "sponsor us",
    "reach * goal of",
    "send * money",
    "send some money",
    "need money for",
    "paypal me",
    "venmo me",
    "cash app",
    "whatever you can spare",
    "every pound helps",
    "every dollar helps",
    "every euro helps",
)


def words_hold(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches(
        "words-hold", "Contains words that staff have listed for review.", find_phrases(text, options["phrases"])
    )


def words_spam(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches("words-spam", "Looks like spam.", find_phrases(text, options["phrases"]))


def selling(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches(
        "selling",
        "Seems to sell something, or to draw people to another place.",
        find_phrases(text, options["phrases"]),
    )


def fundraising(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches("fundraising", "Seems to ask for money.", find_phrases(text, options["phrases"]))


def _list(default: tuple[str, ...]) -> tuple[Phrases]:
    return (Phrases("phrases", "Words and phrases, one a line", default),)


WORD_RULES = (
    Rule("words-hold", "Listed words", "Holds a text with one of these words.", words_hold, _list(HOLD)),
    Rule(
        "words-spam",
        "Spam words",
        "Holds a text with one of these words as possible spam. Only a moderator marks a post as spam.",
        words_spam,
        _list(SPAM),
    ),
    Rule("selling", "Selling", "Holds a text that seems to sell something.", selling, _list(SELLING)),
    Rule(
        "fundraising", "Asking for money", "Holds a text that seems to ask for money.", fundraising, _list(FUNDRAISING)
    ),
)


# ---- Capitals and unusual letters ----

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MARKS = re.compile(r"[!?]{5,200}")
# With fewer long words it may be a list of abbreviations.
_LONG, _LONG_WORDS = 4, 3
_FANCY = 3
_MIN_LETTERS = 20


def shouting(text: str, _facts: Facts, options: Options) -> list[Match]:
    spans = [found.span() for found in _MARKS.finditer(text)] + _loud(text, options["words"])
    return matches("shouting", "Is written in capitals, or with rows of exclamation marks.", spans)


def _loud(text: str, enough: int) -> list[Span]:
    spans: list[Span] = []
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        if word is not None and word.group().isupper():
            run.append(word)
            continue
        long = sum(len(loud.group()) >= _LONG for loud in run)
        if len(run) >= enough and long >= _LONG_WORDS:
            spans.append((run[0].start(), run[-1].end()))
        run = []
    return spans


def scripts(text: str, _facts: Facts, options: Options) -> list[Match]:
    if text.isascii():
        return []
    found = [word for word in _WORD.finditer(text) if not word.group().isascii()]
    mixed = [word.span() for word in found if _is_mixed(word.group())]
    if mixed:
        return matches("scripts", "Mixes letters of different alphabets that look alike.", mixed)
    fancy = [word.span() for word in found if sum(map(_is_fancy, word.group())) >= _FANCY]
    if fancy:
        return matches("scripts", "Is written in decorated letters.", fancy)
    letters = [character for character in text if character.isalpha()]
    foreign = sum(not _is_latin(letter) for letter in letters)
    if foreign >= _MIN_LETTERS and foreign * 100 > options["share"] * len(letters):
        return [Match("scripts", "Is mostly in another script. A moderator who can read it should decide.")]
    return []


def _is_mixed(word: str) -> bool:
    latin = any(letter.isascii() for letter in word)
    return latin and any(letter.casefold() in LOOKALIKES for letter in word)


def _is_fancy(letter: str) -> bool:
    return not letter.isascii() and unicodedata.normalize("NFKD", letter)[:1].isascii() and not _has_mark(letter)


def _has_mark(letter: str) -> bool:
    """True for é, which decomposes into a letter and its accent; False for 𝐛, which is another form of b."""
    return "<" not in unicodedata.decomposition(letter)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN") or letter in "ªºµ"


STYLE_RULES = (
    Rule(
        "shouting",
        "Shouting",
        "Holds a text with this many words in capitals in a row, or five exclamation marks together.",
        shouting,
        (Number("words", "Words in capitals in a row", 5, 3, 50),),
    ),
    Rule(
        "scripts",
        "Unusual letters",
        "Holds words that mix alphabets to imitate other words, decorated letters, and texts mostly in another script "
        "than Latin.",
        scripts,
        (Number("share", "Percent of letters in another script", 70, 10, 100),),
    ),
)
