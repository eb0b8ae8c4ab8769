"""Reading a mail from its bytes, however broken: who says to have written it, and its text. Pure; never raises.

The old policy of Python's parser (compat32) is used on purpose: the new one parses every header when it is looked at,
and raises on some that real mail programs write.
"""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

from articles.text.plain import foreign_text
from forum.inbound import flowed

# Parts nested deeper, and more of them, are not looked at.
DEEPEST = 10
MOST_PARTS = 100
LONGEST_PART = 400_000


@dataclass(frozen=True)
class Incoming:
    """One mail that came in: its envelope's sender, and the parsed message."""

    message: Message
    envelope_sender: str = ""

    def header(self, name: str) -> str:
        """Return the first header of the name, unfolded, as it stands; "" when there is none."""
        return unfolded(self.message.get(name))

    def headers(self, name: str) -> list[str]:
        """Return all headers of the name, the newest first."""
        return [unfolded(value) for value in self.message.get_all(name, [])]

    @property
    def author(self) -> str:
        """The one address that the mail says to be from, in lower case; "" for none or several."""
        found = {address.lower() for _name, address in getaddresses(self.headers("From")) if "@" in address}
        return found.pop() if len(found) == 1 else ""

    @property
    def text(self) -> str:
        """The words of the mail: its plain text, else its HTML as text."""
        return _text_of(self.message)

    @property
    def is_wrapped(self) -> bool:
        """True when the mail program made the plain text from HTML: it then broke the lines, too."""
        return any(part.get_content_type() == "text/html" for part in self.message.walk())


def read(raw: bytes, envelope_sender: str = "") -> Incoming:
    """Return the mail."""
    return Incoming(message_from_bytes(raw), envelope_sender.strip().strip("<>"))


def unfolded(value: object) -> str:
    """Return a header's value on one line."""
    return " ".join(str(value or "").split())


def _text_of(part: Message, depth: int = 0) -> str:
    """Return the text of a part: of alternatives the plain one; of others all plain ones, one below the other."""
    if _is_beside_the_point(part) or depth > DEEPEST:
        return ""
    if not part.is_multipart():
        return _decoded(part)
    parts = [child for child in part.get_payload() if isinstance(child, Message)][:MOST_PARTS]
    if part.get_content_subtype() == "alternative":
        parts.sort(key=lambda child: child.get_content_type() != "text/plain")
        return next((text for child in parts if (text := _text_of(child, depth + 1)).strip()), "")
    texts = [_text_of(child, depth + 1) for child in parts]
    return "\n".join(text for text in texts if text.strip())


def _is_beside_the_point(part: Message) -> bool:
    """True for attachments, and for whole mails inside the mail."""
    disposition = unfolded(part.get("Content-Disposition")).lower()
    return disposition.startswith("attachment") or part.get_content_maintype() == "message"


def _decoded(part: Message) -> str:
    kind = part.get_content_type()
    if kind not in {"text/plain", "text/html"}:
        return ""
    payload = part.get_payload(decode=True)
    data = payload[:LONGEST_PART] if isinstance(payload, bytes) else b""
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
