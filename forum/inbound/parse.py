"""Parsing of a mail from its bytes, however broken: author and text. Pure; never raises.

Python's old policy (compat32) is used on purpose: the new one parses each header when it is read, and raises on some
that real mail programs write.
"""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

from articles.text.plain import foreign_text
from forum.inbound import flowed

# Limits against hostile mail: deeper or further parts are ignored, longer ones are cut.
MAX_DEPTH = 10
MAX_PARTS = 100
MAX_PART_BYTES = 400_000


@dataclass(frozen=True)
class Incoming:
    message: Message
    envelope_sender: str = ""

    def header(self, name: str) -> str:
        return unfolded(self.message.get(name))

    def headers(self, name: str) -> list[str]:
        return [unfolded(value) for value in self.message.get_all(name, [])]

    @property
    def author(self) -> str:
        found = {address.lower() for _name, address in getaddresses(self.headers("From")) if "@" in address}
        return found.pop() if len(found) == 1 else ""

    @property
    def text(self) -> str:
        return _text_of(self.message)

    @property
    def is_wrapped(self) -> bool:
        # The plain text was then made from the HTML part, with line breaks.
        return any(part.get_content_type() == "text/html" for part in self.message.walk())


def parse_mail(raw: bytes, envelope_sender: str = "") -> Incoming:
    return Incoming(message_from_bytes(raw), envelope_sender.strip().strip("<>"))


def unfolded(value: object) -> str:
    return " ".join(str(value or "").split())


def _text_of(part: Message, depth: int = 0) -> str:
    if _is_attached(part) or depth > MAX_DEPTH:
        return ""
    if not part.is_multipart():
        return _decoded(part)
    parts = [child for child in part.get_payload() if isinstance(child, Message)][:MAX_PARTS]
    if part.get_content_subtype() == "alternative":
        parts.sort(key=lambda child: child.get_content_type() != "text/plain")
        return next((text for child in parts if (text := _text_of(child, depth + 1)).strip()), "")
    texts = [_text_of(child, depth + 1) for child in parts]
    return "\n".join(text for text in texts if text.strip())


def _is_attached(part: Message) -> bool:
    disposition = unfolded(part.get("Content-Disposition")).lower()
    return disposition.startswith("attachment") or part.get_content_maintype() == "message"


def _decoded(part: Message) -> str:
    kind = part.get_content_type()
    if kind not in {"text/plain", "text/html"}:
        return ""
    payload = part.get_payload(decode=True)
    data = payload[:MAX_PART_BYTES] if isinstance(payload, bytes) else b""
    text = _to_text(data, str(part.get_content_charset() or "utf-8"))
    if kind == "text/html":
        return foreign_text(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        return flowed.unflowed(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _to_text(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8", "latin-1"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeError):
            continue
    return data.decode("utf-8", "replace")
