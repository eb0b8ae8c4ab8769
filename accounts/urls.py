"""Paths below /accounts/ that are ours; allauth's stand behind them."""

from django.urls import path

from accounts.auth import signing_in

urlpatterns = [
    path("passkey/", signing_in.passkey, name="account_passkey"),
    path("sessions/", signing_in.sessions, name="account_sessions"),
    path("sessions/end-others/", signing_in.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<int:pk>/end/", signing_in.end_session, name="account_end_session"),
]
