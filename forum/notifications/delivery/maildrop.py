"""Mail transport for development: one .eml file for each mail, shown on /dev/mail/."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMail
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MaildropBackend(BaseEmailBackend):
    """Renames a file when it is complete, so that readers of *.eml see no partial one."""

    def __init__(self, folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}"
            draft = self.folder / f"{name}.part"
            draft.write_bytes(message.message().as_bytes())
            draft.replace(self.folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True)
class Dropped:
    name: str
    mail: ParsedMail

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        body = self.mail.get_body(preferencelist=(kind,))
        return str(body.get_content()) if body is not None else ""


def read_mails(folder: Path, name: str | None = None, limit: int = 100) -> list[Dropped]:
    files = sorted(folder.glob("*.eml"), reverse=True)
    if name is not None:
        files = [file for file in files if file.stem == name]
    parse = policy.default
    return [Dropped(file.stem, message_from_bytes(file.read_bytes(), policy=parse)) for file in files[:limit]]
