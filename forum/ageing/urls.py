"""URLs of what happens to posts after they are public."""

from django.urls import path

from forum.ageing.views import answers, authors, readers

urlpatterns = [
    path("posts/<slug:public_id>/correct/", authors.correct, name="correct"),
    path("posts/<slug:public_id>/history/", readers.history, name="history"),
    path("posts/<slug:public_id>/review/", answers.review, name="review"),
    path("posts/<slug:public_id>/supersede/", answers.supersede, name="supersede"),
    path("posts/<slug:public_id>/helped/", readers.helped, name="helped"),
    path("questions/<slug:public_id>/answered/", authors.answered, name="answered"),
    path("p/<slug:token>/edit/", authors.edit, name="edit"),
    path("p/<slug:token>/answered/", authors.answered_by_link, name="answered-by-link"),
]
