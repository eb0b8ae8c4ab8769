"""What bad input gets: the right status, plain words beside the field, the typed text still there, nothing half saved,
and nothing in the log that should not be there."""

import io
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery, Post, Revision
from forum.notifications import announce
from forum.posts import submit
from forum.states import Move, State
from forum.views.shared import forms
from tests import factories
from tests.support.visitors import (
    Visitor,
    counts,
    error_beside,
    hidden,
    ordinary_site,  # noqa: F401 - a fixture
    question_form,
    summary,
    typed,
    written,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.django_db, pytest.mark.table, pytest.mark.usefixtures("ordinary_site")]
ASK = "/questions/ask/"
TEXT = "Does baclofen make other people tired too?"


@pytest.fixture(params=["ask", "reply"])
def address(request: Any) -> str:
    """Where a guest can write: a question, or a reply to one."""
    if request.param == "ask":
        return ASK
    return reverse("forum:reply", args=[factories.published().public_id])


def refused(url: str, wrong: str, words: str, status: int = 422, **fields: str) -> Any:
    """Send a form with one wrong field; check everything that holds for every refusal, and return the page."""
    before = counts()
    form = question_form(**{"text": TEXT, **fields})
    page = Visitor().post(url, form)
    assert page.status_code == status
    assert counts() == before
    assert words in error_beside(page, wrong)
    assert any(words in line and link == f"#id_{wrong}" for line, link in summary(page).items())
    assert "<title>Error: " in page.text
    for other in {"name", "email", "text"} - {wrong}:
        assert typed(page, other) == form[other]
    return page


EMPTY = ["", " \t\r\n ", "\u00a0\u3000", "\u200b\u200d\ufeff", "\u3164\u115f\uffa0", "\u202e\u2066", "\x00\x00"]


@pytest.mark.parametrize("text", EMPTY, ids=ascii)
def test_a_text_without_anything_to_read(address: str, text: str) -> None:
    refused(address, "text", "Write your", text=text)


