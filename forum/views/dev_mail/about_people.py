"""Mail previews about accounts, personal data, reports and sanctions."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils import timezone

from accounts.models import DataLink, Erasure
from forum.models import Delivery, Report, Sanction
from forum.states import Move
from forum.views.dev_mail.registry import PREVIEWS, Preview, preview
from forum.views.dev_mail.sample_people import ADDRESS, REASON, Cast

Kind = Delivery.Kind
TEMPLATES = Path(settings.BASE_DIR) / "templates"
ACCOUNT_MAILS = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_subject.txt") for path in TEMPLATES.glob("*/email/*_subject.txt")
)


@preview(Kind.REPORT, "looked at")
def report(cast: Cast) -> Delivery:
    outcome = Report.Outcome.KEPT
    post = cast.question(Move.PUBLISH)
    row = Report.objects.create(post=post, reporter=cast.member, reporter_key="x", reason="other", outcome=outcome)
    return Delivery(kind=Kind.REPORT, event="preview", recipient=cast.contact(cast.member), report=row)


def sanction(kind: Sanction.Kind, cast: Cast) -> Delivery:
    ends = timezone.now() + timedelta(days=7)
    row = Sanction(user=cast.member, kind=kind, reason=REASON, created_by=cast.moderator, ends_at=ends)
    return Delivery(kind=Kind.SANCTION, event="preview", recipient=cast.contact(cast.member), sanction=row)


@preview(Kind.DATA, "the link")
def data(cast: Cast) -> Delivery:
    link = DataLink.objects.create(address_key="x", expires_at=timezone.now() + timedelta(hours=24))
    contact = cast.question().contact
    return Delivery(kind=Kind.DATA, event="preview", recipient=contact, data_link=link)


def erasure(keep_posts: bool, cast: Cast) -> Delivery:
    due = timezone.now() + timedelta(hours=24)
    wish = Erasure.objects.create(user=cast.member, keep_posts=keep_posts, due_at=due)
    return Delivery(kind=Kind.ERASURE, event="preview", recipient=cast.contact(cast.member), erasure=wish)


def account(prefix: str, cast: Cast) -> Delivery:
    link = f"{settings.SITE_URL}/accounts/"
    context = {
        "activate_url": f"{link}confirm-email/x/",
        "password_reset_url": f"{link}password/reset/key/x/",
        "signup_url": f"{link}signup/",
        "timestamp": timezone.now(),
    }
    if prefix.endswith("_code"):
        context["code"] = "K7P-3XQ"
    get_adapter().send_mail(prefix, ADDRESS, context)
    return Delivery.objects.filter(kind=Kind.ACCOUNT).select_related("recipient").latest("pk")


PREVIEWS += [Preview(Kind.SANCTION, kind.value, partial(sanction, kind)) for kind in Sanction.Kind]
PREVIEWS += [
    Preview(Kind.ERASURE, "posts stay", partial(erasure, True)),
    Preview(Kind.ERASURE, "texts deleted", partial(erasure, False)),
    *(Preview(Kind.ACCOUNT, Path(prefix).name.replace("_", " "), partial(account, prefix)) for prefix in ACCOUNT_MAILS),
]
