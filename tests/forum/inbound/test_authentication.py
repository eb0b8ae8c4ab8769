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
        # As OpenDKIM, rspamd and Exim write it.
        (f'{US}; dkim=pass reason="1024-bit key; insecure key" header.d=guests.test header.b="A+/1"', True),
        (f"{US};\n\tdkim=pass (2048-bit key; unprotected) header.d=guests.test header.i=@guests.test", True),
        (f"{US};\n spf=pass (a: domain of (x)) smtp.mailfrom=ann@guests.test;\n dmarc=none", True),
        (f"{US}; iprev=pass policy.iprev=192.0.2.1; dmarc=pass (p=none) header.from=guests.test;", True),
        (f"{US}; spf=pass smtp.mailfrom=prvs=1234=ann@guests.test", True),
        (f"{US}; dkim = pass header.d = guests.test", True),
        # What stands in quotes and comments is the sender's to choose.
        (f'{US}; spf=pass smtp.mailfrom="x; dkim=pass header.d=guests.test"@evil.test', False),
        (f'{US}; spf=pass smtp.mailfrom="ann@guests.test"@evil.test', False),
        (f'{US}; spf=pass smtp.mailfrom="ann@guests.test x"@evil.test', False),
        (f'{US}; spf=pass smtp.mailfrom="x\\"; dkim=pass header.d=guests.test"@evil.test', False),
        (f'{US}; dkim=fail reason="x; dkim=pass header.d=guests.test" header.d=evil.test', False),
        (f'{US}; dkim=pass reason="header.d=guests.test" header.d=evil.test', False),
        (f"{US}; spf=fail (x (y) ; dkim=pass header.d=guests.test) smtp.mailfrom=evil.test", False),
        (f"{US}; spf=fail (x \\) ; dkim=pass header.d=guests.test) smtp.mailfrom=evil.test", False),
        (f'{US}; dkim=pass header.d=guests.test reason="never closed', False),
        (f"{US}; dkim=pass header.d=guests.test (never closed", False),
        (f"{US}; spf=pass smtp.mailfrom=ann@guests.test@evil.test", False),
        (f'"{US}"; dkim=pass header.d=guests.test', False),
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
