"""Whose word counts about where a mail comes from, and for which domain."""

import pytest

from forum.inbound import authentication, parse

US = "mx.testserver"


@pytest.mark.parametrize(
    ("results", "proven"),
    [
        (f"{US}; dmarc=pass header.from=guests.test", True),
        (f"{US}; dkim=pass header.d=guests.test header.s=x", True),
        (f"{US}; dkim=pass header.i=@guests.test", True),
        (f"{US}; spf=pass smtp.mailfrom=ann@guests.test", True),
        (f"{US}; spf=fail smtp.mailfrom=guests.test; dkim=pass (good) header.d=guests.test", True),
        (f"{US}; DKIM=PASS header.d=Guests.Test", True),
        (f"{US} 1; dkim=pass header.d=guests.test", True),
        ("mx.other.test; dmarc=pass header.from=guests.test", False),
        (f"{US}; dkim=pass header.d=evil.test", False),
        (f"{US}; dkim=pass header.d=notguests.test", False),
        (f"{US}; dkim=pass header.d=test", False),
        (f"{US}; dkim=fail header.d=guests.test", False),
        (f"{US}; dkim=pass", False),
        (f"{US}; none", False),
        (f"evil.test; x=({US}; dkim=pass header.d=guests.test)", False),
        (f"{US}; dkim=none (dkim=pass header.d=guests.test)", False),
        ("", False),
    ],
)
def test_who_says_what_of_which_domain(results: str, proven: bool) -> None:
    mail = parse.parse_mail(
        f"From: Ann <ann@guests.test>\nAuthentication-Results: {results}\n\nHello".encode(), "a@b.test"
    )
    assert authentication.is_proven(mail, US) == proven
    assert not authentication.is_proven(mail, "")


def test_a_domain_above_the_authors_counts() -> None:
    mail = parse.parse_mail(
        f"From: a@mail.guests.test\nAuthentication-Results: {US}; dkim=pass header.d=guests.test\n\n".encode()
    )
    assert authentication.is_proven(mail, US)


@pytest.mark.parametrize("sender", ["a@x.test, b@guests.test", "nobody", "", '"a@guests.test" <b@evil.test>'])
def test_the_author_is_one_address(sender: str) -> None:
    mail = parse.parse_mail(
        f"From: {sender}\nAuthentication-Results: {US}; dkim=pass header.d=guests.test\n\n".encode()
    )
    assert not authentication.is_proven(mail, US)
