"""allauth adapters: mail links from SITE_URL, public names instead of addresses, networks instead of IP addresses."""

import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string

NOWHERE = "0.0.0.0"  # noqa: S104 - no address to listen on: it replaces a network that was deleted
WRONG_CODE = "This is not the right code. Please look again."


def network_of(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the /24 of an IPv4 or the /48 of an IPv6 address. Raises ValueError for anything else."""
    parsed = ipaddress.ip_address(address)
    # A server that listens on IPv6 sees IPv4 visitors as ::ffff:a.b.c.d; all of them would share one /48.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False)


def truncated(address: str) -> str:
    try:
        return str(network_of(address).network_address)
    except ValueError:
        return NOWHERE


class AccountAdapter(DefaultAccountAdapter):
    """Builds links in mail from SITE_URL, so that a forged Host header never gets into a mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "enter_current_password": "This is not the password that you have now.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": "Too many tries. Please wait some minutes, and try again.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        self.render_mail(template_prefix, email, {**context, "email": email, **self._site_context()}).send()

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        html = render_to_string(f"{template_prefix}_message.html", {**context, "subject": subject})
        message = EmailMessage(subject, html, self.get_from_email(), [email], headers=headers)
        message.content_subtype = "html"
        return message

    def _site_context(self) -> dict[str, Any]:
        site = {"name": settings.SITE_NAME, "domain": settings.SITE_HOST}
        return {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "current_site": site}

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        # GET confirms nothing, since mail scanners open links.
        from django.urls import reverse

        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_client_ip(self, request: HttpRequest) -> str:
        # allauth then counts and stores nothing more exact.
        return truncated(super().get_client_ip(request))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Shows authenticator programs and passkey lists the public name, not the address."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def get_totp_label(self, user: Any) -> str:
        return str(user.name)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.name)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "My passkey" if number == 1 else f"Passkey {number}"
