"""HTTP client for benchmarks: one persistent connection, cookies, gzip."""

import gzip
import http.client
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass
class Answer:
    """One response. `body` is decoded, `wire` is its size in bytes before that, header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    wire: int
    seconds: float
    set_cookies: list[str] = field(default_factory=list)


@dataclass
class Client:
    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(fields), {**kind, **headers})

    def sign_in(self, address: str, password: str) -> None:
        page = self.get("/accounts/login/").body.decode()
        fields = {"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"), "login": address, "password": password}
        assert self.post("/accounts/login/", fields).status == 302, "could not sign in"

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        sent = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        started = time.perf_counter()
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        raw = response.read()
        seconds = time.perf_counter() - started
        set_cookies = response.headers.get_all("Set-Cookie") or []
        for header in set_cookies:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        plain = gzip.decompress(raw) if response.headers.get("Content-Encoding") == "gzip" else raw
        head = {name.lower(): value for name, value in response.headers.items()}
        head.pop("set-cookie", None)
        return Answer(response.status, head, plain, len(raw), seconds, set_cookies)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found.group(1)
