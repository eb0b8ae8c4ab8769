"""URLs below /desk/."""

from django.urls import path

from forum.views.desk import answering, claiming, lists, snippets

app_name = "desk"
urlpatterns = [
    path("", lists.questions, name="list"),
    path("snippets/", snippets.snippets, name="snippets"),
    path("snippets/<int:number>/", snippets.change, name="snippet"),
    path("snippets/<int:number>/delete/", snippets.delete, name="snippet-delete"),
    # A question's id comes last: "snippets" would look like one.
    path("<slug:public_id>/", answering.question, name="question"),
    path("<slug:public_id>/claim/", claiming.claim, name="claim"),
    path("<slug:public_id>/release/", claiming.release, name="release"),
]
