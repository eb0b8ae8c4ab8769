"""Development's own addresses, below /dev/mail/."""

from django.urls import path

from forum.devmail import views

urlpatterns = [
    path("", views.mail_list, name="dev-mail-list"),
    path("kinds/<slug:slug>/", views.preview_detail, name="dev-mail-kind"),
    path("kinds/<slug:slug>/html/", views.preview_html, name="dev-mail-kind-html"),
    path("<slug:name>/", views.mail_detail, name="dev-mail-detail"),
    path("<slug:name>/html/", views.mail_html, name="dev-mail-html"),
]
