"""Rules about who writes, and how often: no text is read."""

from forum.rules.base import Facts, Match, Number, Options, Rule, once


def every_post(_text: str, facts: Facts, _options: Options) -> list[Match]:
    """Hold everything while that is the site's policy."""
    return once("every-post", "This site reads every post before it is published.", facts.policy == "hold-all")


def guest(_text: str, facts: Facts, _options: Options) -> list[Match]:
    """Hold what guests write."""
    return once("guest", "Written by a guest, without an account.", facts.is_guest)


def first_post(_text: str, facts: Facts, options: Options) -> list[Match]:
    """Hold members until enough of theirs has been published."""
    if facts.is_guest or facts.published_before >= options["posts"]:
        return []
    if not facts.published_before:
        return [Match("first-post", "The first post of this member.")]
    so_far, needed = facts.published_before, options["posts"]
    return [Match("first-post", f"A new member: {so_far} published so far, trusted from {needed} on.")]


def unconfirmed(_text: str, facts: Facts, _options: Options) -> list[Match]:
    """Say that nobody has shown yet that the address is theirs."""
    return once("unconfirmed", "The author has not confirmed the e-mail address.", not facts.is_confirmed)


def sent_back(_text: str, facts: Facts, options: Options) -> list[Match]:
    """Hold members of whom something was sent back or refused lately."""
    days = facts.days_since_return
    recent = days is not None and days < options["days"]
    return once(
        "sent-back", f"Something of this author was sent back or refused in the last {options['days']} days.", recent
    )


def sanction(_text: str, facts: Facts, _options: Options) -> list[Match]:
    """Hold people whose posts are all read first for a while."""
    return once(
        "sanction", "Everything this member writes is read first for now: see their record.", facts.is_sanctioned
    )


def speed(_text: str, facts: Facts, options: Options) -> list[Match]:
    """Hold people who send many posts at once."""
    many = facts.posts_last_hour >= options["posts"]
    return once("speed", f"The author has sent {facts.posts_last_hour} other posts in the last hour.", many)


RULES = (
    Rule(
        "every-post",
        "Every post",
        "While the site’s policy is to read everything first, this holds every post. Switched off, members whom the "
        "rules below trust are published at once, unless another rule holds the post.",
        every_post,
    ),
    Rule("guest", "Guests", "Holds whatever is written without an account.", guest),
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
        "Holds a post while nobody has shown that the e-mail address given with it is theirs.",
        unconfirmed,
    ),
    Rule(
        "sent-back",
        "Something came back lately",
        "Holds a member’s posts for some time after a moderator sent one back, refused or removed one.",
        sent_back,
        (Number("days", "Days for which it counts", 90, 1, 730),),
    ),
    Rule(
        "sanction",
        "Members under a sanction",
        "Holds everything by a member of whom moderators have decided to read all posts first for some days.",
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
