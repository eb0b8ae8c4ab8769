"""Webhook URLs of the one configured provider: mail at <provider>/inbound/, bounces at <provider>/tracking/."""

from anymail.urls import urlpatterns as all_providers
from django.conf import settings

app_name = "anymail"
urlpatterns = [url for url in all_providers if str(url.name).startswith(f"{settings.INBOUND.provider}_")]
