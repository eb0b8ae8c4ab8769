"""URLs below /me/ that are about the person; part of the forum's namespace."""

from django.urls import path

from forum.views.me import home, name, notifications

urlpatterns = [
    path("", home.me, name="me"),
    path("posts/", home.posts, name="my-posts"),
    path("follows/", home.follows, name="my-follows"),
    path("name/", name.name, name="my-name"),
    path("notifications/", notifications.notifications, name="my-notifications"),
]
