"""URLs below /moderation/."""

from django.urls import path

from forum.views.moderation import (
    bulk,
    by_mail,
    claims,
    dashboard,
    deciding,
    log,
    mail,
    notes,
    opinions,
    people,
    reports,
    rules,
)
from forum.views.moderation.route import route

app_name = "moderation"
urlpatterns = [
    path("", deciding.waiting, name="queue"),
    path("log/", log.log_page, name="log"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard.csv", dashboard.dashboard_csv, name="dashboard-csv"),
    path("reports/", reports.reported, name="reports"),
    path("reports/<int:number>/mute/", reports.mute, name="mute"),
    path("people/", people.people, name="people"),
    path("people/by-post/<slug:public_id>/", people.author, name="author"),
    path("people/<str:key>/", people.person, name="person"),
    path("people/<str:key>/sanction/", people.impose, name="impose"),
    path("sanctions/<int:number>/lift/", people.lift, name="lift"),
    path("rules/", rules.rules_page, name="rules"),
    path("mail/", mail.mail, name="mail"),
    path("mail/again/", mail.all_again, name="mail-all-again"),
    path("mail/<int:number>/again/", mail.again, name="mail-again"),
    path("mail/<int:number>/stop/", mail.stop, name="mail-stop"),
    path("from-mail/<str:token>/", by_mail.from_mail, name="from-mail"),
    path("bulk/", bulk.decide, name="bulk"),
    path("on-call/", claims.call, name="on_call"),
    path("opinions/", opinions.asked, name="opinions"),
    path("opinions/<slug:public_id>/", opinions.give, name="opinion"),
    # A post's id comes last: the words above would look like one.
    path("<slug:public_id>/", deciding.post, name="post"),
    path("<slug:public_id>/decide/", deciding.decide, name="decide"),
    path("<slug:public_id>/undo/", deciding.undo, name="undo"),
    path("<slug:public_id>/claim/", claims.claim, name="claim"),
    path("<slug:public_id>/release/", claims.release, name="release"),
    path("<slug:public_id>/note/", notes.add_note, name="note"),
    path("<slug:public_id>/route/", route, name="route"),
]
