"""URLs of recognition; they belong to the forum's names."""

from django.urls import path

from forum.recognition.views import checking, own, public

urlpatterns = [
    path("me/recognition/", own.recognition, name="recognition"),
    path("me/recognition/take-back/", own.take_back, name="recognition-take-back"),
    path("credentials/", checking.waiting, name="credentials"),
    path("credentials/in-force/", checking.in_force, name="credentials-in-force"),
    path("credentials/granted/<slug:public_id>/", checking.credential, name="credential"),
    path("credentials/granted/<slug:public_id>/withdraw/", checking.withdraw, name="credential-withdraw"),
    # A request's id comes last: the words above would look like one.
    path("credentials/<slug:public_id>/", checking.one, name="credential-request"),
    path("credentials/<slug:public_id>/check/", checking.check, name="credential-check"),
    path("credentials/<slug:public_id>/grant/", checking.grant, name="credential-grant"),
    path("credentials/<slug:public_id>/decline/", checking.decline, name="credential-decline"),
    path("physicians/", public.physicians, name="physicians"),
    path("physicians/<slug:public_id>/", public.physician, name="physician"),
]
