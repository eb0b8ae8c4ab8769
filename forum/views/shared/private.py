"""Response headers for pages behind a token."""

from django.http import HttpResponse

READ_OR_POST = ["GET", "HEAD", "POST"]


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page behind a token out of search engines, and its URL out of other sites' logs."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
