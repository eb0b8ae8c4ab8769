"""A passkey as a browser would have registered it, for the pages that show one."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.models import User


def give(user: User, name: str) -> Authenticator:
    """Store a passkey of that name for the person; nobody holds its private key."""
    return WebAuthn.add(user, name, _registered(name)).instance


def _registered(name: str) -> dict[str, Any]:
    """Return what a browser answers when a passkey is made."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    number = sha256(name.encode())[:16]
    credential = AttestedCredentialData.create(Aaguid.NONE, number, key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    device = AuthenticatorData.create(sha256(b"127.0.0.1"), flags, 0, credential)
    said = CollectedClientData.create("webauthn.create", b"c" * 32, "http://127.0.0.1")
    return {
        "id": websafe_encode(number),
        "rawId": websafe_encode(number),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(said),
            "attestationObject": websafe_encode(AttestationObject.create("none", device, {})),
        },
    }
