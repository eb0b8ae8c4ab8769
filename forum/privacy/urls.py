"""URLs of people's own data; part of the forum's namespace."""

from django.urls import path

from forum.privacy.views import erasures, guests, members, public

urlpatterns = [
    path("privacy/", public.privacy, name="privacy"),
    path("me/data/", members.my_data, name="my-data"),
    path("me/data/export/", members.export, name="my-data-export"),
    path("me/data/erase/", members.erase, name="my-data-erase"),
    path("your-data/", guests.your_data, name="your-data"),
    path("your-data/<slug:token>/", guests.link, name="your-data-link"),
    path("your-data/<slug:token>/export/", guests.export, name="your-data-export"),
    path("your-data/<slug:token>/erase/", guests.erase, name="your-data-erase"),
    path("erasure/<slug:token>/", erasures.erasure, name="erasure"),
]