@pytest.mark.parametrize("length", [5_001, 100_000])
def test_a_text_that_is_too_long_is_kept_in_the_form(address: str, length: int) -> None:
    long = "word " * (length // 5) + "w" * (length % 5)
    long = long[:-1] + "x"
    page = refused(address, "text", f"{length - 5_000:,} characters too long", text=long)
    assert typed(page, "text") == long


def test_exactly_5000_characters_are_taken_however_the_browser_ends_its_lines(address: str) -> None:
    text = ("a" * 99 + "\r\n") * 49 + "b" * 100
    assert len(text) > 5_000 and len(text.replace("\r\n", "\n")) == 5_000
    assert Visitor().post(address, question_form(text=text)).status_code == 302
    assert Post.objects.latest("pk").source == text.replace("\r\n", "\n")


NAMES = {
    "empty": ("", "Write the name that readers will see"),
    "white space": ("  \u00a0 ", "Write the name that readers will see"),
    "zero width": ("\u200b\u2060", "without special control characters"),
    "line break": ("Pat\r\nBcc: all@example.org", "on one line"),
    "unicode line break": ("Pat\u2028Smith", "on one line"),
    "address": ("pat@example.org", "looks like an e-mail address"),
    "wide address": ("pat＠example.org", "looks like an e-mail address"),
    "spoken address": ("pat at example dot org", "looks like an e-mail address"),
    "link": ("www.example.org", "leave web addresses out"),
    "nul": ("Pat\x00", "without special control characters"),
    "right to left": ("Pat\u202etaP", "without special control characters"),
    "escape": ("Pat\x1b[31m", "without special control characters"),
    "no letter": ("!!!", "at least one letter"),
    "81 characters": ("x" * 81, "80 characters"),
}


@pytest.mark.parametrize(("name", "words"), NAMES.values(), ids=NAMES)
def test_a_name_that_cannot_stand_on_the_site(name: str, words: str) -> None:
    page = refused(ASK, "name", words, name=name)
    assert "Null characters" not in page.text


@pytest.mark.parametrize(
    "name", ["x" * 80, "Zoë", "Ольга", "محمد", "李 小龍", "O’Neill-Šmídová Jr.", "Pat 2", "Pat 🙂"]
)
def test_names_of_all_people_are_taken(name: str) -> None:
    assert Visitor().post(ASK, question_form(name=f"  {name} ")).status_code == 302
    assert Post.objects.latest("pk").name == name


NOT_ADDRESSES = [
    *("pat", "pat@", "@example.org", "pat@example", "pat example@example.org", "pat@exam ple.org", "pat@@example.org"),
    *("pat@example..org", "pat.@example.org", "pat@-example.org", "<pat@example.org>", "Pat <pat@example.org>"),
    *("pat@example.org, sam@example.org", "pat@example.org;sam@example.org", "pat@example.org\r\nBcc: sam@example.org"),
    *("pat@[", "javascript:alert(1)@example.org", "pat\x00sam"),
    *(
        "mailto:pat@example.org",
        "a" * 250 + "@example.org",
        '"><script>alert(1)</script>@example.org',
        "📧@example.org",
    ),
]


@pytest.mark.parametrize("email", NOT_ADDRESSES, ids=ascii)
def test_an_address_that_is_none(email: str) -> None:
    page = refused(ASK, "email", "", email=email)
    words = error_beside(page, "email")
    assert "name@example.org" in words or "254 characters" in words
    assert "Null characters" not in words


@pytest.mark.parametrize(
    "email", ["pat@example.org\x00", "\u202apat@example.org\u202c", "pat@exa\u200bmple.org"], ids=ascii
)
def test_an_address_counts_as_it_is_seen(email: str) -> None:
    assert Visitor().post(ASK, question_form(email=email)).status_code == 302
    assert Contact.objects.latest("pk").address == "pat@example.org"


def test_a_reply_is_refused_for_the_same_reasons(address: str) -> None:
    refused(address, "name", "looks like an e-mail address", name="pat@example.org")
    refused(address, "email", "name@example.org", email="pat")


def test_no_address_at_all(address: str) -> None:
    refused(address, "email", "Write your e-mail address", email="  ")


HOSTILE = {
    "script": "<script>alert(1)</script> is this safe?",
    "handler": 'Is <img src=x onerror="alert(1)"> safe?',
    "svg": "<svg/onload=alert(1)> what is this?",
    "markdown link": "[press me](javascript:alert(1)) and tell me",
    "markdown image": "Look ![x](https://tracker.example/1.png) here",
    "textarea": "</textarea><script>alert(1)</script> still here?",
    "template": "{{ settings.SECRET_KEY }}{% debug %} anything?",
    "emoji": "Is it normal? 🤷🏽‍♀️ 👨‍👩‍👧 🏳️‍🌈",
    "surrogate": "lone \ud83d surrogate?",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_taken_as_text(text: str) -> None:
    """Nobody is turned away for a sign in the text; what is shown of it is harmless."""
    response = Visitor().post(ASK, question_form(text=text.encode("utf-8", "replace").decode()))
    assert response.status_code == 302
    post = Post.objects.latest("pk")
    for page in (Visitor().get(post.get_status_url()), Visitor(factories.moderator()).get("/moderation/")):
        assert page.status_code == 200
        # Moderators' pages load two files of the site's own.
        shown = page.text.replace('<script src="/static/', "")
        assert "<script" not in shown and "<img" not in shown and "<svg" not in shown
        assert 'href="javascript' not in page.text


def test_a_hostile_text_comes_back_escaped(address: str) -> None:
    text = '</textarea><script>alert("x")</script>'
    page = refused(address, "name", "Write the name", name="", text=text)
    assert typed(page, "text") == text and "<script>alert" not in page.text


def test_invisible_characters_are_taken_out_so_that_moderators_see_what_readers_will(address: str) -> None:
    Visitor().post(address, question_form(text="one\u202e two\u200b th\x00ree\ufeff four"))
    post = Post.objects.latest("pk")
    assert post.source == "one two three four"
    assert Revision.objects.get(post=post).source == post.source


# Bodies


def test_a_body_of_2_mb_is_turned_away(address: str) -> None:
    before = counts()
    response = Visitor().post(address, question_form(text="x" * 2_000_000))
    assert response.status_code == 413 and "larger than this site accepts" in response.text
    files = {**question_form(), "file": io.BytesIO(b"x" * 2_000_000)}
    assert Visitor().post(address, files).status_code == 413
    assert counts() == before


def test_a_large_body_that_hides_its_length_saves_nothing(address: str) -> None:
    """Without Content-Length no byte is read: to Django such a form is empty."""
    before = counts()
    body = "text=" + "x" * 2_000_000
    form = "application/x-www-form-urlencoded"
    visitor = Visitor(enforce_csrf_checks=True)
    for length in ("", "0", "nonsense", "-1"):
        response = visitor.generic("POST", address, body, form, CONTENT_LENGTH=length)
        assert response.status_code in {400, 403, 413}
    assert counts() == before


def test_a_form_with_thousands_of_fields_is_a_bad_request(address: str) -> None:
    before = counts()
    response = Visitor().post(address, {**question_form(), **{f"field{n}": "" for n in range(2_500)}})
    assert response.status_code == 400 and "cannot understand" in response.text
    assert counts() == before


def test_a_body_that_is_not_a_form(address: str) -> None:
    before = counts()
    for content_type in ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"):
        assert Visitor().generic("POST", address, '{"text": "x"}', content_type).status_code in {400, 415, 422}
    assert counts() == before


# The CSRF token


def with_token(url: str) -> tuple[Visitor, str]:
    """Return a browser that has opened a page with a form, and the form's token."""
    visitor = Visitor(enforce_csrf_checks=True)
    return visitor, hidden(visitor.get(url), "csrfmiddlewaretoken")


@pytest.mark.parametrize("token", [None, "", "forged" * 10, "x" * 64, "ä\x00"])
def test_a_missing_or_forged_csrf_token(address: str, token: str | None) -> None:
    visitor, _good = with_token(address)
    before = counts()
    form = question_form() if token is None else {**question_form(), "csrfmiddlewaretoken": token}
    response = visitor.post(address, form)
    assert response.status_code == 403
    assert "nothing was saved" in response.text and "Your text is still there" in response.text
    assert counts() == before


def test_a_form_without_the_cookie_or_from_another_site(address: str) -> None:
    visitor, token = with_token(address)
    form = {**question_form(), "csrfmiddlewaretoken": token}
    before = counts()
    assert Visitor(enforce_csrf_checks=True).post(address, form).status_code == 403
    assert visitor.post(address, form, headers={"origin": "https://evil.example"}).status_code == 403
    assert counts() == before
    assert visitor.post(address, form).status_code == 302


@pytest.mark.parametrize("name", ["edit", "withdraw", "confirm"])
def test_pages_behind_a_token_want_the_csrf_token_too(name: str) -> None:
    post = factories.pending()
    assert post.contact is not None
    token = post.contact.token if name == "confirm" else post.status_token
    before = counts()
    response = Visitor(enforce_csrf_checks=True).post(
        reverse(f"forum:{name}", args=[token]), {"text": TEXT, "version": 1}
    )
    assert response.status_code == 403 and counts() == before


# The form's own key


def test_a_double_click_makes_one_post_and_leads_to_the_same_page(address: str) -> None:
    form = question_form()
    first = Visitor().post(address, form)
    once = counts()
    second = Visitor().post(address, form)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert counts() == once


def test_a_second_text_from_an_old_page_makes_a_second_post(address: str) -> None:
    form = question_form()
    before = Post.objects.count()
    Visitor().post(address, form)
    Visitor().post(address, {**form, "text": "Something else: how long does a pump last?"})
    assert Post.objects.count() == before + 2


# Names of their own: a signed key holds the time, and each of several test processes would call its test differently.
FORGED = {"empty": "", "word": "forged", "parts": "a:b:c", "nul": "\x00", "long": "x" * 9_000}
FORGED["signed"] = signing.dumps("odd", salt=forms.KEY_SALT)


@pytest.mark.parametrize("key", FORGED.values(), ids=FORGED)
def test_a_missing_or_forged_form_key(address: str, key: str) -> None:
    before = counts()
    page = Visitor().post(address, question_form(form_key=key, text=TEXT))
    assert page.status_code == 422 and counts() == before
    assert any("could not be read" in line for line in summary(page))
    assert typed(page, "text") == TEXT and typed(page, "email") == "pat@guests.test"
    again = Visitor().post(address, question_form(form_key=hidden(page, "form_key"), text=TEXT))
    assert again.status_code == 302


def test_a_key_of_another_purpose_does_not_pass(address: str) -> None:
    other = signing.dumps(["0123456789abcdef", int(time.time())], salt="something-else")
    assert Visitor().post(address, question_form(form_key=other)).status_code == 422


def test_a_form_that_stood_open_for_a_month_is_taken(address: str, time_machine: Any) -> None:
    """No time limits: some people type slowly."""
    form = question_form()
    time_machine.move_to(timezone.now() + timedelta(days=30))
    assert Visitor().post(address, form).status_code == 302


def test_faster_than_anybody_can_type(address: str, settings: Any, time_machine: Any) -> None:
    settings.ASK_MINIMUM_SECONDS = 3
    visitor = Visitor()
    form = question_form(form_key=hidden(visitor.get(address), "form_key"), text=TEXT)
    before = counts()
    page = visitor.post(address, form)
    assert page.status_code == 422 and counts() == before
    assert any("very fast" in line for line in summary(page))
    assert typed(page, "text") == TEXT
    time_machine.move_to(timezone.now() + timedelta(seconds=4))
    assert visitor.post(address, {**form, "form_key": hidden(page, "form_key")}).status_code == 302


def test_the_honeypot_turns_programs_away_and_helps_people(address: str) -> None:
    before = counts()
    page = Visitor().post(address, question_form(website="https://spam.example", text=TEXT))
    assert page.status_code == 422 and counts() == before
    assert any("hidden field" in line and not link for line, link in summary(page).items())
    assert typed(page, "website") == "" and typed(page, "text") == TEXT
    again = question_form(form_key=hidden(page, "form_key"), text=TEXT)
    assert Visitor().post(address, again).status_code == 302


# Where it should stand


@pytest.mark.parametrize("slug", ["no-such-article", "../../etc/passwd", "ä", "\x00", "x" * 9_000, "draft-article"])
def test_an_article_that_is_not_there(slug: str) -> None:
    factories.article(slug="draft-article", status="draft")
    before = counts()
    page = Visitor().post(ASK, question_form(article=slug, text=TEXT))
    assert page.status_code == 422 and counts() == before
    # NUL comes from no browser; Django has its own words for it.
    assert any("article is not here any more" in line or slug == "\x00" for line in summary(page))
    assert typed(page, "text") == TEXT
    again = Visitor().post(ASK, question_form(article=typed(page, "article"), text=TEXT))
    assert again.status_code == 302
    assert Post.objects.latest("pk").article is None
    assert Visitor().get(ASK, {"article": slug}).status_code == 200


@pytest.mark.parametrize("public_id", ["nosuchpost", "0", "-", "_" * 300])
def test_ids_that_do_not_exist(public_id: str) -> None:
    before = counts()
    guest, member, moderator = Visitor(), Visitor(factories.person()), Visitor(factories.moderator())
    decision = {"move": "publish", "version": 1}
    assert guest.get(f"/questions/{public_id}/").status_code == 404
    assert guest.get(f"/questions/{public_id}/any-title/").status_code == 404
    assert guest.get(f"/posts/{public_id}/").status_code == 404
    assert guest.post(f"/questions/{public_id}/reply/", question_form()).status_code == 404
    assert member.post(f"/questions/{public_id}/follow/").status_code == 404
    assert moderator.get(f"/moderation/{public_id}/").status_code == 404
    assert moderator.post(f"/moderation/{public_id}/decide/", decision).status_code == 404
    assert counts() | {"Contact": 0} == before | {"Contact": 0}


@pytest.mark.parametrize("value", ["nosuchpost", "\x00", "ä", "' OR 1=1 --", "x" * 5_000])
@pytest.mark.parametrize("parameter", ["from", "to"])
def test_pages_that_start_nowhere(parameter: str, value: str) -> None:
    assert Visitor().get("/questions/", {parameter: value}).status_code == 404
    assert Visitor(factories.moderator()).get("/moderation/", {parameter: value}).status_code == 404


@pytest.mark.parametrize("value", ["x", "-1", "\x00", "٣", "9" * 30])
def test_log_pages_that_start_nowhere(value: str) -> None:
    assert Visitor(factories.moderator()).get("/moderation/log/", {"before": value}).status_code == 404


@pytest.mark.parametrize("name", ["status", "edit", "withdraw", "confirm", "unsubscribe"])
@pytest.mark.parametrize("kind", ["unknown", "almost", "public id", "of another purpose"])
def test_wrong_tokens(name: str, kind: str) -> None:
    """A token opens its own page and no other: a status link does not unsubscribe, an unsubscribe link does not edit."""
    post = factories.pending()
    assert post.contact is not None
    subscription = post.subscriptions.get()
    tokens = {"status": post.status_token, "confirm": post.contact.token, "unsubscribe": subscription.token}
    right = tokens.get(name, post.status_token)
    other = next(token for token in tokens.values() if token != right)
    token = {
        "unknown": "A" * 32,
        "almost": right[:-1] + ("a" if right[-1] != "a" else "b"),
        "public id": post.public_id,
        "of another purpose": other,
    }[kind]
    before = counts()
    url = reverse(f"forum:{name}", args=[token])
    assert Visitor().get(url).status_code == 404
    if name != "status":
        assert Visitor().post(url, {"text": TEXT, "version": post.version}).status_code == 404
    post.refresh_from_db()
    assert counts() == before and post.state == State.PENDING and post.revision == 1


METHODS = {
    "home": ("/", {"GET"}),
    "questions": ("/questions/", {"GET"}),
    "ask": (ASK, {"GET", "POST"}),
    "question": ("/questions/{public}/{slug}/", {"GET"}),
    "reply": ("/questions/{public}/reply/", {"GET", "POST"}),
    "follow": ("/questions/{public}/follow/", {"POST"}),
    "post": ("/posts/{public}/", {"GET"}),
    "status": ("/p/{status}/", {"GET"}),
    "edit": ("/p/{status}/edit/", {"GET", "POST"}),
    "withdraw": ("/p/{status}/withdraw/", {"GET", "POST"}),
    "confirm": ("/confirm/{confirm}/", {"GET", "POST"}),
    "unsubscribe": ("/unsubscribe/{unsubscribe}/", {"GET", "POST"}),
    "me": ("/me/", {"GET"}),
    "feed": ("/feeds/questions/", {"GET"}),
    "queue": ("/moderation/", {"GET"}),
    "log": ("/moderation/log/", {"GET"}),
    "moderation post": ("/moderation/{held}/", {"GET"}),
    "decide": ("/moderation/{held}/decide/", {"POST"}),
    "robots": ("/robots.txt", {"GET"}),
    "healthz": ("/healthz", {"GET"}),
    "readyz": ("/readyz", {"GET"}),
}


@pytest.mark.parametrize(("pattern", "allowed"), METHODS.values(), ids=METHODS)
def test_wrong_methods_get_a_clear_page_and_change_nothing(pattern: str, allowed: set[str]) -> None:
    moderator = Visitor(factories.moderator())
    public, held = factories.published(), factories.pending()
    assert held.contact is not None
    url = pattern.format(
        public=public.public_id,
        slug=public.slug,
        held=held.public_id,
        status=held.status_token,
        confirm=held.contact.token,
        unsubscribe=held.subscriptions.get().token,
    )
    before = counts()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        response = moderator.generic(method, url)
        assert response.status_code == 405, method
        assert "Nothing was changed" in response.text
        assert allowed <= set(response["Allow"].split(", "))
        assert int(response["Content-Length"]) == len(response.content)
    held.refresh_from_db()
    assert counts() == before and held.state == State.PENDING and not held.contact.is_confirmed


# Too much at once


def test_too_many_posts_from_one_network_keep_their_text(address: str, settings: Any) -> None:
    settings.ASK_PER_NETWORK_HOUR = 2
    for _ in range(2):
        assert Visitor(REMOTE_ADDR="192.0.2.7").post(address, question_form()).status_code == 302
    before = counts()
    page = Visitor(REMOTE_ADDR="192.0.2.200").post(address, question_form(text=TEXT))
    assert page.status_code == 429 and counts() == before
    assert any("your text is still here" in line for line in summary(page))
    assert typed(page, "text") == TEXT and typed(page, "name") == "Pat"
    assert Visitor(REMOTE_ADDR="198.51.100.7").post(address, question_form()).status_code == 302


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.7", "192.0.2.200", True),
        ("192.0.2.7", "192.0.3.7", False),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("::ffff:192.0.2.7", "192.0.2.9", True),
        ("::ffff:192.0.2.7", "::ffff:198.51.100.7", False),
    ],
)
def test_which_visitors_share_a_network(first: str, second: str, same: bool, settings: Any) -> None:
    settings.ASK_PER_NETWORK_HOUR = 1
    assert Visitor(REMOTE_ADDR=first).post(ASK, question_form()).status_code == 302
    expected = 429 if same else 302
    assert Visitor(REMOTE_ADDR=second).post(ASK, question_form()).status_code == expected


