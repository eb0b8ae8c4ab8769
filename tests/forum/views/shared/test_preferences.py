"""The page on which members and guests choose their mail: what it stores, keeps, refuses, stops and takes up again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import Contact, User
from forum.models import Delivery, Post, Subscription, Topic
from forum.notifications import links, subscriptions
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
Kind = Subscription.Kind
Pace = Subscription.Pace


@dataclass
class Person:
    """Somebody with two questions of their own, in front of their page."""

    visitor: Visitor
    path: str
    questions: list[Post]

    @property
    def subscriptions(self) -> Any:
        return Subscription.objects.filter(contact__posts__in=self.questions).distinct()

    def follows(self, number: int = 0) -> Subscription:
        """Return how they follow one of their questions."""
        return Subscription.objects.get(post=self.questions[number], contact__posts=self.questions[number])

    def filled(self, **changes: Any) -> dict[str, Any]:
        """Return what the page's form would send, with some fields changed."""
        form = self.visitor.get(self.path).context["form"]
        values = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
        return {name: value for name, value in {**values, **changes}.items() if value is not False}

    def send(self, values: dict[str, Any]) -> Any:
        return self.visitor.post(self.path, values)

    def save(self, **changes: Any) -> None:
        answer = self.send(self.filled(**changes))
        assert answer.status_code == 302, answer.context["form"].errors


def a_member() -> Person:
    member = factories.person()
    questions = [factories.published(f"Shall I rest {number}?", user=member) for number in (1, 2)]
    return Person(Visitor(member), "/me/notifications/", questions)


def a_guest() -> Person:
    """Two questions from one address, both confirmed, and one that is not."""
    questions = [factories.published(f"Shall I walk {number}?", address="one@guests.test") for number in (1, 2)]
    contacts = [factories.confirmed(question) for question in questions]
    factories.published("Shall I wait?", address="one@guests.test")
    return Person(Visitor(), f"/mail-choices/{links.preferences_token(contacts[0])}/", questions)


@pytest.fixture(params=[a_member, a_guest])
def person(request: Any, settings: Any) -> Person:
    settings.UNDO_SECONDS = 600
    make: Callable[[], Person] = request.param
    return make()


# --- What the page stores


@pytest.mark.parametrize(
    "changes",
    [
        {"wanted": ["decisions", "digest"]},
        {"wanted": []},
        {"links_only": "on"},
        {"pace": "daily"},
        {"pace": "weekly", "links_only": "on", "wanted": ["digest"]},
    ],
)
def test_what_is_chosen_is_stored_and_shown_again(person: Person, changes: dict[str, Any]) -> None:
    before = person.filled(seen=False)
    person.save(**changes)
    assert person.filled(seen=False) == {
        **before,
        **changes,
        **({"links_only": True} if "links_only" in changes else {}),
    }


@pytest.mark.parametrize("chosen", ["at-once", "daily", "weekly", "stopped", "as-above"])
def test_each_question_is_stopped_or_slowed_by_itself(person: Person, chosen: str) -> None:
    first, second = person.follows(0), person.follows(1)
    person.save(**{f"follow-{first.pk}": chosen})
    first.refresh_from_db()
    assert first.is_active == (chosen != "stopped")
    assert first.pace == (chosen if chosen in ("daily", "weekly") else "at-once")
    person.save(**{f"follow-{first.pk}": "as-above"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_active, first.pace, second.is_active, second.pace) == (True, "at-once", True, "at-once")


def test_the_pace_of_all_moves_what_goes_with_it_and_nothing_else(person: Person) -> None:
    first, second = person.follows(0), person.follows(1)
    person.save(**{f"follow-{first.pk}": "weekly"})
    person.save(pace="daily")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.pace, second.pace) == ("weekly", "daily")
    assert person.filled()["pace"] == "daily"


def test_news_that_waits_for_a_summary_goes_along(person: Person) -> None:
    factories.published("Yes.", question=person.questions[0])
    reply = Delivery.objects.get(post__question=person.questions[0], subscription=person.follows())
    assert reply.bundle.startswith("thread:")
    person.save(pace="daily")
    reply.refresh_from_db()
    assert reply.bundle == "digest"


def test_a_question_that_is_stopped_owes_nothing(person: Person) -> None:
    factories.published("Yes.", question=person.questions[0])
    person.save(**{f"follow-{person.follows().pk}": "stopped"})
    factories.published("No.", question=person.questions[0])
    news = Delivery.objects.filter(post__question=person.questions[0], subscription=person.follows())
    assert set(news.values_list("state", flat=True)) == {"cancelled"}


