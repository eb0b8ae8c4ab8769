"""People at their browsers, for whole stories: what each of them was served is remembered byte by byte."""

import base64
import hashlib
import html
import http.client
import time
from urllib.parse import quote, unquote, urlsplit

from playwright.sync_api import Page, Response

from tests.support.browser import scrolls_sideways

DEMO_PASSWORD = "demo-pass-HSP"
# The site takes no form faster than three seconds after it was shown.
TYPING_SECONDS = 3.2


class Person:
    """One person with one browser, JavaScript off. `served` is every body and header that reached them."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.served = bytearray()
        self.status = 0
        self._responses: list[Response] = []
        self._shown_at = 0.0
        page.on("response", lambda response: self._responses.append(response))

    # Moving about

    def go(self, address: str) -> int:
        """Open a path of the site or a whole address; return the status."""
        self.page.goto(address if "://" in address else self.url + address)
        return self._arrived()

    def follow(self, link: str) -> int:
        """Follow the link with these words."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link).first.click()
        return self._arrived()

    def press(self, button: str, within: str = "main") -> int:
        """Press the button with these words, in a form for posts not before the site takes it."""
        if self.page.locator("input[name=form_key]").count():
            time.sleep(max(0.0, self._shown_at + TYPING_SECONDS - time.monotonic()))
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("button", name=button).click()
        return self._arrived()

    def download(self, button: str) -> bytes:
        """Press the button that hands out a file, and return the file; the page stays as it is."""
        with self.page.expect_download() as download:
            self.page.locator("main").get_by_role("button", name=button).click()
        # The browser keeps no body of it for us.
        self._responses.clear()
        return download.value.path().read_bytes()

    def type(self, label: str, words: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label).fill(words)

    def sign_in(self, address: str) -> None:
        """Sign in as one of the demo people."""
        self.go("/accounts/login/")
        self.type("E-mail address", address)
        self.type("Password", DEMO_PASSWORD)
        self.press("Sign in")
        assert self.path == "/me/", f"{address} could not sign in: {self.text[:500]}"

    def reply(self, path: str, words: str) -> int:
        """Write a reply below the question, signed in."""
        self.go(path)
        self.type("Your reply", words)
        return self.press("Send your reply")

    # Looking

    @property
    def path(self) -> str:
        """Where the person is, without the site's address."""
        return urlsplit(self.page.url).path

    @property
    def heading(self) -> str:
        """The page's first heading."""
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        """What stands on the page."""
        return self.page.locator("body").inner_text()

    def fetch(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Return status and body of a request with this person's cookies, as a program would send it."""
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in self.page.context.cookies())
        status, headers, body = request(self.url + path, method, {"Cookie": cookies} if cookies else {})
        self.served += headers + body
        return status, body.decode("utf-8", "replace")

    def _arrived(self) -> int:
        """Take over what was served for this page; headers of redirects too."""
        self.page.wait_for_load_state()
        self._shown_at = time.monotonic()
        assert not scrolls_sideways(self.page), f"{self.page.url} scrolls sideways"
        responses, self._responses[:] = list(self._responses), []
        for response in responses:
            for header in response.headers_array():
                self.served += f"{header['name']}: {header['value']}\n".encode()
            # Redirects have no body; files below /static/ are the repository's, the same for all.
            if not 300 <= response.status < 400 and "/static/" not in response.url:
                self.served += response.body()
        pages = [r for r in responses if r.request.is_navigation_request() and not 300 <= r.status < 400]
        self.status = pages[-1].status
        return self.status


def request(
    address: str, method: str = "GET", headers: dict[str, str] | None = None, body: str = ""
) -> tuple[int, bytes, bytes]:
    """Return status, raw headers and body of one request; no redirect is followed, no cookie is sent by itself."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body or None, headers=headers or {})
        response = connection.getresponse()
        head = "".join(f"{name}: {value}\n" for name, value in response.getheaders())
        return response.status, head.encode(), response.read()
    finally:
        connection.close()


def traces(address: str, data: bytes) -> list[str]:
    """Return the forms in which the address stands in the data: plain, quoted, as entities, in base64 or hashed."""
    text = data.decode("utf-8", "replace").lower()
    plain = address.lower()
    views = {"plain": text, "entities": html.unescape(text), "percent": unquote(text)}
    found = [name for name, view in views.items() if plain in view or plain.split("@")[0] in view]
    hidden = {f"{name} hash": hashlib.new(name, plain.encode()).hexdigest() for name in ("md5", "sha1", "sha256")}
    hidden["quoted"] = quote(plain, safe="")
    # Base64 of a part of a longer text begins at any of three offsets; the middle is the same whatever surrounds it.
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + plain.encode()).decode()
        hidden[f"base64 at {offset}"] = coded[4:-4].lower()
    return found + [name for name, value in hidden.items() if value.lower() in text]