def test_too_many_posts_from_one_address(address: str, settings: Any) -> None:
    settings.ASK_PER_ADDRESS_DAY = 2
    for email in ("pat@guests.test", "PAT@Guests.test"):
        assert Visitor().post(address, question_form(email=email)).status_code == 302
    refused(address, "email", "used for many posts today", status=429)
    assert Visitor().post(address, question_form(email="sam@guests.test")).status_code == 302


# Somebody else's posts


def test_signed_in_people_cannot_touch_the_posts_of_others_through_any_form() -> None:
    post = factories.pending(user=factories.person())
    before = counts()
    for user in (factories.person(), factories.physician()):
        visitor = Visitor(user)
        assert visitor.get(f"/questions/{post.public_id}/{post.slug}/").status_code == 404
        assert visitor.get(f"/moderation/{post.public_id}/").status_code == 403
        assert (
            visitor.post(f"/moderation/{post.public_id}/decide/", {"move": "publish", "version": 1}).status_code == 403
        )
    post.refresh_from_db()
    assert post.state == State.PENDING and counts() | {"Contact": 0} == before | {"Contact": 0}


# Editing


@pytest.mark.parametrize(
    ("text", "words"), [(" \u200b ", "Write your text"), ("x" * 5_001, "1 characters too long")], ids=["empty", "long"]
)
def test_a_bad_edit_changes_nothing(text: str, words: str) -> None:
    post = factories.pending()
    before = counts()
    page = Visitor().post(f"/p/{post.status_token}/edit/", {"text": text, "version": 1})
    assert page.status_code == 422 and counts() == before
    assert words in error_beside(page, "text")
    assert typed(page, "text") == text.replace("\r\n", "\n")
    post.refresh_from_db()
    assert post.revision == 1 and post.version == 1


