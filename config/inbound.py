"""Inbound mail settings: reply address, listener and provider. Off until the operator sets INBOUND_ADDRESS."""

import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config import environment
from forum.inbound.settings import Inbound, Listener

# Providers whose webhooks anymail supports, by the first part of its URLs.
PROVIDERS = {
    *("amazon_ses", "brevo", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark"),
    *("resend", "sendgrid", "sparkpost", "unisender_go"),
}
# anymail's names for the key with which a provider signs requests, and for the one with which the site fetches mail.
SIGNING_KEYS = {
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "mandrill": "MANDRILL_WEBHOOK_KEY",
    "postal": "POSTAL_WEBHOOK_KEY",
    "resend": "RESEND_SIGNING_SECRET",
}
API_KEYS = {
    "brevo": "BREVO_API_KEY",
    "mailtrap": "MAILTRAP_API_TOKEN",
    "resend": "RESEND_API_KEY",
    "unisender_go": "UNISENDER_GO_API_KEY",
}
# Without the package svix, which is not a dependency, Resend is authenticated by the webhook's secret only.
ALSO_WITHOUT_SIGNATURE = {"resend"}
# Packages that anymail needs for a provider or a key.
PACKAGES = {"amazon_ses": "boto3", "RESEND_SIGNING_SECRET": "svix"}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._-]{0,15}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")


def read_settings() -> Inbound:
    address = environment.text("INBOUND_ADDRESS").lower()
    if address and not _ADDRESS.fullmatch(address):
        raise environment.refuse("INBOUND_ADDRESS", "must be like reply@in.example.org, without a plus sign.")
    provider = environment.choice("INBOUND_PROVIDER", "", PROVIDERS | {""})
    secret = environment.text("INBOUND_WEBHOOK_SECRET")
    if provider and (":" not in secret or len(secret) < 24):
        raise environment.refuse("INBOUND_WEBHOOK_SECRET", "must be like user:password, of at least 24 characters.")
    return Inbound(
        mailbox=address,
        listener=_listener(environment.text("INBOUND_LISTEN", "lmtp://127.0.0.1:8024")) if address else None,
        authserv_id=environment.text("INBOUND_AUTHSERV_ID").lower(),
        provider=provider,
        secret=secret,
        keys=_keys(provider),
        days=environment.number("REPLY_ADDRESS_DAYS", 30, 1, 365),
    )


def _keys(provider: str) -> dict[str, str]:
    keys = {}
    for variable, names in (("INBOUND_WEBHOOK_KEY", SIGNING_KEYS), ("INBOUND_API_KEY", API_KEYS)):
        key, name = environment.text(variable), names.get(provider, "")
        if key and not name:
            raise environment.refuse(variable, "is not for this INBOUND_PROVIDER, which knows no such key.")
        if name and not key and not (names is SIGNING_KEYS and provider in ALSO_WITHOUT_SIGNATURE):
            raise environment.refuse(variable, "must be the key that the provider shows: it is needed.")
        if key:
            keys[name] = key
    for thing in (provider, *keys):
        if thing in PACKAGES and find_spec(PACKAGES[thing]) is None:
            raise environment.refuse(
                "INBOUND_PROVIDER", f"needs the package {PACKAGES[thing]}, which is not installed."
            )
    return keys


def _listener(url: str) -> Listener | None:
    """Return where to listen: lmtp://127.0.0.1:8024, lmtp+unix:///run/hsp/lmtp.sock, smtp://127.0.0.1:2525, or none."""
    if url == "none":
        return None
    parts = urlsplit(url)
    protocol, _plus, kind = parts.scheme.partition("+")
    if protocol in {"lmtp", "smtp"} and kind == "unix" and parts.path:
        return Listener(protocol, socket=Path(unquote(parts.path)))
    # Loopback only: the listener has neither passwords nor encryption.
    if protocol in {"lmtp", "smtp"} and not kind and parts.hostname in LOOPBACK and parts.port:
        return Listener(protocol, host=parts.hostname or "", port=parts.port)
    raise environment.refuse("INBOUND_LISTEN", "must be like lmtp://127.0.0.1:8024 or lmtp+unix:///run/hsp/lmtp.sock.")
