"""URLs below /dev/mail/, in development only."""

from django.urls import path

from forum.views.dev_mail import pages

urlpatterns = [
    path("", pages.mail_list, name="dev-mail-list"),
    path("kinds/<slug:slug>/", pages.preview_detail, name="dev-mail-kind"),
    path("kinds/<slug:slug>/html/", pages.preview_html, name="dev-mail-kind-html"),
    path("<slug:name>/", pages.mail_detail, name="dev-mail-detail"),
    path("<slug:name>/html/", pages.mail_html, name="dev-mail-html"),
]