@pytest.mark.parametrize(
    "version", ["", "x", "-1", "0", "1.5", "9" * 5_000, "\x00"], ids=lambda value: ascii(value)[:9]
)
def test_an_edit_without_a_readable_version_keeps_the_text_and_can_be_sent_again(version: str) -> None:
    post = factories.pending()
    url = f"/p/{post.status_token}/edit/"
    page = Visitor().post(url, {"text": TEXT, "version": version})
    assert page.status_code == 422
    assert any("could not be read" in line for line in summary(page))
    assert typed(page, "text") == TEXT
    assert Visitor().post(url, {"text": TEXT, "version": hidden(page, "version")}).status_code == 302


@pytest.mark.parametrize("version", [2, 99, 10**18, 10**30])
def test_an_edit_of_another_version_keeps_the_text_to_copy(version: int) -> None:
    post = factories.pending()
    before = counts()
    page = Visitor().post(f"/p/{post.status_token}/edit/", {"text": TEXT, "version": version})
    assert page.status_code == 409 and counts() == before
    assert "What you typed" in page.text and TEXT in page.text


@pytest.mark.parametrize("move", [Move.PUBLISH, Move.REJECT, Move.SPAM])
def test_an_edit_that_a_decision_overtook_keeps_the_text_to_copy(move: Move) -> None:
    post = factories.pending()
    factories.decide(post, move)
    before = counts()
    page = Visitor().post(f"/p/{post.status_token}/edit/", {"text": TEXT, "version": 1})
    assert page.status_code == 409 and counts() == before
    assert TEXT in page.text and "was not saved" in page.text
    # What is public can be corrected, from the text as it stands now.
    again = 200 if move == Move.PUBLISH else 409
    assert Visitor().get(f"/p/{post.status_token}/edit/").status_code == again


