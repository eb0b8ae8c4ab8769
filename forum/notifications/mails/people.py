"""Mails to one person: outcome of a report, sanctions, and account mail of allauth."""

from django.urls import reverse

from forum.models import Delivery, Report
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail


def report(delivery: Delivery) -> Mail:
    if delivery.report is None or delivery.report.outcome == Report.Outcome.OPEN:
        raise NotWanted("The report is open again.")
    link = absolute(reverse("forum:report-outcome", args=[delivery.report.token]))
    return render_mail(delivery, {"report": delivery.report, "report_url": link})


def sanction(delivery: Delivery) -> Mail:
    if delivery.sanction is None or delivery.sanction.lifted_at:
        raise NotWanted("It was lifted.")
    return render_mail(delivery, {"sanction": delivery.sanction, "reason": delivery.sanction.reason})


def account(delivery: Delivery) -> Mail:
    """Return the mail that allauth composed (delivery.backend stored it)."""
    if not delivery.stored:
        raise NotWanted("The text is no longer stored.")
    return Mail(**delivery.stored)
