"""URLs below /me/ that are about the person; part of the forum's namespace."""

from django.urls import path

from forum.choices import views as choices
from forum.views.me import claim, home, mailbox, name

urlpatterns = [
    path("", home.me, name="me"),
    path("posts/", home.posts, name="my-posts"),
    path("follows/", choices.follows, name="my-follows"),
    path("claim/", claim.claim, name="claim-posts"),
    path("mail-again/", mailbox.mail_again, name="mail-again"),
    path("name/", name.name, name="my-name"),
    path("notifications/", choices.notifications, name="my-notifications"),
]