# --- Once is once, and nothing is lost


def test_sent_twice_it_is_saved_once(person: Person) -> None:
    values = person.filled(pace="daily", links_only="on", **{f"follow-{person.follows().pk}": "weekly"})
    assert [person.send(values).status_code for _ in range(2)] == [302, 302]
    assert person.filled()["pace"] == "daily"


def test_an_old_page_overwrites_nothing_and_keeps_what_was_chosen(person: Person) -> None:
    """A question was stopped by a link in a mail since the page was opened: it does not begin again unseen."""
    values = person.filled(links_only="on")
    assert Visitor().post(f"/unsubscribe/{person.follows().token}/").status_code == 200
    answer = person.send(values)
    assert answer.status_code == 409 and "was changed since this page was opened" in answer.text
    assert not person.follows().is_active and not person.filled().get("links_only")
    again = {**values, "seen": answer.context["form"]["seen"].value()}
    assert again["seen"] != values["seen"]
    assert person.send(again).status_code == 302
    assert person.filled()["links_only"] is True


def test_without_the_mark_of_a_page_nothing_is_changed(person: Person) -> None:
    assert person.send({"wanted": ["digest"], "pace": "daily"}).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [("wanted", ["queue"]), ("wanted", ["x\0y"]), ("pace", "hourly"), ("pace", ""), ("queue_pace", "daily")],
)
def test_what_the_page_does_not_offer_is_refused_beside_the_field(person: Person, field: str, value: Any) -> None:
    values = person.filled(links_only="on", **{field: value})
    answer = person.send(values)
    if field == "queue_pace":  # not a field of theirs at all
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert field in answer.context["form"].errors and answer.context["form"]["links_only"].value()
    assert not Subscription.objects.filter(kind=Kind.QUEUE, contact__posts__in=person.questions).exists()


@pytest.mark.parametrize("field", ["pace", "follow"])
def test_a_summary_is_not_chosen_where_summaries_are_off(person: Person, field: str) -> None:
    name = f"follow-{person.follows().pk}" if field == "follow" else field
    wanted = [kind for kind in person.filled()["wanted"] if kind != "digest"]
    answer = person.send(person.filled(wanted=wanted, **{name: "daily"}))
    assert answer.status_code == 422 and "Summaries are switched off" in answer.text


def test_nobody_stops_what_somebody_else_follows(person: Person) -> None:
    other = Subscription.objects.get(post=factories.published(user=factories.person()))
    person.save(**{f"follow-{other.pk}": "stopped", "follow-x": "stopped", "follow-99999999999": "stopped"})
    other.refresh_from_db()
    assert other.is_active


def test_nobody_reads_what_somebody_else_follows(person: Person) -> None:
    """Also not on the page that gives a form back."""
    other = Subscription.objects.get(post=factories.published("A zebra?", user=factories.person()))
    answer = person.send(person.filled(pace="hourly", **{f"follow-{other.pk}": "daily"}))
    assert answer.status_code == 422 and "zebra" not in answer.text


# --- All of it, and back


def everything(person: Person) -> dict[int, bool]:
    return {row.pk: row.is_active for row in person.subscriptions}


def test_stopping_everything_and_taking_it_up_restores_exactly_that(person: Person) -> None:
    person.save(wanted=["replies", "digest"], pace="weekly", **{f"follow-{person.follows(1).pk}": "stopped"})
    before, shown = everything(person), person.filled(seen=False)
    page = person.visitor.post(person.path, {"all": "off"}, follow=True).text
    assert "no more mail" in page and "You have stopped all mail" in page
    assert not any(everything(person).values())
    page = person.visitor.post(person.path, {"all": "on"}, follow=True).text
    assert "is on again" in page and "You have stopped all mail" not in page
    assert before.items() <= everything(person).items()
    assert person.filled(seen=False) == shown


def test_both_buttons_pressed_twice_do_it_once(person: Person) -> None:
    before = person.filled(seen=False)
    for word in ("off", "off", "on", "on"):
        person.visitor.post(person.path, {"all": word})
    assert person.filled(seen=False) == before


def test_stopped_taken_up_in_part_and_stopped_again_comes_back_whole(person: Person) -> None:
    before = person.filled(seen=False)
    person.visitor.post(person.path, {"all": "off"})
    person.save(**{f"follow-{person.follows().pk}": "as-above"})
    assert person.follows(0).is_active and not person.follows(1).is_active
    person.visitor.post(person.path, {"all": "off"})
    person.visitor.post(person.path, {"all": "on"})
    assert person.filled(seen=False) == before