# Deciding


def decide(post: Post, *, by: Any = None, **fields: Any) -> Any:
    """Send a decision as a moderator's browser does."""
    visitor = Visitor(by or factories.moderator())
    return visitor.post(f"/moderation/{post.public_id}/decide/", {"version": post.version, **fields})


@pytest.mark.parametrize("move", [Move.RETURN, Move.REJECT])
@pytest.mark.parametrize("reason", ["", "  \n", "\u200b"], ids=ascii)
def test_a_decision_that_needs_a_reason_is_not_taken_without(move: Move, reason: str) -> None:
    post = factories.pending()
    factories.moderator()
    before = counts()
    page = decide(post, move=move, reason=reason)
    assert page.status_code == 422
    assert "Write a reason" in error_beside(page, "reason")
    assert any(link == "#id_reason" for link in summary(page).values())
    post.refresh_from_db()
    assert post.state == State.PENDING and counts() == before


def test_a_reason_that_is_too_long_is_kept() -> None:
    post = factories.pending()
    before = counts()
    page = decide(post, move="return", reason="w" * 1_001)
    assert page.status_code == 422
    assert "Please shorten it to 1,000 characters." in error_beside(page, "reason")
    assert typed(page, "reason") == "w" * 1_001 and counts() == before
    assert decide(post, move="return", reason="w" * 1_000).status_code == 302


