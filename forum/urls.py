"""URLs of the discussion."""

from django.urls import include, path
from django.views.decorators.http import require_safe

from forum.choices import following
from forum.choices import views as choices
from forum.feeds import QuestionsFeed
from forum.views import asking, own, reading, reporting, topics, transparency

app_name = "forum"
urlpatterns = [
    path("articles/<slug:slug>/", reading.article, name="article"),
    path("articles/<slug:slug>/follow/", following.article, name="follow-article"),
    path("topics/", topics.topics, name="topics"),
    path("topics/<slug:slug>/", topics.topic, name="topic"),
    path("topics/<slug:slug>/follow/", following.topic, name="follow-topic"),
    path("questions/", reading.questions, name="questions"),
    path("questions/ask/", asking.ask, name="ask"),
    path("questions/<slug:public_id>/", reading.question, name="question-short"),
    path("questions/<slug:public_id>/reply/", asking.reply, name="reply"),
    path("questions/<slug:public_id>/follow/", asking.follow, name="follow"),
    path("", include("forum.ageing.urls")),
    path("questions/<slug:public_id>/<slug:slug>/", reading.question, name="question"),
    path("posts/<slug:public_id>/", reading.post, name="post"),
    path("posts/<slug:public_id>/report/", reporting.report, name="report"),
    path("reports/<slug:token>/", reporting.outcome, name="report-outcome"),
    path("p/<slug:token>/", own.status, name="status"),
    path("p/<slug:token>/withdraw/", own.withdraw, name="withdraw"),
    path("confirm/<slug:token>/", own.confirm, name="confirm"),
    path("unsubscribe/<slug:token>/", own.unsubscribe, name="unsubscribe"),
    path("mail-choices/<str:token>/", choices.by_link, name="mail-choices"),
    path("me/", include("forum.views.me.urls")),
    path("", include("forum.privacy.urls")),
    path("moderation-in-numbers/", transparency.numbers, name="numbers"),
    path("", include("forum.recognition.urls")),
    path("feeds/questions/", require_safe(QuestionsFeed()), name="feed"),
]
