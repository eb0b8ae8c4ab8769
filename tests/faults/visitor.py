"""Somebody at a browser without JavaScript: cookies, forms with their CSRF token, and how long each answer took."""

import http.client
import math
import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

ARTICLE = "/articles/intrathecal-vs-oral-baclofen/"
PASSWORD = "demo-pass-HSP"
PATIENCE = 15.0  # seconds until a request is given up: far more than a request may take, so that a slow one is seen


@dataclass(frozen=True)
class Answer:
    """What one request got."""

    request: str
    status: int
    location: str
    text: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.request}: {self.status} after {self.seconds:.2f} s"

    def field(self, name: str) -> str:
        """Return the value of the page's first hidden field of that name."""
        found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', self.text)
        assert found, f"no field {name} in the page of {self}"
        return found.group(1)


class Visitor:
    """Walks through one site; `answers` is everything it got."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.answers: list[Answer] = []

    def get(self, path: str) -> Answer:
        """Ask for a page; redirects are not followed."""
        return self._send("GET", path)

    def post(self, path: str, page: Answer, **fields: str) -> Answer:
        """Send a form of the given page, with that page's CSRF token."""
        return self._send("POST", path, {"csrfmiddlewaretoken": page.field("csrfmiddlewaretoken"), **fields})

    def ask(self, address: str, text: str) -> Answer:
        """Ask a question as a guest; the answer leads to the private status page when the question was taken."""
        page = self.get("/questions/ask/")
        fields = {"form_key": page.field("form_key"), "name": "A guest", "email": address, "text": text, "website": ""}
        return self.post("/questions/ask/", page, **fields)

    def sign_in(self, address: str) -> Answer:
        """Sign in with a demo person's password."""
        page = self.get("/accounts/login/")
        return self.post("/accounts/login/", page, login=address, password=PASSWORD)

    def publish_one(self) -> Answer:
        """Publish what has waited longest, from the queue's page."""
        page = self.get("/moderation/")
        found = re.search(r'action="(/moderation/\w+/decide/)"', page.text)
        assert found, f"nothing to decide in {page}"
        return self.post(found.group(1), page, version=page.field("version"), move="publish")

    def _send(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        began = time.perf_counter()
        try:
            connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
            response = connection.getresponse()
            text = response.read().decode()
            seconds = time.perf_counter() - began
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        request = f"{method} {re.sub('/p/.*', '/p/...', path)}"
        answer = Answer(request, response.status, response.headers.get("Location", ""), text, seconds)
        self.answers.append(answer)
        return answer


def ask_all(port: int, addresses: Iterable[str], at_once: int = 2) -> list[Answer]:
    """Ask one question for each address, a few at a time; return every answer on the way, those of the forms too."""

    def ask(address: str) -> list[Answer]:
        visitor = Visitor(port)
        answer = visitor.ask(address, f"Is this the question of {address.partition('@')[0]}?")
        assert (answer.status, answer.location[:3]) == (302, "/p/"), f"not taken: {answer}"
        return visitor.answers

    with ThreadPoolExecutor(at_once) as people:
        return [answer for answers in people.map(ask, addresses) for answer in answers]


def slowest(answers: Iterable[Answer]) -> float:
    """Return the seconds of the slowest answer."""
    return max(answer.seconds for answer in answers)


def slowest_of_a_hundred(answers: Iterable[Answer]) -> float:
    """Return the 99th percentile, by the nearest rank, in seconds."""
    in_order = sorted(answer.seconds for answer in answers)
    return in_order[math.ceil(len(in_order) * 0.99) - 1]


def too_slow(answers: Iterable[Answer], usual: Iterable[Answer]) -> list[str]:
    """Return which answers took more than a second, or where all is slow more than three times the slowest usual one.

    `usual` are answers of the same site before anything failed: a busy machine is not Redis's fault.
    """
    limit = max(1.0, 3 * slowest(usual))
    return [f"{answer} (limit {limit:.2f} s)" for answer in answers if answer.seconds > limit]
