"""No address leaves (DESIGN 4, promise 1): canary addresses everywhere, and a search of all that the site gives away.

Guests, members, moderators, physicians and staff have canary addresses; some stand in texts. Then every URL as every role, the
error answers too, what the worker mailed, the log, Redis and the files are searched for each, in every form of tests.privacy.detector.
"""

import base64
import contextlib
import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import StackFactory
from tests.privacy import kept
from tests.privacy.crawler import Answer, Crawler
from tests.privacy.detector import Detector, address_for
from tests.privacy.planting import DRESSED, MOVES, ROLES
from tests.privacy.site_map import BESIDES, a_few, templates_for, urls_for
from tests.support.smtp import MailServer
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=90)]
OVER_HTTP = ("web guest", "web name", "web signup", "web code", "web reset", "web wrong login", "web disowned")
NAMES = [
    *ROLES,
    *(f"guest {state}" for state in MOVES),
    "asker",
    "gone",
    "replier",
    "public replier",
    *DRESSED,
    *OVER_HTTP,
]
CANARIES = {name: address_for(name) for name in NAMES}
DETECTOR = Detector(CANARIES)
CONTROL = address_for("control")  # planted to be found, and looked for only there
SETTINGS = {
    "ASK_MINIMUM_SECONDS": "0",
    "ASK_PER_NETWORK_HOUR": "1000000",
    "ASK_PER_ADDRESS_DAY": "3",
    "LOG_LEVEL": "DEBUG",
    "MODERATOR_MAIL_MINUTES": "0",
    "WEB_WORKERS": "2",
}


