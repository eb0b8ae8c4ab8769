"""The site's URLs, with a provider's webhooks, as config.urls mounts them when one is set."""

from django.urls import include, path

from config.urls import handler400
from config.urls import urlpatterns as site

__all__ = ["handler400", "urlpatterns"]
urlpatterns = [path("anymail/", include("anymail.urls")), *site]
