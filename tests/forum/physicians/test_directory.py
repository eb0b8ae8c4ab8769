"""What readers see: the list, a physician's page, and the badges of answers as credentials lapse, are renewed, end."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Credential, User
from forum.models import Post
from forum.physicians import credential_steps
from tests import factories
from tests.forum.views.credentials.people import NOTE, REASON, Signed
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
WAS = "Was a verified physician when this was written"
SHOP = "I would look at https://www.amazon.co.uk/dp/1 for such shoes."


def lapse(credential: Credential, *, days_ago: int = 1) -> None:
    """Let the credential's last day be past."""
    day = timezone.localdate() - timedelta(days=days_ago)
    Credential.objects.filter(pk=credential.pk).update(valid_from=day - timedelta(days=365), valid_until=day)


def fresh(user: User) -> User:
    """Return the person without what an earlier question about rights has remembered."""
    return User.objects.get(pk=user.pk)


def answered(user: User, text: str = "Ask for a trial dose first.") -> Post:
    """Return the person's public answer to a question."""
    answer = factories.pending(text, user=fresh(user), question=factories.published())
    assert answer.is_public and answer.credential_id
    return answer


def page_of(credential: Credential) -> str:
    """Return the physician's public page."""
    return f"/physicians/{credential.public_id}/"


def thread_of(answer: Post) -> str:
    """Return the text of the page where the answer stands."""
    assert answer.question
    return str(Visitor().get(answer.question.get_absolute_url()).text)


def test_the_page_shows_who_it_is_what_was_checked_and_the_answers() -> None:
    with time_machine.travel(date(2026, 11, 5), tick=True):
        credential = factories.recognised(conflicts="A maker of pumps <paid> a journey.", jurisdiction="Bavaria")
        answers = [answered(credential.user, f"Answer number {number}.") for number in range(3)]
        page = Visitor().get(page_of(credential)).text
    for words in ("Dr Ann Asker", "Neurology", "Bavaria", "&lt;paid&gt;", "icence checked in November 2026"):
        assert words in page
    places = [page.index(f"#post-{answer.public_id}") for answer in answers]
    assert places == sorted(places, reverse=True), "the newest answer does not come first"
    badge = thread_of(answers[0])
    assert "Licence checked in November 2026" in badge and f'href="{page_of(credential)}"' in badge
    assert WAS not in badge


def test_the_site_map_has_the_list_and_who_is_on_it() -> None:
    ann, lapsed, closed = (factories.recognised(full_name=name) for name in ("Dr Ann", "Dr Lapsed", "Dr Closed"))
    lapse(lapsed)
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    site_map = Visitor().get("/sitemap.xml").text
    assert "/physicians/</loc>" in site_map and page_of(ann) in site_map
    assert page_of(lapsed) not in site_map and page_of(closed) not in site_map


def test_the_list_names_those_in_force_once_each_by_name() -> None:
    zoe, ann = (factories.recognised(full_name=name) for name in ("Dr Zoe", "Dr Ann"))
    lapsed, closed = (factories.recognised(full_name=name) for name in ("Dr Lapsed", "Dr Closed"))
    lapse(lapsed)
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    Credential.objects.filter(pk=zoe.pk).update(valid_until=timezone.localdate() + timedelta(days=20))
    renewed = factories.recognised(fresh(zoe.user), full_name="Dr Zoe")
    page = Visitor().get("/physicians/").text
    assert page.count("Dr Zoe") == 1 and page.index(page_of(ann)) < page.index(page_of(renewed))
    assert "Dr Lapsed" not in page and "Dr Closed" not in page


def test_lists_go_on_by_key_and_cost_the_same() -> None:
    visitor, costs = Signed(factories.checker()), []
    urls = ("/physicians/", "/credentials/", "/credentials/in-force/")
    for more in (3, 40):
        for number in range(more):
            factories.asked(full_name=f"Dr Waits {number}")
            factories.recognised(full_name=f"Dr {more} {number:02}")
        for url in urls:
            visitor.get(url)
            with CaptureQueriesContext(connection) as captured:
                visitor.get(url)
            costs.append(len(captured))
    assert costs[:3] == costs[3:]
    for url, size in zip(urls, (20, 20, 30), strict=True):
        first = visitor.get(url)
        forward = first.text.split('rel="next" href="')[1].split('"')[0]
        second = visitor.get(f"{url}{forward}").text
        names = {line.split("</a>")[0].split(">")[-1] for line in (first.text + second).split('<li><a href="/')[1:]}
        assert len([name for name in names if name.startswith("Dr ")]) >= 2 * min(size, 20), url
        back = second.split('rel="prev" href="')[1].split('"')[0]
        assert visitor.get(f"{url}{back}").status_code == 200


def test_a_page_of_answers_costs_the_same_and_goes_on_by_key() -> None:
    credential, costs = factories.recognised(), []
    for more in (3, 20):
        for number in range(more):
            answered(credential.user, f"Answer {more} {number}.")
        with CaptureQueriesContext(connection) as captured:
            page = Visitor().get(page_of(credential)).text
        costs.append(len(captured))
    assert costs[0] == costs[1]
    forward = page.split('rel="next" href="')[1].split('"')[0]
    assert Visitor().get(page_of(credential) + forward).text.count("Answered on") == 3


