"""A reply form that stood open while its writer's recognition began or ended."""

import pytest

from accounts.models import Credential, User
from forum.models import Post
from forum.physicians import credential_steps
from forum.posts import submit
from tests import factories
from tests.forum.physicians.test_directory import fresh, lapse
from tests.forum.views.credentials.people import REASON, Signed
from tests.support.visitors import hidden, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
TEXT = "Please ask for a trial dose first."


def opened(user: User, question: Post) -> tuple[Signed, dict[str, str]]:
    """Return a browser with the form open, and what it will send."""
    visitor = Signed(fresh(user))
    page = visitor.get(question.get_absolute_url())
    names = ("form_key", "writes_as")
    return visitor, {"text": TEXT, "website": "", **{name: hidden(page, name) for name in names}}


@pytest.mark.parametrize("end", ["lapse", "withdraw"])
def test_nothing_is_posted_from_an_old_page_and_it_can_go_on_as_a_members_reply(end: str) -> None:
    credential, question = factories.recognised(), factories.published()
    visitor, form = opened(credential.user, question)
    url, before = f"/questions/{question.public_id}/reply/", Post.objects.count()
    if end == "lapse":
        lapse(credential)
    else:
        credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    page = visitor.post(url, form)
    assert page.status_code == 409 and Post.objects.count() == before
    assert typed(page, "text") == TEXT
    [said] = summary(page)
    assert "no longer in force" in said and "ordinary member" in said
    assert f"You are writing as <strong>{credential.user.name}</strong>" in page.text

    again = {**form, "form_key": hidden(page, "form_key"), "writes_as": hidden(page, "writes_as")}
    assert visitor.post(url, again).status_code == 302
    reply = Post.objects.latest("pk")
    assert (reply.credential, reply.state, reply.name) == (None, "pending", credential.user.name)


def test_who_has_become_a_physician_meanwhile_is_told_before_the_full_name_appears() -> None:
    ann, question = factories.person("Ann"), factories.published()
    visitor, form = opened(ann, question)
    factories.recognised(ann)
    page = visitor.post(f"/questions/{question.public_id}/reply/", form)
    assert page.status_code == 409 and "under your full name" in next(iter(summary(page)))
    again = {**form, "writes_as": hidden(page, "writes_as")}
    visitor.post(f"/questions/{question.public_id}/reply/", again)
    assert Post.objects.latest("pk").name == "Dr Ann Asker"


def test_a_renewal_meanwhile_stops_nothing() -> None:
    credential, question = factories.recognised(), factories.published()
    visitor, form = opened(credential.user, question)
    lapse(credential)
    renewed = factories.recognised(fresh(credential.user))
    assert visitor.post(f"/questions/{question.public_id}/reply/", form).status_code == 302
    assert Post.objects.latest("pk").credential == renewed


@pytest.mark.parametrize("word", ["", "member", "forged.signature", "x" * 5_000])
def test_a_forged_or_missing_word_gains_no_badge(word: str) -> None:
    credential, question = factories.recognised(), factories.published()
    visitor, form = opened(credential.user, question)
    lapse(credential)
    visitor.post(f"/questions/{question.public_id}/reply/", {**form, "writes_as": word})
    assert Post.objects.latest("pk").credential is None
    assert Credential.objects.get() == credential


def test_another_persons_word_gains_no_badge_either() -> None:
    credential, question = factories.recognised(), factories.published()
    _theirs, form = opened(credential.user, question)
    mel = Signed(factories.person("Mel"))
    page = mel.post(f"/questions/{question.public_id}/reply/", form)
    assert page.status_code == 409 and not Post.objects.filter(author__name="Mel").exists()


def test_a_held_reply_changed_after_the_credential_ended_is_a_members_reply() -> None:
    credential, question = factories.recognised(), factories.published()
    held = factories.pending("Ring me on +44 20 7946 0958.", user=fresh(credential.user), question=question)
    assert held.state == "pending" and held.credential == credential
    held = Post.objects.get(pk=held.pk)
    submit.edit(held, "Ring your team.", actor=held.author, version=held.version)
    assert Post.objects.get(pk=held.pk).credential == credential, "it is in force"
    lapse(credential)
    held = Post.objects.get(pk=held.pk)
    submit.edit(held, "Ring your own team.", actor=held.author, version=held.version)
    held = Post.objects.get(pk=held.pk)
    assert (held.credential, held.name) == (None, credential.user.name)
    assert held.holds.filter(revision=3, rule="first-post").exists(), "no longer read as a physician's"
