"""URLs below /credentials/, in the namespace `forum`."""

from django.urls import path

from forum.views.credentials import checking

urlpatterns = [
    path("", checking.waiting, name="credentials"),
    path("in-force/", checking.in_force, name="credentials-in-force"),
    path("granted/<slug:public_id>/", checking.credential, name="credential"),
    path("granted/<slug:public_id>/withdraw/", checking.withdraw, name="credential-withdraw"),
    # A request's id comes last: the words above would look like one.
    path("<slug:public_id>/", checking.one, name="credential-request"),
    path("<slug:public_id>/check/", checking.check, name="credential-check"),
    path("<slug:public_id>/grant/", checking.grant, name="credential-grant"),
    path("<slug:public_id>/decline/", checking.decline, name="credential-decline"),
]
