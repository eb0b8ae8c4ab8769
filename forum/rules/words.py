"""Word lists that staff edit: words to hold, spam, sales, requests for money."""

from forum.rules.base import Facts, Match, Options, Phrases, Rule, matches
from forum.rules.phrases import find

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
    return matches("words-hold", "Contains words that staff have listed for review.", find(text, options["phrases"]))


def words_spam(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches("words-spam", "Looks like spam.", find(text, options["phrases"]))


def selling(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches(
        "selling", "Seems to sell something, or to draw people to another place.", find(text, options["phrases"])
    )


def fundraising(text: str, _facts: Facts, options: Options) -> list[Match]:
    return matches("fundraising", "Seems to ask for money.", find(text, options["phrases"]))


def _list(default: tuple[str, ...]) -> tuple[Phrases]:
    return (Phrases("phrases", "Words and phrases, one a line", default),)


RULES = (
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
