"""Root URL configuration."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.auth.views import ConfirmEmail
from forum.views.operations import health, robots
from forum.views.public.feeds import SITEMAPS

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
# The admin uses the site's sign-in page, which has rate limits and the second factor.
admin.site.login = login_required(RedirectView.as_view(pattern_name="forum:me"))  # type: ignore[method-assign,assignment] # a view in place of the method

urlpatterns = [
    path("", include("forum.urls")),
    path("", include("articles.urls")),
    path("moderation/", include("forum.views.moderation.urls")),
    path("desk/", include("forum.views.desk.urls")),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", ConfirmEmail.as_view(), name="account_confirm_email"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", robots.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
if settings.INBOUND.provider:
    urlpatterns += [path("anymail/", include("forum.inbound.urls"))]
if settings.DEVELOPMENT:
    urlpatterns += [path("dev/mail/", include("forum.views.dev_mail.urls"))]

handler400 = "forum.views.operations.errors.bad_request"
handler429 = "forum.views.operations.errors.too_many_requests"  # allauth asks for it