@pytest.mark.parametrize("reason", ["Write to mo7f3a@members.test.", "Write to mo7f3a at members dot com"])
def test_an_address_in_a_reason_goes_to_nobody(reason: str) -> None:
    post = factories.pending()
    before = counts()
    page = decide(post, move="return", reason=reason)
    assert page.status_code == 422 and "leave out e-mail addresses" in error_beside(page, "reason")
    assert typed(page, "reason") == reason and counts() == before


@pytest.mark.parametrize("move", ["", "edit", "submit", "withdraw", "PUBLISH", "\x00", "x" * 500], ids=ascii)
def test_a_move_that_is_no_decision(move: str) -> None:
    post = factories.pending()
    before = counts()
    page = decide(post, move=move, reason="Because.")
    assert page.status_code == 422 and summary(page)
    assert typed(page, "reason") == "Because."
    post.refresh_from_db()
    assert post.state == State.PENDING and counts() == before


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "9" * 5_000], ids=lambda value: ascii(value)[:9])
def test_a_decision_without_a_readable_version(version: str) -> None:
    post = factories.pending()
    before = counts()
    page = decide(post, move="return", reason="Because.", version=version)
    assert page.status_code == 422 and counts() == before
    assert typed(page, "reason") == "Because."
    assert hidden(page, "version") == "1"


