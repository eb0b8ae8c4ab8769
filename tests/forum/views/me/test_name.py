"""/me/name/: the name changes wherever it is shown, and nobody can take a volunteer's."""

import pytest
from django.test import override_settings

from accounts.models import HIDDEN_NAME
from accounts.names import folded
from forum.models import Post, Sanction
from forum.moderation import sanctions
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, question_form  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def test_the_new_name_stands_under_everything_that_shows_the_old_one() -> None:
    article = factories.article()
    member, visitor = factories.person("Old Name"), None
    visitor = Visitor(member)
    question = factories.published("Shall I rest?", user=member, article=article)
    waiting = factories.pending("Shall I walk?", user=member)
    hidden = factories.published("Shall I hide?", user=member)
    Post.objects.filter(pk=hidden.pk).update(name=HIDDEN_NAME, is_name_hidden=True)
    version = Post.objects.get(pk=question.pk).version
    page = visitor.post("/me/name/", {"name": "  New   Name "}, follow=True).text
    assert "shown as “New Name” now" in page and "Hello, New Name" in page
    names = {post.pk: post.name for post in Post.objects.all()}
    assert names == {question.pk: "New Name", waiting.pk: "New Name", hidden.pk: HIDDEN_NAME}
    assert "New Name" in Visitor().get(question.get_absolute_url()).text
    # A moderator who has the post open decides on what they saw: a name is no conflict.
    assert Post.objects.get(pk=question.pk).version == version


def test_a_kept_article_page_shows_the_new_name_at_once() -> None:
    article, member = factories.article(), factories.person("Old Name")
    question = factories.published("Shall I rest?", user=member, article=article)
    earlier = Post.objects.get(pk=question.pk).changed_at
    assert "Old Name" in Visitor().get(f"/articles/{article.slug}/").text
    Visitor(member).post("/me/name/", {"name": "New Name"})
    assert "Old Name" not in Visitor().get(f"/articles/{article.slug}/").text
    assert Post.objects.get(pk=question.pk).changed_at > earlier


def test_an_answer_keeps_the_name_that_was_checked() -> None:
    physician = factories.physician("Ada Lang")
    question = factories.published("Shall I rest?")
    from forum.posts import submit

    answer = submit.submit(factories.draft("Ask your team.", user=physician, question=question))
    Visitor(physician).post("/me/name/", {"name": "Somebody Else"})
    answer.refresh_from_db()
    assert answer.name == "Dr Ada Lang"


@pytest.mark.parametrize(
    "name",
    ["Dr Phil Good", "phil  GOOD", "Prof. Phíl Good", "Mo Moderator", "mo_moderator", "Prof. Dr. med. Phil Good"],
)
def test_nobody_takes_a_volunteers_name(name: str) -> None:
    factories.physician("Phil Good")
    factories.moderator("Mo Moderator")
    member = factories.person("Mel")
    page = Visitor(member).post("/me/name/", {"name": name})
    assert page.status_code == 422 and "A volunteer on this site goes by this name" in page.text
    assert page.context["form"]["name"].value() == name, "what was typed is still there"
    member.refresh_from_db()
    assert member.name == "Mel"
    asked = Visitor().post("/questions/ask/", question_form(name=name))
    assert asked.status_code == 422 and "A volunteer on this site goes by this name" in asked.text
    joined = Visitor().post(
        "/accounts/signup/", {"name": name, "email": "n@members.test", "password1": "long enough 1"}
    )
    assert "A volunteer on this site goes by this name" in joined.text


def test_volunteers_keep_their_own_name() -> None:
    moderator = factories.moderator("Mo Moderator")
    assert Visitor(moderator).post("/me/name/", {"name": "Mo Moderator"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Write the name"),
        ("ann@guests.test", "looks like an e-mail address"),
        ("https://x.test", "leave web addresses out"),
        ("x" * 81, "80"),
        ("\u202egnal", "special control characters"),
    ],
)
def test_a_wrong_name_is_explained_beside_the_field(name: str, words: str) -> None:
    page = Visitor(factories.person("Mel")).post("/me/name/", {"name": name})
    assert page.status_code == 422
    assert words in page.text and 'id="id_name_error"' in page.text


@override_settings(NAMES_PER_DAY=2)
def test_too_many_changes_keep_what_was_typed() -> None:
    visitor = Visitor(factories.person("Mel"))
    for name in ("One", "Two"):
        assert visitor.post("/me/name/", {"name": name}).status_code == 302
    page = visitor.post("/me/name/", {"name": "Three"})
    assert page.status_code == 429 and 'value="Three"' in page.text
    # Saying the same name again is no change.
    assert visitor.post("/me/name/", {"name": "Two"}).status_code == 302


@pytest.mark.parametrize(("one", "other"), [("Dr Ann Lee", "ann lee"), ("Ann-Lee", "Ann Lee"), ("ＡＮＮ", "ann")])
def test_what_a_hasty_reader_takes_for_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_other_names_stay_free() -> None:
    assert folded("Ann Lee") != folded("Ann Leeds")


@pytest.mark.parametrize(("kind", "status"), [("hold", 403), ("pause", 403), ("mute", 302)])
def test_who_may_not_write_freely_does_not_write_by_their_name(kind: str, status: int) -> None:
    """A new name stands under public posts at once: a moderator's measure would be worth nothing."""
    member = factories.person("Mel")
    question = factories.published("Shall I rest?", user=member)
    visitor = Visitor(member)
    sanctions.impose(member, sanctions.Measure(Sanction.Kind(kind), 7, "Be kind."), actor=factories.moderator())
    page = visitor.post("/me/name/", {"name": "Cheap Pills"})
    if page.status_code == status == 403:
        assert "measure is in force" in page.text and 'value="Cheap Pills"' in page.text
        assert visitor.post("/me/name/", {"name": "Mel"}).status_code == 302, "the same name is no change"
    question.refresh_from_db()
    assert (question.name == "Cheap Pills") == (status == 302)
