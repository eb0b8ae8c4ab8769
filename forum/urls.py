"""URLs of the forum: one include for each part of the site."""

from django.urls import include, path

app_name = "forum"
urlpatterns = [
    path("", include("forum.views.public.urls")),
    path("", include("forum.views.by_link.urls")),
    path("me/", include("forum.views.me.urls")),
    path("credentials/", include("forum.views.credentials.urls")),
]