class Site:
    """The site, with everything planted in it, and everybody's browser."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.answers: list[Answer] = []
        self.people = {"anonymous": Crawler("anonymous", stack.port)}

    def told(self, code: str) -> dict[str, Any]:
        """Run code of tests.privacy.planting in the site; return what it prints."""
        lines = self.stack.shell(f"from tests.privacy import planting; {code}").strip().splitlines()
        return dict(json.loads(lines[-1]))

    def as_guest(self, path: str, **fields: str) -> Answer:
        """Send a form with a canary in it from a fresh browser, as its owner would."""
        guest = Crawler("guest", self.stack.port)
        page = guest.request("GET", path).everything.decode()
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        return guest.post(path, **fields, **({"form_key": key[1]} if key else {}))


@pytest.fixture(scope="module")
def site(session_stack_factory: StackFactory) -> Iterator[Site]:
    """One site for all tests of this file: first without a worker, so that the queue in Redis can be read."""
    mail = MailServer().start()
    stack = session_stack_factory(mail=mail, env=SETTINGS)
    stack.hold("worker")
    stack.kill("worker")
    stack.kill("worker_child")
    yield Site(stack)
    mail.stop()


@pytest.fixture(scope="module")
def planted(site: Site) -> dict[str, Any]:
    """Plant the canaries in the site, some of them over HTTP, and sign everybody in."""
    site.told("planting.plant()")
    canary = CANARIES.__getitem__
    asked = site.as_guest("/questions/ask/", name="Pat", email=canary("web guest"), text="A question over the web?")
    assert asked.status == 302 and asked.location.startswith("/p/")
    odd = site.as_guest("/questions/ask/", name=canary("web name"), email="pat@example.org", text="Another one?")
    assert odd.status == 422
    site.as_guest("/questions/ask/", name="Pat", email=canary("web disowned"), text="Typed by a stranger?")
    site.as_guest("/accounts/signup/", email=canary("web signup"), name="Sam", password1="correct horse battery")
    site.as_guest("/accounts/login/code/", email=canary("web code"))
    site.as_guest("/accounts/password/reset/", email=canary("web reset"))
    site.as_guest("/accounts/login/code/", email=canary("member"))
    for _ in range(6):
        site.as_guest("/accounts/login/", login=canary("web wrong login"), password="wrong")
    for role in ROLES:
        site.people[role] = Crawler(role, site.stack.port)
        site.people[role].sign_in(canary(role))
    return site.told("import json; print(json.dumps(planting.told()))")


def hits(found: Iterator[tuple[str, bytes]]) -> list[str]:
    """Return what the detector finds in (where, bytes)."""
    return [f"{where}: {name} ({form})" for where, data in found for name, form in DETECTOR.find(data)]


def test_redis_while_mail_waits_in_the_queue(site: Site, planted: dict[str, Any]) -> None:
    found = list(kept.in_redis(site.stack.redis()))
    bodies = [data for where, data in found if where.startswith("message in")]
    assert len(bodies) >= 5, "the control: Celery's messages were there and were decoded"
    assert any(re.fullmatch(rb"\[\[\d+\], \{\}, .*", body) for body in bodies), bodies[:3]
    assert any(where.startswith("hsp:") for where, _ in found), "the control: so were the rate limits"
    assert not hits(iter(found))
    client = site.stack.redis()
    message = {"body": base64.b64encode(CONTROL.encode()).decode()}
    client.hset("control", "x", json.dumps(message))
    control = Detector({"control": CONTROL})
    assert any(control.find(data) for _, data in kept.in_redis(client)), "the control: an address in a message is found"
    client.delete("control")


def test_each_mail_names_nobody_but_its_recipient(site: Site, planted: dict[str, Any]) -> None:
    site.stack.release("worker")
    site.stack.wait_until_ready()
    mail = site.stack.mail
    assert mail is not None
    expected = ("web guest", "web signup", "web code", "web reset", "public replier", *ROLES)
    wait_until(lambda: all(mail.sent_to(CANARIES[name]) for name in expected), 60, "the mails")
    time.sleep(2)
    wrong = []
    for received in mail.find():
        (recipient,) = received.recipients
        seen = DETECTOR.find(received.raw + received.text.encode() + received.html.encode())
        wrong += [f"to {recipient}: {name} ({form})" for name, form in seen if CANARIES[name] != recipient]
    assert not wrong


def allowed(answer: Answer, name: str) -> bool:
    """Their own address on their own account pages; and what they typed, in the form behind their own private link."""
    own_account = name == answer.who and answer.path.startswith("/accounts/")
    own_text = name in DRESSED and re.fullmatch(r"/p/[^/]+/edit/|/posts/\w+/correct/", answer.path) is not None
    return own_account or own_text


def searched(answers: list[Answer]) -> list[str]:
    """Return where a canary was served to somebody who must not see it."""
    found = ((answer, name, form) for answer in answers for name, form in DETECTOR.find(answer.everything))
    return [f"{answer}: {name} ({form})" for answer, name, form in found if not allowed(answer, name)]


def all_urls(planted: dict[str, Any], routes: list[str], admin_rows: int) -> list[str]:
    """Return examples of every route, each once."""
    return list(dict.fromkeys([*(url for route in routes for url in urls_for(route, planted, admin_rows)), *BESIDES]))


@pytest.fixture(scope="module")
def routes(site: Site) -> list[str]:
    """The routes of the running site, which in development has more than the tests' settings know."""
    code = "from django.urls import get_resolver as r; from tests.privacy import site_map as s"
    listed = site.stack.shell(f"import json; {code}; print(json.dumps(list(s.routes(r().url_patterns))))")
    found = [str(route) for route in json.loads(listed.strip().splitlines()[-1])]
    assert len(found) > 80 and not [route for route in found if templates_for(route) is None]
    return found


# On PostgreSQL as a stranger only, since the pages are the same; tests/forum/posts/test_access.py tries there who may see
# which post. What PostgreSQL itself says in errors and in the log is looked through on it, too.
_ONCE = [pytest.param(who, marks=pytest.mark.database_neutral) for who in ROLES]


