"""Finds canary addresses in anything the site gives away: plain, encoded, hashed, compressed, or in part."""

import base64
import hashlib
import html
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_QUOTED_PRINTABLE = re.compile(r"=([0-9A-F]{2})")
# What Django's signing writes when it compresses: base64 of a zlib stream.
_COMPRESSED = re.compile(r"eJ[A-Za-z0-9_\-+/]{8,}")
_ROUNDS = 3
HASHES = ("md5", "sha1", "sha256", "sha512")


def address_for(who: str) -> str:
    """Return the canary address of somebody: no part of it stands anywhere but in an address."""
    mark = hashlib.sha256(who.encode()).hexdigest()[:6]
    return f"kanarie{mark}@nest{mark}.example"


class Detector:
    """Knows some canaries (name -> address) and finds any of them."""

    def __init__(self, canaries: dict[str, str]) -> None:
        self.plain = {name: [address.lower(), *address.lower().split("@")] for name, address in canaries.items()}
        self.exact = {name: dict(_exact_forms(address)) for name, address in canaries.items()}

    def find(self, data: bytes | str) -> set[tuple[str, str]]:
        """Return (canary, in which form) for everything found."""
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        return self._find(text) | {
            (name, f"compressed, {form}") for inner in _decompressed(text) for name, form in self._find(inner)
        }

    def _find(self, text: str) -> set[tuple[str, str]]:
        joined = re.sub(r"\s+", "", text)
        views = {"plain": text.lower(), "decoded": _decoded(text).lower(), "broken lines": joined.lower()}
        found = {
            (name, view)
            for view, seen in views.items()
            for name, needles in self.plain.items()
            if any(needle in seen for needle in needles)
        }
        lower = joined.lower()
        for name, forms in self.exact.items():
            found |= {(name, form) for form, needle in forms.items() if needle in (lower if "hex" in form else joined)}
        return found


def _decoded(text: str) -> str:
    """Undo entities, percent signs, JSON escapes and quoted-printable, also one inside another."""
    for _ in range(_ROUNDS):
        before = text
        text = html.unescape(unquote(text))
        text = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        text = _QUOTED_PRINTABLE.sub(lambda match: chr(int(match[1], 16)), text)
        if text == before:
            break
    return text


def _decompressed(text: str) -> Iterator[str]:
    for match in _COMPRESSED.finditer(text):
        packed = match.group().replace("-", "+").replace("_", "/")
        try:
            opened = zlib.decompressobj().decompress(base64.b64decode(packed[: len(packed) // 4 * 4]), 1_000_000)
        except (ValueError, zlib.error):
            continue
        yield opened.decode("utf-8", "replace")


def _exact_forms(address: str) -> Iterator[tuple[str, str]]:
    """Yield (form, text) for what has to be looked for letter by letter."""
    for part, value in {"address": address, "local part": address.split("@")[0]}.items():
        raw = value.encode()
        yield f"{part} in hex", raw.hex()
        yield f"{part} reversed", value[::-1]
        for offset in range(3):
            yield f"{part} in base64, alignment {offset}", base64_core(raw, offset)
    for variant in (address, address.upper(), f"{address}\n"):
        for algorithm in HASHES:
            digest = hashlib.new(algorithm, variant.encode()).digest()
            label = f"{algorithm} of {variant!r}"
            yield f"{label} in hex", digest.hex()[:16]
            yield f"{label} in base64", base64.b64encode(digest).decode()[:16]
            yield f"{label} in url-safe base64", base64.urlsafe_b64encode(digest).decode()[:16]


def base64_core(raw: bytes, offset: int) -> str:
    """Return the letters of the base64 of `raw` that do not depend on its neighbours, after `offset` other bytes."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode()
    return encoded[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6]
