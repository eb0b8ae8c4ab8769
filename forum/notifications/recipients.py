"""Recipients of mail: people by role, and by what they follow."""

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from accounts.models import Contact, Credential, User
from forum.models import Post, Subscription, Topic


def moderator_contacts() -> list[Contact]:
    """Return the contacts of the active people who may decide on posts; two queries once everybody has one."""
    return contacts_with("forum.moderate_posts")


def contacts_with(permission: str) -> list[Contact]:
    """Return the contacts of the active people who were given the permission ("app.codename"), by a role or by name."""
    app, codename = permission.split(".")
    named = Permission.objects.filter(content_type__app_label=app, codename=codename)
    holds = Q(groups__permissions__in=named) | Q(user_permissions__in=named)
    return _contacts(User.objects.filter(holds))


def _contacts(people: QuerySet[User]) -> list[Contact]:
    people = people.filter(is_active=True).select_related("contact").distinct()
    return [person.contact if hasattr(person, "contact") else Contact.objects.for_user(person) for person in people]


def physician_contacts() -> list[Contact]:
    """Return the contacts of the active physicians whose credential is in force."""
    may_answer = Permission.objects.filter(content_type__app_label="forum", codename="answer_as_physician")
    holds = Q(groups__permissions__in=may_answer)
    return _contacts(User.objects.filter(holds, credentials__in=Credential.objects.in_force()))


def followers_of(reply: Post) -> QuerySet[Subscription]:
    """Return who follows the reply's question and wants mail of its sort; not the reply's own author."""
    followers = Subscription.objects.active().filter(kind=Subscription.Kind.THREAD, post=reply.question_id)
    whole_list = Subscription.Kind.ANSWERS if reply.is_answer else Subscription.Kind.REPLIES
    return wanting(followers, whole_list).exclude(_is_author_of(reply)).select_related("contact")


def wanting(followers: QuerySet[Subscription], *whole_lists: Subscription.Kind) -> QuerySet[Subscription]:
    """Return those who have stopped none of the lists, nor the summaries if their news would leave with one."""
    stopped = Subscription.objects.filter(kind__in=whole_lists, ended_at__isnull=False)
    paused = Subscription.objects.filter(kind=Subscription.Kind.DIGEST, ended_at__isnull=False)
    for_a_summary = ~Q(pace=Subscription.Pace.AT_ONCE)
    followers = followers.exclude(contact__in=stopped.values("contact"))
    return followers.exclude(for_a_summary, contact__in=paused.values("contact"))


def followers_of_news(question: Post) -> QuerySet[Subscription]:
    """Return who follows the question's article or topic, those who want to know at once first; not its author."""
    followed = Q(kind=Subscription.Kind.ARTICLE, article__isnull=False, article=question.article_id)
    # As it is stored: moderators may have routed the question since this one was read.
    followed |= Q(kind=Subscription.Kind.TOPIC, topic__in=Topic.objects.filter(posts=question.pk))
    followers = wanting(Subscription.objects.active().filter(followed)).exclude(_is_author_of(question))
    # "at-once", "daily", "weekly": the words are in this order.
    return followers.select_related("contact").order_by("pace", "kind", "pk")


def _is_author_of(post: Post) -> Q:
    """Return the condition on subscriptions that they are the author's own, also under an earlier guest's contact."""
    mine = Q(contact=post.contact_id)
    # Only an address that its owner has confirmed: else somebody could keep another from hearing of a reply.
    if post.contact and post.contact.is_confirmed and post.contact.address_key:
        mine |= Q(contact__address_key=post.contact.address_key)
    return mine
