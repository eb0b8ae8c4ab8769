"""The zip: what is in it, what is not, for members and guests, and for somebody of whom nothing is stored."""

import io
import json
import zipfile
from typing import Any

import html5lib
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts import addresses, suppressions
from accounts.models import Contact, CredentialRequest, Suppression
from forum.models import AnswerDraft, Helped, InboundMail, Note, Report, Snippet
from forum.moderation import sanctions
from forum.posts import access, reports, submit
from forum.privacy import export
from forum.privacy.subject import Subject
from forum.states import Move
from tests import factories
from tests.forum.views.shared.test_data_pages_matrix import signed_in
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def opened(packed: bytes) -> tuple[dict[str, Any], str]:
    """Return data.json and index.html of the zip, which holds nothing else."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["data.json", "index.html"]
        page = archive.read("index.html").decode()
        return json.loads(archive.read("data.json")), page


def valid(page: str) -> None:
    """The page is valid HTML, runs nothing and fetches nothing."""
    html5lib.HTMLParser(strict=True).parse(page)
    assert "<script" not in page and "src=" not in page and "<link" not in page


def test_a_members_export_has_everything_and_nothing_about_others() -> None:
    user = factories.physician("Ada Lang")
    other = factories.published("Which secret has this other person?", name="Nosy Neighbour")
    mine = factories.pending("First words of mine?", user=user)
    moderator = factories.moderator("Mo Moderator")
    factories.decide(mine, Move.RETURN, by=moderator, reason="Please tell more.")
    submit.edit(mine, "Second words of mine?", actor=user, version=mine.version)
    submit.submit(factories.draft("An answer of mine.", user=user, question=other))
    Note.objects.create(post=mine, author=moderator, text="Hidden note about Ada.")
    reports.file(other, access.Reader.of(user, ""), reason="other", note="A note of mine", form_key="1")
    Helped.objects.create(post=other, user=user, reader_key=f"member:{user.pk}")
    AnswerDraft.objects.create(author=user, question=other, text="A draft of mine")
    Snippet.objects.create(author=user, title="Mine", text="A snippet of mine")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    asked = {
        "full_name": "Dr Ada Lang",
        "licence_number": "LIC-4711",
        "jurisdiction": "Utopia",
        "specialty": "Neurology",
    }
    CredentialRequest.objects.create(user=user, **asked, check_note="Hidden check note")
    suppressions.suppress(Subject.member(user).keys[0], Suppression.Reason.HARD, "550 5.1.1 Nobody here")
    InboundMail.objects.create(key="1", outcome="refused", reason="expired", contact=Contact.objects.for_user(user))
    sanctions.impose(user, sanctions.Measure("hold", 7, "Please be kinder."), actor=moderator)
    data, page = opened(export.archive(Subject.member(user)))
    valid(page)
    assert [row["name"] for row in data["profile"]] == ["Ada Lang"]
    assert data["addresses"] == [{"address": EmailAddress.objects.get(user=user).email}]
    assert {row["text"] for row in data["posts"]} == {"Second words of mine?", "An answer of mine."}
    assert [row["text"] for row in data["posts"][0]["versions"]] == ["First words of mine?", "Second words of mine?"]
    told = [(row["by"], row["reason_told"]) for row in data["decisions"] if row["reason_told"]]
    assert told == [("a volunteer of the site", "Please tell more.")]
    assert data["mail_that_came_back"][0]["the_server_said"] == "550 5.1.1 Nobody here"
    assert data["answers_by_mail"][0]["why"] == "expired"
    for section in ("subscriptions", "deliveries", "credentials", "reports", "helped", "drafts", "snippets"):
        assert data[section], section
    assert data["credential_requests"][0]["licence_number"] == "LIC-4711"
    assert data["sanctions"][0]["reason_told"] == "Please be kinder."
    assert [set(row) for row in data["authenticators"]] == [{"what", "since", "last_used_at"}]
    everything = json.dumps(data, ensure_ascii=False) + page
    for others in ("Nosy", "Neighbour", "which-secret", "Mo Moderator", "Hidden note", "Hidden check", "JBSWY3DP"):
        assert others not in everything, others
    for own in ("Second words of mine?", "A draft of mine", "LIC-4711", "Please be kinder."):
        assert own in page, own


def test_what_a_member_wrote_as_a_guest_from_the_same_address_is_in_it() -> None:
    user = factories.person("Ada", address="ada@members.test")
    factories.pending("Written before I joined?", address="ada@members.test")
    EmailAddress.objects.create(user=user, email="not-mine@guests.test", verified=False)
    factories.pending("Somebody else's words?", address="not-mine@guests.test")
    data, _page = opened(export.archive(Subject.member(user)))
    assert [row["text"] for row in data["posts"]] == ["Written before I joined?"]


def test_a_guests_export() -> None:
    factories.pending("A guest's <b>words</b>?", name="Gwen", address="gwen@guests.test")
    factories.pending("Another guest's words?", address="other@guests.test")
    data, page = opened(export.archive(Subject.guest(addresses.key_of("gwen@guests.test"))))
    valid(page)
    assert [row["text"] for row in data["posts"]] == ["A guest's <b>words</b>?"]
    assert data["addresses"] == [{"address": "gwen@guests.test"}]
    assert data["profile"] == data["sessions"] == []
    assert "&lt;b&gt;words" in page and "<b>" not in page


def test_an_export_of_nothing_is_clear() -> None:
    data, page = opened(export.archive(Subject.guest("no such key")))
    valid(page)
    assert data["posts"] == [] and data["addresses"] == []
    assert "Nothing is stored." in page


def test_it_comes_as_a_file_whose_name_tells_nothing_and_leaves_none_behind(settings: Any) -> None:
    user = factories.person("Ada Lang")
    answer = signed_in(user).post("/me/data/export/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    assert "no-store" in answer["Cache-Control"]
    data, _page = opened(answer.content)
    assert data["profile"][0]["name"] == "Ada Lang"
    assert not settings.MEDIA_ROOT.exists()


def test_too_many_exports_from_one_network_have_to_wait(settings: Any) -> None:
    settings.DATA_PER_NETWORK_HOUR = 1
    visitor = signed_in(factories.person("Ada"))
    assert visitor.post("/me/data/export/").status_code == 200
    answer = visitor.post("/me/data/export/")
    assert answer.status_code == 429 and "Please wait a little" in answer.text


def test_whoever_signed_in_long_ago_types_the_password_first_and_then_gets_the_file() -> None:
    user = factories.person("Ada")
    visitor = signed_in(user, just_now=False)
    asked = visitor.post("/me/data/export/")
    assert asked.status_code == 302 and "/accounts/reauthenticate/" in asked["Location"]
    answer = visitor.post(asked["Location"], {"password": factories.PASSWORD})
    assert answer["Content-Type"] == "application/zip"
    assert Report.objects.count() == 0
    assert Visitor().get("/me/data/").status_code == 302