@pytest.mark.parametrize("who", ["anonymous", *_ONCE])
def test_every_page_as_everybody(site: Site, planted: dict[str, Any], routes: list[str], who: str) -> None:
    browser = site.people[who]
    admin_rows = 12 if who == "superuser" else 2
    methods = ("GET", "HEAD") if who == "anonymous" else ("GET",)
    urls = all_urls(planted, routes, admin_rows)
    answers = [browser.request(method, url) for url in urls for method in methods]
    assert not [str(answer) for answer in answers if answer.status >= 500 and answer.path != "/readyz"]
    assert sum(answer.status == 200 for answer in answers) > 50, "the control: there was something to read"
    if who != "anonymous":
        assert browser.request("GET", "/me/").status == 200, "the control: still signed in"
        own = DETECTOR.find(browser.request("GET", "/accounts/email/").everything)
        assert (who, "plain") in own, "the control: on their own page the address is found"
    if who == "superuser":
        lists = [answer for answer in answers if re.match(r"/admin/\w+/\w+/$", answer.path)]
        assert len(lists) > 10 and all(answer.status == 200 for answer in lists)
    assert not searched(answers)


# What goes wrong, with OTHER data in the forms: path -> fields
WRONG: dict[str, list[dict[str, str]]] = {
    "/questions/ask/": [{}, {"name": "x@example.org", "email": "nobody", "text": "x" * 5_001, "form_key": "forged"}],
    "/questions/{post}/reply/": [{}],
    "/questions/{post}/follow/": [{"stop": "1"}],
    "/p/{token}/edit/": [{"text": "", "version": "1"}, {"text": "Another text.", "version": "99"}],
    "/p/{token}/answered/": [{}],
    "/posts/{post}/correct/": [{"text": "", "version": "1"}, {"text": "Another text.", "version": "99"}],
    "/posts/{post}/review/": [{}, {"version": "99"}],
    "/posts/{post}/supersede/": [{}, {"newer": "elsewhere", "address": "x@example.org", "version": "99"}],
    "/posts/{post}/helped/": [{"take_back": "yes", "back": "//example.org/x@example.org"}],
    "/questions/{post}/answered/": [{}],
    "/moderation/{post}/decide/": [{}, {"move": "return", "version": "1"}, {"move": "publish", "version": "99"}],
    "/accounts/login/": [{"login": "nobody@example.org", "password": "wrong"}, {}],
    "/accounts/signup/": [{"email": "nobody", "name": "x@y.example", "password1": "x"}, {}],
    "/accounts/password/reset/": [{"email": "nobody@example.org"}, {}],
    "/accounts/login/code/": [{"email": "nobody@example.org"}, {}],
    "/accounts/password/change/": [{}],
    "/admin/accounts/user/{user}/change/": [{}],
    "/admin/accounts/credential/add/": [{}, {"user": "{user}"}],
}


@pytest.mark.parametrize("who", ["anonymous", "superuser", *(who for who in _ONCE if "superuser" not in who.values)])
def test_every_error_as_everybody(site: Site, planted: dict[str, Any], who: str) -> None:
    browser = site.people[who]
    user = str(planted["admin"]["accounts.user"][0])
    answers = []
    for pattern, forms in WRONG.items():
        many = a_few(planted["posts"]) if "{post}" in pattern or "{token}" in pattern else [{}]
        for post in many:
            path = pattern.format(user=user, **post)
            answers += [browser.post(path, **{k: v.format(user=user) for k, v in form.items()}) for form in forms]
    for path in ("/questions/ask/", f"/p/{planted['posts'][0]['token']}/edit/", f"/confirm/{planted['confirm'][0]}/"):
        answers.append(browser.request("POST", path, "text=no+token"))
        answers.append(browser.request("POST", path, "x" * 2_000_000, {"X-CSRFToken": browser.cookies["csrftoken"]}))
        answers.append(browser.request("DELETE", path, None, {"X-CSRFToken": browser.cookies["csrftoken"]}))
        answers.append(browser.request("GET", path, None, {"Host": "evil.example"}))
        many_fields = "&".join(f"f{number}=" for number in range(2_500))
        answers.append(browser.request("POST", path, many_fields, {"X-CSRFToken": browser.cookies["csrftoken"]}))
    statuses = {answer.status for answer in answers}
    assert {400, 403, 404, 405, 409, 413, 422} <= statuses, statuses
    assert not [str(answer) for answer in answers if answer.status >= 500]
    assert not searched(answers)


