"""Somebody who asks for everything and keeps every byte of the answers: status line, headers, cookies and body."""

import http.client
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.factories import PASSWORD

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """One answer; `everything` is what went over the wire, headers and body."""

    who: str
    method: str
    path: str
    status: int
    location: str
    everything: bytes

    def __str__(self) -> str:
        return f"{self.who}: {self.method} {self.path} -> {self.status}"


@dataclass
class Crawler:
    """A browser of one person on one site."""

    who: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self, address: str) -> Answer:
        """Sign in by password."""
        self.request("GET", "/accounts/login/")
        answer = self.post("/accounts/login/", login=address, password=PASSWORD)
        assert answer.status == 302, f"{self.who} could not sign in: {answer}"
        return answer

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form with the CSRF token of the cookie."""
        if "csrftoken" not in self.cookies:
            self.request("GET", "/accounts/login/")
        return self.request("POST", path, urlencode(fields), {"X-CSRFToken": self.cookies.get("csrftoken", "")})

    def request(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Make one request; redirects are not followed."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = FORM
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            served = response.read()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        everything = f"{response.status} {response.reason}\n{response.headers}\n".encode() + served
        return Answer(self.who, method, path, response.status, response.headers.get("Location", ""), everything)
