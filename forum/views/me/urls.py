"""URLs below /me/, in the namespace `forum`."""

from django.urls import path

from forum.views.me import claim, data, home, mail_again, name, preferences, recognition

urlpatterns = [
    path("", home.me, name="me"),
    path("posts/", home.posts, name="my-posts"),
    path("follows/", preferences.follows, name="my-follows"),
    path("claim/", claim.claim, name="claim-posts"),
    path("mail-again/", mail_again.mail_again, name="mail-again"),
    path("name/", name.name, name="my-name"),
    path("notifications/", preferences.notifications, name="my-notifications"),
    path("data/", data.my_data, name="my-data"),
    path("data/export/", data.export, name="my-data-export"),
    path("data/erase/", data.erase, name="my-data-erase"),
    path("recognition/", recognition.recognition, name="recognition"),
    path("recognition/take-back/", recognition.take_back, name="recognition-take-back"),
]
