"""URLs of pages opened by a link in a mail, in the namespace `forum`; the token replaces signing in."""

from django.urls import path

from forum.views.by_link import confirm, edit, erasures, preferences, status, unsubscribe, your_data

urlpatterns = [
    path("p/<slug:token>/", status.status, name="status"),
    path("p/<slug:token>/withdraw/", status.withdraw, name="withdraw"),
    path("p/<slug:token>/edit/", edit.edit, name="edit"),
    path("p/<slug:token>/answered/", edit.answered_by_link, name="answered-by-link"),
    path("confirm/<slug:token>/", confirm.confirm, name="confirm"),
    path("unsubscribe/<slug:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("mail-choices/<str:token>/", preferences.by_link, name="mail-choices"),
    path("your-data/", your_data.your_data, name="your-data"),
    path("your-data/<slug:token>/", your_data.link, name="your-data-link"),
    path("your-data/<slug:token>/export/", your_data.export, name="your-data-export"),
    path("your-data/<slug:token>/erase/", your_data.erase, name="your-data-erase"),
    path("erasure/<slug:token>/", erasures.erasure, name="erasure"),
]
