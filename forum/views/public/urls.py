"""URLs of public pages, in the namespace `forum`."""

from django.urls import path
from django.views.decorators.http import require_safe

from forum.views.public import (
    answers,
    asking,
    corrections,
    follow,
    numbers,
    physicians,
    privacy,
    questions,
    reports,
    topics,
)
from forum.views.public.feeds import QuestionsFeed

urlpatterns = [
    path("articles/<slug:slug>/", questions.article, name="article"),
    path("articles/<slug:slug>/follow/", follow.article, name="follow-article"),
    path("topics/", topics.topics, name="topics"),
    path("topics/<slug:slug>/", topics.topic, name="topic"),
    path("topics/<slug:slug>/follow/", follow.topic, name="follow-topic"),
    path("questions/", questions.questions, name="questions"),
    path("questions/ask/", asking.ask, name="ask"),
    path("questions/<slug:public_id>/", questions.question, name="question-short"),
    path("questions/<slug:public_id>/reply/", asking.reply, name="reply"),
    path("questions/<slug:public_id>/follow/", follow.question, name="follow"),
    path("questions/<slug:public_id>/answered/", corrections.answered, name="answered"),
    # A question's title comes last: the words above would look like one.
    path("questions/<slug:public_id>/<slug:slug>/", questions.question, name="question"),
    path("posts/<slug:public_id>/", questions.post, name="post"),
    path("posts/<slug:public_id>/correct/", corrections.correct, name="correct"),
    path("posts/<slug:public_id>/history/", answers.history, name="history"),
    path("posts/<slug:public_id>/review/", answers.review, name="review"),
    path("posts/<slug:public_id>/supersede/", answers.supersede, name="supersede"),
    path("posts/<slug:public_id>/helped/", answers.helped, name="helped"),
    path("posts/<slug:public_id>/report/", reports.report, name="report"),
    path("reports/<slug:token>/", reports.outcome, name="report-outcome"),
    path("physicians/", physicians.physicians, name="physicians"),
    path("physicians/<slug:public_id>/", physicians.physician, name="physician"),
    path("moderation-in-numbers/", numbers.numbers, name="numbers"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("feeds/questions/", require_safe(QuestionsFeed()), name="feed"),
]
