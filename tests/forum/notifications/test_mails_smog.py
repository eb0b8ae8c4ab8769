"""Every mail reads easily (SMOG grade 9 at most), and is signed whole when the operator gives a key."""

import re
from math import sqrt
from typing import Any

import dkim
import pytest

from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery import send
from forum.views.dev_mail import previews
from tests.forum.notifications.delivery.test_sign import private_key, public_key_in_dns
from tests.forum.notifications.mail_samples import compose, owed, own_words

pytestmark = [pytest.mark.django_db, pytest.mark.database_neutral]

KINDS = [kind for kind in mails.COMPOSERS if kind != Delivery.Kind.ACCOUNT]


def smog(text: str) -> float:
    """Return the SMOG grade; syllables are groups of vowels, a silent ending counts for none."""
    sentences = [part for part in re.split(r"[.:!?]\s|\n\n", text) if re.search(r"\w", part)]
    words = [re.sub(r"(e|es|ed)$", "", word) for word in re.findall(r"[a-z’'-]+", text.lower())]
    long_words = [word for word in words if len(re.findall(r"[aeiouy]+", word)) >= 3]
    return 1.0430 * sqrt(len(long_words) * 30 / len(sentences)) + 3.1291


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_reads_easily(kind: Delivery.Kind) -> None:
    """Without links, and without what a moderator or another reader wrote."""
    assert smog(own_words(compose(kind))) <= 9


def test_every_wording_reads_easily(settings: Any) -> None:
    """Also account mail, and what a kind says otherwise at another time."""
    settings.EMAIL_BACKEND = "forum.notifications.delivery.backend.OutboxBackend"
    for preview in previews.sorted_by_kind():
        text = re.sub(r"https?://\S+", "", previews.compose(preview).text)
        assert smog(text) <= 9, (preview.slug, text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_holds_when_it_is_signed(kind: Delivery.Kind, settings: Any) -> None:
    settings.DKIM = {"key": private_key(), "selector": "s1", "domain": "hsp.example.org"}
    raw = send._message(owed(kind)).message().as_bytes(linesep="\r\n")
    assert dkim.verify(raw, dnsfunc=public_key_in_dns)