@pytest.mark.parametrize("version", [2, 10**18, 10**30])
def test_a_decision_on_a_version_that_never_was(version: int) -> None:
    post = factories.pending()
    before = counts()
    assert decide(post, move="publish", version=version).status_code == 409
    assert counts() == before


def test_deciding_twice_makes_one_decision_and_one_mail() -> None:
    post = factories.pending()
    factories.confirmed(post)
    first, second = factories.moderator("Ada First"), factories.moderator("Bo Second")
    assert decide(post, by=first, move="return", reason="Please leave out the name.").status_code == 302
    before = counts()
    page = decide(post, by=second, move="reject", reason="No.")
    assert page.status_code == 409 and counts() == before
    assert "Ada First" in page.text and "sent it back" in page.text and "was not carried out" in page.text
    assert "No." in page.text
    assert Delivery.objects.filter(post=post).exclude(kind__in=("confirm", "received")).count() == 1


def test_a_moderators_double_click_is_one_decision() -> None:
    post = factories.pending()
    moderator = factories.moderator()
    assert decide(post, by=moderator, move="publish").status_code == 302
    before = counts()
    assert decide(post, by=moderator, move="publish").status_code == 409
    assert counts() == before


def test_a_decision_on_a_text_that_was_edited_meanwhile_is_not_carried_out() -> None:
    post = factories.pending()
    submit.edit(Post.objects.get(pk=post.pk), "A harmless text turned into another.", actor=None, version=1)
    before = counts()
    assert decide(post, move="publish").status_code == 409
    assert Post.objects.get(pk=post.pk).state == State.PENDING and counts() == before


