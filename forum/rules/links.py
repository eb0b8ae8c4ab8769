"""Rules about web addresses: number of links, short links, bare domains, shops."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from forum.rules.base import Facts, Hosts, Match, Number, Options, Rule, Span, matches, overlaps
from forum.rules.text import addresses, fold

_FULL = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"]{1,300}")
# Without endings that are also words: people omit the space after a full stop ("so", "is", "it", "me" ...).
_ENDING = (
    r"(?:com|net|org|info|biz|shop|store|online|site|club|xyz|top|app|dev|blog|health|clinic|care|live|io|co|tv|eu|uk|de|"
    r"fr|nl|es|pl|cz|sk|ch|ca|au|nz|ie|se|dk|fi|gr|hu|pt|ro|ru|ua|cn|jp|kr|br|mx|tr|il|za|ly|gl|gy|edu|gov|ac\.[a-z]{2})"
)
_BARE = re.compile(
    rf"(?<![\w@.\-/:])(?:[a-z0-9](?:[a-z0-9\-]{{0,62}})\.){{1,4}}{_ENDING}(?:\.[a-z]{{2}})?(?![\w@\-])(?!\.\w)"
    r"(?:/[^\s<>\"]{0,300})?"
)
_HOST = re.compile(r"(?:https?://)?(?:[^/\s@]{0,60}@)?(?:www\.)?([^\s/:?#\"<>]{1,253})")

SCIENCE = (
    "doi.org",
    "ncbi.nlm.nih.gov",
    "clinicaltrials.gov",
    "cochranelibrary.com",
    "nhs.uk",
    "nice.org.uk",
    "orpha.net",
    "who.int",
)
SHORTENERS = (
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "cutt.ly",
    "rebrand.ly",
    "buff.ly",
    "rb.gy",
    "t.ly",
    "shorturl.at",
    "lnkd.in",
    "s.id",
)
SHOPS = (
    "amazon.*",
    "amzn.*",
    "a.co",
    "ebay.*",
    "etsy.com",
    "aliexpress.*",
    "alibaba.com",
    "temu.com",
    "wish.com",
    "walmart.com",
    "shopee.*",
    "gumroad.com",
    "*.shop",
    "*.store",
    "*.myshopify.com",
)


class Link(NamedTuple):
    span: Span
    host: str
    is_full: bool


@lru_cache(maxsize=8)
def find_links(text: str) -> tuple[Link, ...]:
    folded = fold(text)
    full = [_link(found, is_full=True) for found in _FULL.finditer(folded)]
    bare = [_link(found, is_full=False) for found in _BARE.finditer(folded)]
    taken = [*(link.span for link in full), *addresses(text)] if bare else []
    return tuple(sorted([*full, *(link for link in bare if not overlaps(link.span, taken))]))


def _link(found: re.Match[str], *, is_full: bool) -> Link:
    host = _HOST.match(found.group())
    length = len(found.group().rstrip(".,;:!?)'*_"))
    return Link((found.start(), found.start() + length), host.group(1).rstrip(".,") if host else "", is_full)


def host_is_one_of(host: str, listed: Iterable[str]) -> bool:
    """True when the host or a parent domain is listed; example.* means any ending, *.example any subdomain."""
    return any(_covers(entry.lower(), host) for entry in listed)


def _covers(entry: str, host: str) -> bool:
    if entry.endswith(".*"):
        return f".{entry[:-1]}" in f".{host}"
    entry = entry.removeprefix("*.")
    return host == entry or host.endswith(f".{entry}")


def link(text: str, _facts: Facts, options: Options) -> list[Match]:
    counted = [
        found.span for found in find_links(text) if found.is_full and not host_is_one_of(found.host, options["trusted"])
    ]
    return matches("link", "Contains a web address.", counted) if len(counted) > options["allowed"] else []


def bare_domain(text: str, _facts: Facts, options: Options) -> list[Match]:
    bare = (
        found.span
        for found in find_links(text)
        if not found.is_full and not host_is_one_of(found.host, options["trusted"])
    )
    return matches("bare-domain", "Mentions a web site.", bare)


def short_link(text: str, _facts: Facts, options: Options) -> list[Match]:
    short = (found.span for found in find_links(text) if host_is_one_of(found.host, options["hosts"]))
    return matches("short-link", "Contains a short link, which hides its target.", short)


def shop_link(text: str, _facts: Facts, options: Options) -> list[Match]:
    shops = (found.span for found in find_links(text) if host_is_one_of(found.host, options["hosts"]))
    return matches("shop-link", "Contains a link to a shop.", shops)


_TRUSTED = Hosts("trusted", "Allowed sites, one a line", SCIENCE)

RULES = (
    Rule(
        "link",
        "Web addresses",
        "Holds a text with more web addresses than allowed. The sites listed do not count.",
        link,
        (Number("allowed", "Web addresses allowed", 0, 0, 20), _TRUSTED),
    ),
    Rule(
        "bare-domain",
        "Web sites without http",
        "Holds a text that mentions a site such as example.org. The sites listed are allowed.",
        bare_domain,
        (_TRUSTED,),
    ),
    Rule(
        "short-link",
        "Short links",
        "Holds links through services that hide the target of a link.",
        short_link,
        (Hosts("hosts", "Services, one a line", SHORTENERS),),
    ),
    Rule(
        "shop-link",
        "Links to shops",
        "Holds links to shops, also in physicians’ replies.",
        shop_link,
        (Hosts("hosts", "Shops, one a line", SHOPS),),
        for_physicians=True,
    ),
)