def test_what_is_owed_does_not_leave_once_all_is_stopped(person: Person) -> None:
    factories.published("Yes.", question=person.questions[0])
    person.visitor.post(person.path, {"all": "off"})
    factories.published("No.", question=person.questions[0])
    rows = Delivery.objects.filter(post__question=person.questions[0], recipient__posts=person.questions[0])
    assert set(rows.values_list("state", flat=True)) == {"cancelled"}


# --- Looking changes nothing


def test_looking_changes_nothing_and_costs_the_same(person: Person, django_assert_max_num_queries: Any) -> None:
    def rows() -> list[Any]:
        return [list(table.objects.order_by("pk").values()) for table in (Subscription, Contact, Delivery)]

    before = rows()
    with django_assert_max_num_queries(14):
        assert person.visitor.get(person.path).status_code == 200
    assert person.visitor.head(person.path).status_code == 200
    assert rows() == before
    assert [getattr(person.visitor, verb)(person.path).status_code for verb in ("put", "delete")] == [405, 405]


def test_who_never_got_mail_can_choose_all_the_same() -> None:
    member = factories.person()
    page = Visitor(member)
    assert page.get("/me/notifications/").status_code == 200
    assert not Contact.objects.filter(user=member).exists()
    person = Person(page, "/me/notifications/", [])
    person.save(links_only="on", pace="weekly")
    assert person.filled()["pace"] == "weekly" and Contact.objects.get(user=member).links_only


def test_a_long_list_goes_on_and_costs_the_same(django_assert_max_num_queries: Any) -> None:
    member = factories.person()
    contact = Contact.objects.for_user(member)
    for number in range(33):
        subscriptions.follow(contact, Kind.ARTICLE, article=factories.article(title=f"Number {number}."))
    person = Person(Visitor(member), "/me/notifications/", [])
    with django_assert_max_num_queries(14):
        page = person.visitor.get(person.path)
    assert "Number 32." in page.text and "Number 2." not in page.text
    older = page.context["page"].next_url.split("#")[0]
    oldest = Subscription.objects.filter(contact=contact).earliest("pk")
    person.path += older
    assert "Number 2." in person.visitor.get(person.path).text
    person.save(**{f"follow-{oldest.pk}": "stopped"})
    assert list(Subscription.objects.filter(contact=contact).exclude(ended_at=None)) == [oldest]
    # Somebody else's place in their list is no place in this one.
    for after in (Subscription.objects.create(contact=Contact.objects.create(), kind=Kind.THREAD).pk, "x", "9" * 30):
        assert person.visitor.get(f"/me/notifications/?after={after}").status_code == 404


def test_what_can_bring_no_news_is_not_listed_and_others_words_are_not_told() -> None:
    member = factories.person()
    contact = Contact.objects.for_user(member)
    taken_back = factories.published("A zebra of somebody else?", user=factories.person())
    hidden = factories.published("A giraffe of somebody else?", user=factories.person())
    for post in (taken_back, hidden):
        subscriptions.follow(contact, Kind.THREAD, post)
    subscriptions.follow(contact, Kind.TOPIC, topic=Topic.objects.all()[0])
    Post.objects.filter(pk=taken_back.pk).update(state="withdrawn")
    Post.objects.filter(pk=hidden.pk).update(state="pending")
    page = Visitor(member).get("/me/notifications/").text
    assert "zebra" not in page and "giraffe" not in page
    assert "A question that is not public" in page and Topic.objects.all()[0].name in page


def moderators() -> tuple[User, Person]:
    moderator = factories.moderator()
    return moderator, Person(Visitor(moderator), "/me/notifications/", [])


def test_a_moderator_chooses_how_often_the_queue_is_told() -> None:
    moderator, person = moderators()
    person.save(queue_pace="daily")
    assert Subscription.objects.get(contact__user=moderator, kind=Kind.QUEUE).pace == "daily"
    person.save(queue_pace="at-once", pace="weekly")
    assert Subscription.objects.get(contact__user=moderator, kind=Kind.QUEUE).pace == "at-once"
    assert person.filled()["pace"] == "weekly"


def test_the_old_list_of_questions_leads_to_the_page() -> None:
    answer = Visitor(factories.person()).get("/me/follows/")
    assert (answer.status_code, answer["Location"]) == (301, "/me/notifications/")
