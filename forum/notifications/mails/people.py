"""What one person is mailed about their account, their reports and what was decided about them."""

from django.urls import reverse

from forum.models import Delivery, Report
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail


def report(delivery: Delivery) -> Mail:
    """Tell a reader what became of their report."""
    if delivery.report is None or delivery.report.outcome == Report.Outcome.OPEN:
        raise NotWanted("The report is open again.")
    link = absolute(reverse("forum:report-outcome", args=[delivery.report.token]))
    return render_mail(delivery, {"report": delivery.report, "report_url": link})


def sanction(delivery: Delivery) -> Mail:
    """Tell a person what was decided about their account, why and until when."""
    if delivery.sanction is None or delivery.sanction.lifted_at:
        raise NotWanted("It was lifted.")
    return render_mail(delivery, {"sanction": delivery.sanction, "reason": delivery.sanction.reason})


def account(delivery: Delivery) -> Mail:
    """Return what allauth composed when it was asked for."""
    if not delivery.stored:
        raise NotWanted("The text is no longer stored.")
    return Mail(**delivery.stored)
