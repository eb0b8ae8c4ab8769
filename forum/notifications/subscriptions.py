"""Subscriptions to a question, an article, a topic or a list: follow, end, resume, their pace, and who follows what."""

from datetime import datetime

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Credential, User
from articles.models import Article
from forum.models import Delivery, Post, Subscription, Topic
from forum.notifications import events, outbox

State = Delivery.State


def follow(
    contact: Contact,
    kind: Subscription.Kind,
    post: Post | None = None,
    *,
    article: Article | None = None,
    topic: Topic | None = None,
) -> Subscription:
    """Return the person's subscription, created if there is none; an ended one stays ended."""
    followed = {"post": post, "article": article, "topic": topic}
    begins = {"pace": lambda: pace_of(contact)} if any(followed.values()) else {}
    return Subscription.objects.get_or_create(contact=contact, kind=kind, **followed, defaults=begins)[0]


def pace_of(contact: Contact) -> Subscription.Pace:
    summaries = Subscription.objects.filter(contact=contact, kind=Subscription.Kind.DIGEST)
    return Subscription.Pace(summaries.values_list("pace", flat=True).first() or Subscription.Pace.AT_ONCE)


def readers_of(kind: Subscription.Kind, contacts: list[Contact]) -> list[Subscription]:
    """Return the subscriptions of people who have not ended the list; the number of queries is constant."""
    missing = [Subscription(contact=contact, kind=kind) for contact in contacts]
    of_list = Subscription.objects.filter(kind=kind, post=None, contact__in=contacts)
    known = set(of_list.values_list("contact_id", flat=True))
    Subscription.objects.bulk_create(
        [subscription for subscription in missing if subscription.contact_id not in known], ignore_conflicts=True
    )
    return list(of_list.active().select_related("contact__user").order_by("pk"))


def has_stopped(contact: Contact, kind: Subscription.Kind) -> bool:
    return Subscription.objects.filter(contact=contact, kind=kind, post=None, ended_at__isnull=False).exists()


def followers_of(reply: Post) -> QuerySet[Subscription]:
    followers = Subscription.objects.active().filter(kind=Subscription.Kind.THREAD, post=reply.question_id)
    whole_list = Subscription.Kind.ANSWERS if reply.is_answer else Subscription.Kind.REPLIES
    return wanting(followers, whole_list).exclude(_is_author_of(reply)).select_related("contact")


def wanting(followers: QuerySet[Subscription], *whole_lists: Subscription.Kind) -> QuerySet[Subscription]:
    """Leave out people who have stopped one of the lists, or the summaries if their news would be in one."""
    stopped = Subscription.objects.filter(kind__in=whole_lists, ended_at__isnull=False)
    paused = Subscription.objects.filter(kind=Subscription.Kind.DIGEST, ended_at__isnull=False)
    for_a_summary = ~Q(pace=Subscription.Pace.AT_ONCE)
    followers = followers.exclude(contact__in=stopped.values("contact"))
    return followers.exclude(for_a_summary, contact__in=paused.values("contact"))


def followers_of_news(question: Post) -> QuerySet[Subscription]:
    """Return the followers of the question's article or topic without its author, immediate ones first."""
    followed = Q(kind=Subscription.Kind.ARTICLE, article__isnull=False, article=question.article_id)
    # Read it from the database: moderators may have routed the question since this object was loaded.
    followed |= Q(kind=Subscription.Kind.TOPIC, topic__in=Topic.objects.filter(posts=question.pk))
    followers = wanting(Subscription.objects.active().filter(followed)).exclude(_is_author_of(question))
    # Alphabetical order is right: "at-once", "daily", "weekly".
    return followers.select_related("contact").order_by("pace", "kind", "pk")


def _is_author_of(post: Post) -> Q:
    mine = Q(contact=post.contact_id)
    # Only a confirmed address: otherwise somebody could stop another person's mail about a reply.
    if post.contact and post.contact.is_confirmed and post.contact.address_key:
        mine |= Q(contact__address_key=post.contact.address_key)
    return mine


def end(subscription: Subscription) -> None:
    end_all(Subscription.objects.filter(pk=subscription.pk))


def end_all(subscriptions: QuerySet[Subscription], when: datetime | None = None) -> None:
    """End them all with one time, which tells later what ended together, and cancel unsent mails."""
    with transaction.atomic():
        ending = list(subscriptions.values_list("pk", flat=True))
        Subscription.objects.filter(pk__in=ending, ended_at=None).update(ended_at=when or timezone.now())
        outbox.cancel(Delivery.objects.filter(subscription__in=ending))
        of_summaries = Subscription.objects.filter(pk__in=ending, kind=Subscription.Kind.DIGEST)
        outbox.cancel(Delivery.objects.filter(recipient__in=of_summaries.values("contact"), bundle=Delivery.DIGEST))


def resume(subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(ended_at=None)


def disown(contact: Contact) -> None:
    with transaction.atomic():
        outbox.cancel(Delivery.objects.filter(recipient=contact))
        Subscription.objects.filter(contact=contact, ended_at=None).update(ended_at=timezone.now())


def change_pace(subscriptions: QuerySet[Subscription], pace: Subscription.Pace) -> None:
    """Move queued mails to the new pace, so that nothing is lost or told twice."""
    with transaction.atomic():
        changed = list(subscriptions.exclude(pace=pace).values_list("pk", flat=True))
        Subscription.objects.filter(pk__in=changed).update(pace=pace)
        owed = Delivery.objects.filter(subscription__in=changed, kind__in=events.TO_FOLLOWERS)
        for delivery in owed.filter(_untried()).select_related("subscription", "entry"):
            if delivery.subscription:
                place = outbox.bundled(delivery.subscription, _free_from(delivery))
                # Not if a worker has claimed it in the meantime.
                Delivery.objects.filter(_untried(), pk=delivery.pk).update(**place)
        due = owed.filter(state=State.OWED, next_attempt_at__lte=timezone.now())
        outbox.send_after_commit(due[: outbox.AT_ONCE])


def _untried() -> Q:
    return Q(state__in=(State.OWED, State.PARKED), attempts=0)


def _free_from(delivery: Delivery) -> datetime:
    now = timezone.now()
    held = now if delivery.bundle == Delivery.DIGEST else delivery.next_attempt_at
    return max(now, held, outbox.settled_at(delivery.entry) if delivery.entry else now)


# ---- Recipients by their role ----


def moderator_contacts() -> list[Contact]:
    return contacts_with("forum.moderate_posts")


def contacts_with(permission: str) -> list[Contact]:
    """`permission` is "app.codename", given by a role or directly."""
    app, codename = permission.split(".")
    named = Permission.objects.filter(content_type__app_label=app, codename=codename)
    holds = Q(groups__permissions__in=named) | Q(user_permissions__in=named)
    return _contacts(User.objects.filter(holds))


def _contacts(people: QuerySet[User]) -> list[Contact]:
    people = people.filter(is_active=True).select_related("contact").distinct()
    return [person.contact if hasattr(person, "contact") else Contact.objects.for_user(person) for person in people]


def physician_contacts() -> list[Contact]:
    may_answer = Permission.objects.filter(content_type__app_label="forum", codename="answer_as_physician")
    holds = Q(groups__permissions__in=may_answer)
    return _contacts(User.objects.filter(holds, credentials__in=Credential.objects.in_force()))
