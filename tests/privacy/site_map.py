"""Every URL of the site, from the URLconf, and examples of each: a URL without an example fails the test."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver

# route -> examples. {post}, {slug}, {token} stand for every planted post; the others for what tests.privacy.planting tells.
EXAMPLES: dict[str, list[str]] = {
    "": ["/"],
    "articles/": ["/articles/", "/articles/?before={article}"],
    "articles/<slug:slug>/": ["/articles/{article}/", "/articles/no-such-article/"],
    "articles/<slug:slug>/follow/": ["/articles/{article}/follow/"],
    "topics/": ["/topics/"],
    "topics/<slug:slug>/": ["/topics/{topic}/", "/topics/no-such-topic/"],
    "topics/<slug:slug>/follow/": ["/topics/{topic}/follow/"],
    "questions/": ["/questions/", "/questions/?from={post}", "/questions/?to={post}"],
    "questions/ask/": ["/questions/ask/", "/questions/ask/?article={article}"],
    "questions/<slug:public_id>/": ["/questions/{post}/"],
    "questions/<slug:public_id>/reply/": ["/questions/{post}/reply/"],
    "questions/<slug:public_id>/follow/": ["/questions/{post}/follow/"],
    "questions/<slug:public_id>/<slug:slug>/": ["/questions/{post}/{slug}/"],
    "posts/<slug:public_id>/": ["/posts/{post}/"],
    "p/<slug:token>/": ["/p/{token}/"],
    "p/<slug:token>/edit/": ["/p/{token}/edit/"],
    "p/<slug:token>/answered/": ["/p/{token}/answered/"],
    **{
        f"posts/<slug:public_id>/{end}/": [f"/posts/{{post}}/{end}/"]
        for end in ("correct", "history", "review", "supersede", "helped")
    },
    "questions/<slug:public_id>/answered/": ["/questions/{post}/answered/"],
    "p/<slug:token>/withdraw/": ["/p/{token}/withdraw/"],
    "confirm/<slug:token>/": ["/confirm/{confirm}/"],
    "unsubscribe/<slug:token>/": ["/unsubscribe/{unsubscribe}/"],
    "mail-choices/<str:token>/": ["/mail-choices/{mail_choices}/", "/mail-choices/nothing/"],
    "me/": ["/me/"],
    "me/posts/": ["/me/posts/"],
    "me/follows/": ["/me/follows/"],
    "me/claim/": ["/me/claim/"],
    "me/mail-again/": ["/me/mail-again/"],
    "me/name/": ["/me/name/"],
    "me/notifications/": ["/me/notifications/", "/me/notifications/?after={own_follow}"],
    "accounts/passkey/": ["/accounts/passkey/"],
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": ["/accounts/2fa/webauthn/keys/1/edit/"],
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": ["/accounts/2fa/webauthn/keys/1/remove/"],
    "accounts/sessions/": ["/accounts/sessions/"],
    "accounts/sessions/end-others/": ["/accounts/sessions/end-others/"],
    "accounts/sessions/<int:pk>/end/": ["/accounts/sessions/1/end/"],
    "privacy/": ["/privacy/"],
    "me/data/": ["/me/data/"],
    "me/data/export/": ["/me/data/export/"],
    "me/data/erase/": ["/me/data/erase/"],
    "your-data/": ["/your-data/"],
    "your-data/<slug:token>/": ["/your-data/{data_link}/", "/your-data/nothing/"],
    "your-data/<slug:token>/export/": ["/your-data/{data_link}/export/"],
    "your-data/<slug:token>/erase/": ["/your-data/{data_link}/erase/"],
    "erasure/<slug:token>/": ["/erasure/{erasure}/"],
    "me/recognition/": ["/me/recognition/"],
    "me/recognition/take-back/": ["/me/recognition/take-back/"],
    "credentials/": ["/credentials/", "/credentials/?from={asked}"],
    "credentials/in-force/": ["/credentials/in-force/", "/credentials/in-force/?to={granted}"],
    "credentials/granted/<slug:public_id>/": ["/credentials/granted/{granted}/"],
    "credentials/granted/<slug:public_id>/withdraw/": ["/credentials/granted/{granted}/withdraw/"],
    "credentials/<slug:public_id>/": ["/credentials/{asked}/", "/credentials/{checked}/"],
    **{
        f"credentials/<slug:public_id>/{end}/": [f"/credentials/{{asked}}/{end}/"]
        for end in ("check", "grant", "decline")
    },
    "physicians/": ["/physicians/", "/physicians/?from={granted}"],
    "physicians/<slug:public_id>/": ["/physicians/{granted}/", "/physicians/{granted}/?from={post_id}"],
    "feeds/questions/": ["/feeds/questions/"],
    "posts/<slug:public_id>/report/": ["/posts/{post}/report/"],
    "reports/<slug:token>/": ["/reports/{report}/"],
    "moderation-in-numbers/": ["/moderation-in-numbers/"],
    "moderation/": [
        "/moderation/",
        "/moderation/?from={post}",
        "/moderation/?to={post}",
        "/moderation/?q=kanarie",
        "/moderation/?author=guest&days=0&name=Mel",
        "/moderation/?author=guest&q=pump",
    ],
    "moderation/log/": [
        *("/moderation/log/", "/moderation/log/?before=20", "/moderation/log/?move=publish", "/moderation/log/?move=x"),
        "/moderation/log/?since=2020-01-01&until=2030-01-01",
    ],
    "moderation/dashboard/": ["/moderation/dashboard/"],
    "moderation/dashboard.csv": ["/moderation/dashboard.csv"],
    "moderation/rules/": ["/moderation/rules/"],
    "moderation/from-mail/<str:token>/": ["/moderation/from-mail/{from_mail}/", "/moderation/from-mail/nothing/"],
    "moderation/bulk/": ["/moderation/bulk/"],
    "moderation/on-call/": ["/moderation/on-call/"],
    "moderation/mail/": [
        "/moderation/mail/",
        *(f"/moderation/mail/?show={shown}" for shown in ("retrying", "owed", "suppressed", "x")),
        *("/moderation/mail/?after={mail_pk}", "/moderation/mail/?show=owed&after={mail_pk}"),
    ],
    "moderation/mail/again/": ["/moderation/mail/again/"],
    "moderation/mail/<int:number>/again/": ["/moderation/mail/{mail_pk}/again/"],
    "moderation/mail/<int:number>/stop/": ["/moderation/mail/{mail_pk}/stop/"],
    "moderation/opinions/": ["/moderation/opinions/", "/moderation/opinions/?from={post}"],
    "moderation/opinions/<slug:public_id>/": ["/moderation/opinions/{post}/"],
    "moderation/reports/": ["/moderation/reports/"],
    "moderation/reports/<int:number>/mute/": ["/moderation/reports/{report_pk}/mute/"],
    "moderation/people/": ["/moderation/people/", "/moderation/people/?q=kanarie", "/moderation/people/?q=Mel"],
    "moderation/people/by-post/<slug:public_id>/": ["/moderation/people/by-post/{post}/"],
    "moderation/people/<str:key>/": ["/moderation/people/{person}/"],
    "moderation/people/<str:key>/sanction/": ["/moderation/people/{person}/sanction/"],
    "moderation/sanctions/<int:number>/lift/": ["/moderation/sanctions/{sanction_pk}/lift/"],
    "moderation/<slug:public_id>/": ["/moderation/{post}/"],
    **{
        f"moderation/<slug:public_id>/{end}/": [f"/moderation/{{post}}/{end}/"]
        for end in ("decide", "undo", "claim", "release", "note", "route")
    },
    "desk/": [
        "/desk/",
        *(f"/desk/?show={shown}" for shown in ("follow-up", "mine", "answered", "done", "x")),
        "/desk/?from={desk}",
        "/desk/?topic=other-medicines&specialty=Neurology",
    ],
    "desk/snippets/": ["/desk/snippets/"],
    "desk/snippets/<int:number>/": ["/desk/snippets/{snippet}/"],
    "desk/snippets/<int:number>/delete/": ["/desk/snippets/{snippet}/delete/"],
    "desk/<slug:public_id>/": ["/desk/{post}/"],
    **{f"desk/<slug:public_id>/{end}/": [f"/desk/{{post}}/{end}/"] for end in ("claim", "release")},
    "sitemap.xml": ["/sitemap.xml", "/sitemap.xml?section=questions"],
    "robots.txt": ["/robots.txt"],
    "healthz": ["/healthz"],
    "readyz": ["/readyz"],
    "metrics": ["/metrics"],
    "dev/mail/": ["/dev/mail/"],
    "dev/mail/kinds/<slug:slug>/": ["/dev/mail/kinds/queue-what-waits/", "/dev/mail/kinds/nothing/"],
    "dev/mail/kinds/<slug:slug>/html/": ["/dev/mail/kinds/queue-what-waits/html/"],
    "dev/mail/<slug:name>/": ["/dev/mail/nothing/"],
    "dev/mail/<slug:name>/html/": ["/dev/mail/nothing/html/"],
    # allauth
    "^accounts/confirm-email/(?P<key>[-:\\w]+)/$": ["/accounts/confirm-email/MQ:1nothing:x/"],
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": ["/accounts/confirm-email/nothing/"],
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": ["/accounts/password/reset/key/1-x-y/"],
    **{
        f"accounts/{end}": [f"/accounts/{end}"]
        for end in (
            *("login/", "logout/", "inactive/", "signup/", "reauthenticate/", "email/", "confirm-email/"),
            *(
                "password/change/",
                "password/set/",
                "password/reset/",
                "password/reset/done/",
                "password/reset/key/done/",
            ),
            *("login/code/", "login/code/confirm/", "2fa/", "2fa/authenticate/", "2fa/reauthenticate/"),
            *("2fa/totp/activate/", "2fa/totp/deactivate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/"),
            "2fa/recovery-codes/download/",
            *("2fa/webauthn/", "2fa/webauthn/add/", "2fa/webauthn/login/", "2fa/webauthn/reauthenticate/"),
        )
    },
    # Django's admin, apart from its models
    **{
        f"admin/{end}": [f"/admin/{end}"]
        for end in ("", "login/", "logout/", "password_change/", "password_change/done/", "jsi18n/")
    },
    "admin/autocomplete/": ["/admin/autocomplete/?app_label=accounts&model_name=credential&field_name=user&term="],
    "admin/r/<path:content_type_id>/<path:object_id>/": ["/admin/r/1/1/", "/admin/r/{post_type}/{post_pk}/"],
    "admin/(?P<url>.*)$": ["/admin/no-such-page/"],
}
# These show a post's text, and are asked for with every planted post; the others with a few.
WITH_EVERY_POST = {
    "questions/<slug:public_id>/<slug:slug>/",
    "posts/<slug:public_id>/",
    "moderation/<slug:public_id>/",
    "desk/<slug:public_id>/",
    "p/<slug:token>/",
    "p/<slug:token>/edit/",
    "posts/<slug:public_id>/correct/",
    "posts/<slug:public_id>/history/",
}
_APP = re.compile(r"^admin/\^\(\?P<app_label>([\w|]+)\)/\$$")
_MODEL = re.compile(r"^admin/(\w+)/(\w+)/(.*)$")
# What the crawler adds of its own: pages that no route is for, and a file.
BESIDES = [
    "/no-such-page/",
    "/static/css/site.css",
    "/static/no-such-file.css",
    "/accounts/no-such-page/",
    "/..%2f",
    "/p/",
]


def routes(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Yield the whole route of every URL."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def templates_for(route: str) -> list[str] | None:
    """Return the examples of a route before anything is filled in; None for a route that nobody has thought of."""
    if route in EXAMPLES:
        return EXAMPLES[route]
    apps = _APP.match(route)
    if apps:
        return [f"/admin/{app}/" for app in apps[1].split("|")]
    model = _MODEL.match(route)
    if model:
        app, name, rest = model.groups()
        row = f"{{admin:{app}.{name}}}"
        search = [f"/admin/{app}/{name}/?q=kanarie", f"/admin/{app}/{name}/?all=&o=1"] if not rest else []
        return [f"/admin/{app}/{name}/{rest}".replace("<path:object_id>", row), *search]
    return None


def a_few(posts: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return one post of each kind and state, and the last ones, which have addresses in their texts."""
    one_each = {(post["kind"], post["state"]): post for post in posts}
    return [*one_each.values(), *(post for post in posts[-3:] if post not in one_each.values())]


def urls_for(route: str, planted: dict[str, Any], admin_rows: int) -> Iterator[str]:
    """Yield the examples of a route, filled in with everything that was planted."""
    for template in templates_for(route) or []:
        row = re.search(r"\{admin:([\w.]+)\}", template)
        if row:
            yield from (template.replace(row[0], str(pk)) for pk in planted["admin"].get(row[1], [])[:admin_rows])
        elif re.search(r"\{(post|slug|token)\}", template):
            posts = planted["posts"] if route in WITH_EVERY_POST else a_few(planted["posts"])
            yield from (template.format(**post) for post in posts)
        elif "{confirm}" in template:
            yield from (template.format(confirm=token) for token in planted["confirm"])
        elif "{unsubscribe}" in template:
            yield from (template.format(unsubscribe=token) for token in planted["unsubscribe"])
        else:
            yield template.format(**planted["once"])