def test_too_many_requests(site: Site, planted: dict[str, Any]) -> None:
    answers = [
        site.as_guest("/questions/ask/", name="Kim", email="kim@example.org", text=f"Kim's question {number}?")
        for number in range(5)
    ]
    assert 429 in {answer.status for answer in answers}
    answers += [site.as_guest("/accounts/login/code/", email="kim@example.org") for _ in range(25)]
    assert not searched(answers)


def test_whoever_sends_too_much_is_shown_the_page_that_says_so(site: Site, planted: dict[str, Any]) -> None:
    """The site lets the browser finish: cut off while it sends, it would show an error of its own."""
    for _ in range(5):
        answer = site.people["anonymous"].request("POST", "/questions/ask/", "x" * 2_000_000)
        assert answer.status == 413 and b"larger than this site accepts" in answer.everything


def test_a_body_without_a_length(site: Site, planted: dict[str, Any]) -> None:
    """Sent in pieces: the site answers, stores nothing, and goes on."""
    before = site.told("import json; print(json.dumps(planting.told()))")["posts"]
    connection = http.client.HTTPConnection("127.0.0.1", site.stack.port, timeout=20)
    body = iter([b"text=", *[b"x" * 65_536] * 32])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    # The answer may come, and the connection end, before all is sent.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError), contextlib.closing(connection):
        connection.request("POST", "/questions/ask/", body, form, encode_chunked=True)
        assert connection.getresponse().status in {400, 403, 411, 413}
    assert site.told("import json; print(json.dumps(planting.told()))")["posts"] == before
    assert site.stack.status("/healthz") == 200


def test_redis_files_and_the_log_in_the_end(site: Site, planted: dict[str, Any]) -> None:
    log = site.stack.log_text()
    requests = [line for line in log.splitlines() if '"event": "request"' in line]
    assert len(requests) > 500, "the control: the log was written, and is what we read"
    assert not hits(iter([("log", log.encode())]))
    tokens = [post["token"] for post in planted["posts"]] + planted["confirm"] + planted["unsubscribe"]
    assert not [token for token in tokens if token in log], "private links stand in the log"
    assert not hits(kept.in_redis(site.stack.redis()))
    files = list(kept.in_files(site.stack.var))
    assert any("redis" in where for where, _ in files), "the control: Redis's own file is among them"
    assert not hits(iter(files))


PLACES: dict[str, Callable[[str], str]] = {
    "name": lambda address: f"Post.objects.filter(public_id=public_id).update(name={address!r})",
    "html": lambda address: (
        f"Post.objects.filter(public_id=public_id).update(html='<p>'+{address!r}.replace('@','&#64;')+'</p>')"
    ),
    "title": lambda address: f"Post.objects.filter(public_id=public_id).update(title={address!r})",
}


@pytest.mark.parametrize("place", PLACES)
def test_the_crawler_can_find(site: Site, planted: dict[str, Any], place: str) -> None:
    """The control of it all: with an address forced into a public page, the same search reports it."""
    public = next(post for post in planted["posts"] if post["state"] == "published" and post["kind"] == "question")
    path = f"/questions/{public['post']}/"
    address = CANARIES["asker"]
    site.stack.shell(f"from forum.models import Post; public_id={public['post']!r}; {PLACES[place](address)}")
    browser = site.people["anonymous"]
    answer = browser.request("GET", path)
    if answer.status == 302:
        answer = browser.request("GET", answer.location)
    assert answer.status == 200 and searched([answer])