def test_a_move_that_the_state_does_not_allow() -> None:
    post = factories.pending()
    assert decide(post, move="remove", reason="Because.").status_code == 409
    assert Post.objects.get(pk=post.pk).state == State.PENDING


# What stays out of the log


def test_the_log_holds_no_text_no_address_no_token_whatever_goes_wrong(written: io.StringIO, settings: Any) -> None:  # noqa: F811 - the fixture
    secret, name, email = "Geheimtext7f3a über Baclofen", "Geheimname7f3a", "geheim7f3a@guests.test"
    form = question_form(text=secret, name=name, email=email)
    post = factories.pending(secret, name=name, address=email)
    assert post.contact is not None
    private = [f"/p/{post.status_token}/edit/", f"/p/{post.status_token}/withdraw/", f"/confirm/{post.contact.token}/"]
    strict = Visitor(enforce_csrf_checks=True, HTTP_REFERER=f"https://evil.example/p/{post.status_token}/")
    settings.ASK_PER_NETWORK_HOUR = 1
    for bad in (
        {},
        {"text": ""},
        {"email": email + "@"},
        {"form_key": secret},
        {"website": secret},
        {"text": "x" * 9_000},
    ):
        Visitor().post(ASK, {**form, **bad})
    for url in [ASK, *private]:
        strict.post(url, {**form, "version": 1})
        Visitor().generic("DELETE", url)
    Visitor().post(private[0], {"text": secret * 400, "version": 1})
    Visitor().post(ASK, {**form, **{f"{secret}{n}": secret for n in range(2_500)}})
    Visitor().post(ASK, {**form, "text": secret * 20_000})
    Visitor().get(ASK, {"article": secret, "email": email})
    Visitor(SERVER_NAME="evil.example").get(private[0])
    log = written.getvalue()
    assert '"event": "request"' in log and "Forbidden" in log
    for word in ("geheim7f3a", "Geheimtext7f3a", "Geheimname7f3a", post.status_token, post.contact.token):
        assert word not in log, [line for line in log.splitlines() if word in line][:3]


def test_a_failure_that_nobody_expected_is_logged_without_what_was_typed(
    written: io.StringIO,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("Geheimtext7f3a geheim7f3a@guests.test")

    monkeypatch.setattr(submit, "submit", fail)
    client: Client = Visitor(raise_request_exception=False)
    response = client.post(ASK, question_form(text="Geheimtext7f3a", email="geheim7f3a@guests.test"))
    assert response.status_code == 500 and "7f3a" not in response.text
    log = written.getvalue()
    assert '"error": "RuntimeError"' in log and '"frames"' in log, "what failed and where is there to be found"
    assert "7f3a" not in log


def test_nothing_is_saved_by_half_when_the_last_step_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts()
    for module, broken in ((announce, "announce"), (submit, "_contact")):
        with monkeypatch.context() as patch:
            patch.setattr(module, broken, lambda *args: 1 / 0)
            assert Visitor(raise_request_exception=False).post(ASK, question_form()).status_code == 500
        assert counts() == before


# Links that were used before


def test_a_confirmation_link_that_was_used_or_is_too_old() -> None:
    post = factories.pending()
    assert post.contact is not None
    url = f"/confirm/{post.contact.token}/"
    assert Visitor().post(url, {"answer": "me"}).status_code == 200
    confirmed_at = Contact.objects.get(pk=post.contact.pk).confirmed_at
    again = Visitor().post(url, {"answer": "me"})
    assert again.status_code == 200 and "is confirmed" in again.text
    assert Contact.objects.get(pk=post.contact.pk).confirmed_at == confirmed_at
    Contact.objects.filter(pk=post.contact.pk).update(address="", confirmed_at=None)
    gone = Visitor().get(url)
    assert gone.status_code == 410 and "expired" in gone.text
    assert Visitor().post(url, {"answer": "me"}).status_code == 410
