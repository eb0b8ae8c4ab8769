"""URLs below /accounts/ that replace allauth's or add to them: passkeys and devices."""

from django.urls import path

from accounts.auth import views

urlpatterns = [
    path("passkey/", views.passkey, name="account_passkey"),
    path("sessions/", views.sessions, name="account_sessions"),
    path("sessions/end-others/", views.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<int:pk>/end/", views.end_session, name="account_end_session"),
]
