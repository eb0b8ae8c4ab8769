"""Following an article or a topic by its page, the pages of topics, and who gets what from all of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, User
from forum.models import Delivery, Post, Subscription, Topic
from forum.notifications import links, subscriptions
from tests import factories
from tests.forum.views.desk.desk import topic as a_topic
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
ROLES: dict[str, Callable[[], User | None]] = {
    "guest": lambda: None,
    "member": factories.person,
    "moderator": factories.moderator,
    "physician": factories.physician,
    "checker": factories.checker,
}
VERBS = ("get", "head", "post", "put", "delete")
SIGN_IN, MOVED, THERE, REFUSED, ABSENT = 302, 302, 200, 405, 404
PUBLIC = (THERE, THERE, REFUSED, REFUSED, REFUSED)
# path -> what GET, HEAD, POST, PUT and DELETE get from a guest, and from everybody who is signed in
PAGES = {
    "/topics/": (PUBLIC, PUBLIC),
    "/topics/{topic}/": (PUBLIC, PUBLIC),
    "/topics/nothing/": ((ABSENT, ABSENT, REFUSED, REFUSED, REFUSED),) * 2,
    "/topics/{topic}/follow/": ((SIGN_IN,) * 5, (THERE, THERE, MOVED, REFUSED, REFUSED)),
    "/topics/nothing/follow/": ((SIGN_IN,) * 5, (ABSENT, ABSENT, ABSENT, REFUSED, REFUSED)),
    "/articles/{article}/follow/": ((SIGN_IN,) * 5, (THERE, THERE, MOVED, REFUSED, REFUSED)),
    "/articles/{draft}/follow/": ((SIGN_IN,) * 5, (ABSENT, ABSENT, ABSENT, REFUSED, REFUSED)),
    "/articles/nothing/follow/": ((SIGN_IN,) * 5, (ABSENT, ABSENT, ABSENT, REFUSED, REFUSED)),
    # Whoever holds the link, in whatever role; a POST without a choice is no choice.
    "/mail-choices/{token}/": ((THERE, THERE, 422, REFUSED, REFUSED),) * 2,
    "/mail-choices/nothing/": ((ABSENT, ABSENT, ABSENT, REFUSED, REFUSED),) * 2,
}


@pytest.mark.parametrize("path", PAGES)
def test_every_role_and_verb(path: str) -> None:
    topic = a_topic().slug
    question = factories.pending()
    names = {"topic": topic, "article": factories.article().slug, "draft": factories.article(status="draft").slug}
    path_ = path.format(**names, token=links.preferences_token(factories.confirmed(question)))
    for role, make in ROLES.items():
        visitor = Visitor(make())
        answers = tuple(getattr(visitor, verb)(path_).status_code for verb in VERBS)
        assert answers == PAGES[path][role != "guest"], role


@pytest.mark.parametrize("what", ["article", "topic"])
def test_a_button_follows_and_stops_and_twice_is_once(what: str) -> None:
    member = factories.person()
    article, topic = factories.article(), a_topic()
    path = f"/articles/{article.slug}/follow/" if what == "article" else f"/topics/{topic.slug}/follow/"
    visitor = Visitor(member)
    assert "You follow it" not in visitor.get(path).text
    assert not Contact.objects.filter(user=member).exists(), "looking changes nothing"
    for _ in range(2):
        assert "You follow it" in visitor.post(path, follow=True).text
    (subscription,) = Subscription.objects.filter(contact__user=member)
    assert (subscription.kind, subscription.is_active) == (what, True)
    for _ in range(2):
        assert "You follow it" not in visitor.post(path, {"stop": "1"}, follow=True).text
    visitor.post(path)
    subscription.refresh_from_db()
    assert subscription.is_active and Subscription.objects.count() == 1


def test_what_is_followed_is_told_and_can_be_slowed_on_the_page() -> None:
    """From the button to the mail: the whole way, by the pages alone."""
    member, article = factories.person(), factories.article()
    visitor = Visitor(member)
    visitor.post(f"/articles/{article.slug}/follow/")
    factories.published(article=article)
    (delivery,) = Delivery.objects.filter(kind="news", recipient__user=member)
    assert delivery.bundle.startswith("thread:")
    page = visitor.get("/me/notifications/")
    assert f"The article “{article.title}”" in page.text
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    follows = delivery.subscription
    assert follows
    visitor.post("/me/notifications/", {**values, f"follow-{follows.pk}": "weekly"})
    delivery.refresh_from_db()
    assert delivery.bundle == "digest"
    assert "once a week when" in visitor.get(f"/articles/{article.slug}/follow/").text


def test_the_article_s_page_is_the_same_for_followers_and_costs_the_same() -> None:
    """The way to follow is a plain link: nothing about the person stands on the page, and nothing is asked for it."""
    article = factories.article()
    member = factories.person()
    path = f"/articles/{article.slug}/"
    visitor = Visitor(member)
    visitor.get(path)

    def cost() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            page = visitor.get(path)
        return len(queries), page["ETag"]

    before = cost()
    subscriptions.follow(Contact.objects.for_user(member), Subscription.Kind.ARTICLE, article=article)
    assert cost() == before
    for reader in (Visitor(), visitor):
        assert f'href="{path}follow/"' in reader.get(path).text


def test_a_topic_shows_its_public_questions_alone(django_assert_max_num_queries: Any) -> None:
    topic, other = a_topic(), a_topic("travel")
    for number in range(3):
        question = factories.published(f"Is there a zebra {number}?")
        factories.published("Yes.", question=question)
        Post.objects.filter(pk=question.pk).update(topic=topic)
    elsewhere, waiting = factories.published("Is there a giraffe?"), factories.pending("Is there a gnu?")
    Post.objects.filter(pk=elsewhere.pk).update(topic=other)
    Post.objects.filter(pk=waiting.pk).update(topic=topic)
    with django_assert_max_num_queries(5):
        page = Visitor().get(f"/topics/{topic.slug}/").text
    assert page.count("Is there a zebra") >= 3 and "giraffe" not in page and "gnu" not in page
    assert f"/topics/{topic.slug}/" in Visitor().get(question.get_absolute_url()).text
    assert f"/topics/{topic.slug}/" in Visitor().get("/topics/").text


def test_a_topic_that_is_not_offered_any_more_is_still_there() -> None:
    topic = a_topic()
    Topic.objects.filter(pk=topic.pk).update(is_active=False)
    assert f"/topics/{topic.slug}/" not in Visitor().get("/topics/").text
    assert Visitor().get(f"/topics/{topic.slug}/").status_code == 200
