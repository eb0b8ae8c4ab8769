"""The detector is shown what it must find: a search that finds nothing proves nothing."""

import base64
import hashlib
import html
import json
import quopri
import re
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.core import signing

from tests.privacy.detector import Detector, address_for

pytestmark = pytest.mark.database_neutral
ADDRESS = address_for("somebody")
OTHER = address_for("somebody else")
DETECTOR = Detector({"somebody": ADDRESS, "somebody else": OTHER})
PAGE = "<!DOCTYPE html><html><body><p>Hello</p>{}<footer>The end, of 20 letters.</footer></body></html>"


def digits(text: str) -> str:
    """Return a text with every letter as a numeric entity."""
    return "".join(f"&#{ord(letter)};" for letter in text)


HIDDEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "local part": lambda address: address.split("@")[0],
    "host": lambda address: address.split("@")[1],
    "entity for @": lambda address: address.replace("@", "&#64;"),
    "all entities": digits,
    "hexadecimal entities": lambda address: "".join(f"&#x{ord(letter):x};" for letter in address),
    "escaped entities": lambda address: html.escape(digits(address)),
    "percent": lambda address: quote(address),
    "all percent": lambda address: "".join(f"%{ord(letter):02x}" for letter in address),
    "percent twice": lambda address: quote("".join(f"%{ord(letter):02X}" for letter in address)),
    "percent in entities": lambda address: digits("".join(f"%{ord(letter):02X}" for letter in address)),
    "json": lambda address: json.dumps(address).replace("@", "\\u0040"),
    "all json": lambda address: "".join(f"\\u{ord(letter):04x}" for letter in address),
    "quoted-printable": lambda address: (
        quopri.encodestring(address.encode(), quotetabs=True).decode().replace("@", "=40")
    ),
    "broken lines": lambda address: "\r\n ".join(re.findall("....?", address)),
    "hex": lambda address: address.encode().hex(),
    "reversed": lambda address: address[::-1],
    "mailto": lambda address: f'<a href="mailto:{address}">x</a>',
    "in a signed value": lambda address: signing.dumps({"to": address}),
    "in a compressed signed value": lambda address: signing.dumps([address, "x" * 200], compress=True),
    "in a messages cookie": lambda address: (
        "Set-Cookie: messages=."
        + base64.urlsafe_b64encode(zlib.compress(f"Sent to {address}.".encode())).decode().rstrip("=")
        + ":1abcde:signature"
    ),
}


@pytest.mark.parametrize("hide", HIDDEN.values(), ids=HIDDEN)
def test_an_address_in_a_page_is_found(hide: Callable[[str], str]) -> None:
    for data in (PAGE.format(hide(ADDRESS)), PAGE.format(hide(ADDRESS)).encode()):
        assert {name for name, _ in DETECTOR.find(data)} == {"somebody"}


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_wherever_it_begins(encode: Callable[[bytes], bytes], before: int) -> None:
    packed = encode(b"x" * before + ADDRESS.encode() + b" and what follows").decode()
    assert {name for name, _ in DETECTOR.find(PAGE.format(packed))} == {"somebody"}
    wrapped = "\n".join(re.findall(".{1,20}", packed))
    assert {name for name, _ in DETECTOR.find(PAGE.format(wrapped))} == {"somebody"}


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize(
    "change", [str, str.upper, lambda address: f"{address}\n"], ids=["as is", "capitals", "newline"]
)
def test_hashes_are_found(algorithm: str, change: Callable[[str], str]) -> None:
    digest = hashlib.new(algorithm, change(ADDRESS).encode())
    forms = [digest.hexdigest(), digest.hexdigest().upper(), digest.hexdigest()[:20]]
    forms += [base64.b64encode(digest.digest()).decode(), base64.urlsafe_b64encode(digest.digest()).decode()]
    for form in forms:
        assert {name for name, _ in DETECTOR.find(PAGE.format(form))} == {"somebody"}, form


def test_a_celery_message_is_found_in_its_envelope() -> None:
    body = base64.b64encode(json.dumps([[ADDRESS], {}, {"callbacks": None}]).encode()).decode()
    assert DETECTOR.find(json.dumps({"body": body, "headers": {"task": "forum.deliver"}}))


def test_nothing_is_found_where_nothing_is() -> None:
    harmless = [
        PAGE.format(""),
        "kanarie",
        "nest",
        "@nest.example",
        "user@example.org",
        base64.b64encode(b"x" * 900).decode(),
    ]
    assert not [text for text in harmless if DETECTOR.find(text)]
