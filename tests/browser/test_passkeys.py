"""A passkey is added, signs in, serves as a second step, is renamed and removed: in Chromium with a virtual device."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.moderators import sign_in
from tests.journeys.people import DEMO_PASSWORD
from tests.support.browser import Pages
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow, pytest.mark.database_neutral]
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
ABLE = {"isUserVerified": True, "automaticPresenceSimulation": True}


@pytest.fixture(scope="module")
def site(session_stack_factory: Callable[..., Stack]) -> Stack:
    """One site for this file, known as localhost: browsers take no passkey for a bare address."""
    stack = session_stack_factory(env={"ALLOWED_HOSTS": "localhost,127.0.0.1"})
    stack.url = f"http://localhost:{stack.port}"
    return stack


def with_device(page: Page) -> Page:
    """Give the page's browser a device that keeps passkeys and says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | ABLE})
    return page


def said(page: Page) -> str:
    """Return the words of the page's main part."""
    return str(page.locator("main").inner_text())


def press(page: Page, button: str) -> None:
    """Press a button that leads to a page."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=button).click()


def add(page: Page, site: Stack) -> None:
    """Open the page that adds a passkey, which asks for the password first."""
    page.goto(f"{site.url}/accounts/2fa/webauthn/add/")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    press(page, "Go on")


def test_a_passkey_from_its_first_day_to_its_last(site: Stack, page_factory: Pages) -> None:
    page = with_device(page_factory(javascript=True, width=320))
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.on("pageerror", lambda error: broken.append(error.message))
    sign_in(page, site.url, "member")
    add(page, site)
    page.get_by_label("Name of this passkey").fill("My phone")
    press(page, "Add a passkey")
    assert "The passkey is added" in page.locator("body").inner_text(), said(page)

    page.locator("header").get_by_role("button", name="Sign out").click()
    page.goto(f"{site.url}/accounts/passkey/")
    press(page, "Use my passkey")
    assert page.url.endswith("/me/"), said(page)

    page.goto(f"{site.url}/accounts/2fa/webauthn/")
    assert "My phone" in said(page) and "without a password" in said(page)
    page.get_by_role("link", name="Rename My phone").click()
    if "reauthenticate" in page.url:  # what is important in the account asks again, here for the password
        page.locator("[name=password]").fill(DEMO_PASSWORD)
        press(page, "Go on")
    page.get_by_label("Name of this passkey").fill("Old phone")
    press(page, "Save the name")
    page.get_by_role("link", name="Remove Old phone").click()
    press(page, "Remove it")
    assert "You have none yet" in said(page)

    page.locator("header").get_by_role("button", name="Sign out").click()
    page.goto(f"{site.url}/accounts/passkey/")
    press(page, "Use my passkey")
    assert "/accounts/" in page.url and "/me/" not in page.url, "a removed passkey opens nothing"
    assert not broken, broken


def test_a_passkey_is_the_second_step_of_a_password(site: Stack, page_factory: Pages) -> None:
    page = with_device(page_factory(javascript=True, width=320))
    sign_in(page, site.url, "physician")
    add(page, site)
    press(page, "Add a passkey")
    page.goto(f"{site.url}/accounts/2fa/webauthn/add/")
    page.locator("main").get_by_role("button", name="Add a passkey").click()
    page.get_by_text("This device already has a passkey for your account.").wait_for()
    page.locator("header").get_by_role("button", name="Sign out").click()
    sign_in(page, site.url, "physician")
    assert "/2fa/authenticate/" in page.url
    press(page, "Use my passkey")
    assert page.url.endswith("/me/"), said(page)


def test_without_a_script_and_without_a_passkey_the_page_says_what_to_do(site: Stack, page_factory: Pages) -> None:
    page = page_factory(javascript=False, width=320)
    page.goto(f"{site.url}/accounts/passkey/")
    assert "Passkeys need JavaScript" in said(page) and not page.locator("#passkey-button").is_visible()
    assert page.get_by_role("link", name="Use my password").is_visible()
    assert page.get_by_role("link", name="Send me a code").is_visible()
