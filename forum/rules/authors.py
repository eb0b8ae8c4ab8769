"""Rules about the author and how often they post. They read no text."""

from forum.rules.base import Facts, Match, Number, Options, Rule, once


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


RULES = (
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
