"""URLs below /moderation/."""

from django.urls import path

from forum.moderation import views

app_name = "moderation"
urlpatterns = [
    path("", views.waiting, name="queue"),
    path("log/", views.log_page, name="log"),
    path("<slug:public_id>/", views.post, name="post"),
    path("<slug:public_id>/decide/", views.decide, name="decide"),
]