def test_an_old_answer_keeps_its_badge_when_the_credential_lapses_and_a_new_one_gets_none() -> None:
    credential = factories.recognised()
    answer = answered(credential.user)
    lapse(credential)
    text = thread_of(answer)
    assert "Volunteer physician" in text and WAS in text and "pinned" in text
    later = factories.pending("One more thing.", user=fresh(credential.user), question=answer.question)
    assert later.credential is None and later.name == credential.user.name and later.state == "pending"
    page = Visitor().get(page_of(credential)).text
    assert "Was a verified physician here until" in page and f"#post-{answer.public_id}" in page


def test_whoever_has_renewed_is_not_said_to_have_been_one() -> None:
    credential = factories.recognised()
    answer = answered(credential.user)
    lapse(credential)
    renewed = factories.recognised(fresh(credential.user), specialty="Pain medicine")
    text = thread_of(answer)
    assert WAS not in text and "Neurology" in text and "Pain medicine" not in text
    assert Visitor().get(page_of(credential))["Location"] == page_of(renewed)
    assert f"#post-{answer.public_id}" in Visitor().get(page_of(renewed)).text


def test_a_withdrawn_credential_is_said_at_the_answers_and_its_reason_to_nobody_else() -> None:
    credential = factories.recognised()
    answer, now = answered(credential.user), timezone.now()
    credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    text, page = thread_of(answer), Visitor().get(page_of(credential)).text
    assert f"{WAS}; withdrawn in {now:%B %Y}" in text
    assert f"until {now:%B %Y}. Then we withdrew the recognition." in page
    assert REASON not in text + page
    person = fresh(credential.user)
    assert person.current_credential() is None and not person.groups.exists()
    assert REASON in Signed(person).get("/me/recognition/").text


def test_withdrawing_ends_a_renewal_too() -> None:
    credential = factories.recognised()
    Credential.objects.update(valid_until=timezone.localdate() + timedelta(days=20))
    factories.recognised(fresh(credential.user))
    credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    assert not Credential.objects.in_force().exists()
    assert Credential.objects.filter(withdrawn_reason=REASON).count() == 2


@pytest.mark.parametrize("end", ["lapse", "withdraw"])
def test_who_is_no_physician_any_more_and_left_no_answer_is_nowhere(end: str) -> None:
    credential = factories.recognised()
    assert Visitor().get(page_of(credential)).status_code == 200
    if end == "lapse":
        lapse(credential)
    else:
        credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    assert Visitor().get(page_of(credential)).status_code == 404


def test_only_public_answers_are_listed() -> None:
    credential = factories.recognised()
    seen, hidden, gone = (answered(credential.user, f"Answer {number}.") for number in range(3))
    Post.objects.filter(pk=hidden.pk).update(is_name_hidden=True)
    Post.objects.filter(replies=gone).update(state="removed")
    page = Visitor().get(page_of(credential)).text
    assert seen.public_id in page and hidden.public_id not in page and gone.public_id not in page


def test_a_kept_article_page_is_drawn_anew_when_a_credential_ends() -> None:
    """The page is kept by browsers and by the site; lapsing happens by the date alone, withdrawing touches no post."""
    credential, article = factories.recognised(), factories.article()
    question = factories.published(article=article)
    answer = factories.pending("Ask your team.", user=fresh(credential.user), question=question)
    Post.objects.update(changed_at=timezone.now() - timedelta(minutes=1))
    url, visitor = article.get_absolute_url(), Visitor()
    assert answer.is_public and WAS not in visitor.get(url).text
    kept = {"If-None-Match": visitor.get(url)["ETag"]}
    assert visitor.get(url, headers=kept).status_code == 304
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=True):
        later = visitor.get(url, headers=kept)
        assert later.status_code == 200 and WAS in later.text
    credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=True):
        assert "withdrawn in" in visitor.get(url, headers=kept).text


# --- Their replies pass the rules, and they moderate nothing


@pytest.mark.parametrize("text", [SHOP, "Ring me on +44 20 7946 0958, or ask for Mrs Smith at 12 Park Road."])
def test_a_physicians_reply_with_a_shop_or_personal_data_is_held(text: str) -> None:
    credential = factories.recognised()
    reply = factories.pending(text, user=fresh(credential.user), question=factories.published())
    assert reply.state == "pending" and reply.credential == credential
    assert answered(credential.user, "See https://www.nhs.uk/ and a second link https://example.org/.").is_public


def test_a_physician_is_not_thereby_a_moderator() -> None:
    person, post = fresh(factories.recognised().user), factories.pending()
    visitor = Signed(person)
    assert visitor.get("/moderation/").status_code == 403
    form = {"move": "publish", "version": post.version}
    assert visitor.post(f"/moderation/{post.public_id}/decide/", form).status_code == 403
    assert visitor.get("/credentials/").status_code == 403


def test_who_may_ask_again_and_when() -> None:
    credential = factories.recognised()
    ann = fresh(credential.user)
    page = Signed(ann).get("/me/recognition/").text
    assert "verified volunteer physician until" in page and 'name="licence_number"' not in page
    Credential.objects.update(valid_until=timezone.localdate() + timedelta(days=60))
    page = Signed(ann).get("/me/recognition/").text
    assert "Renew it below" in page and 'value="Neurology"' in page and "LIC-" not in page
    credential_steps.check(factories.asked(ann), by=factories.checker(), note=NOTE)
    page = Signed(ann).get("/me/recognition/").text
    assert "a second one looks at it now" in page and NOTE not in page
