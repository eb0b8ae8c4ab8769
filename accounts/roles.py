"""Roles as Django groups, and the permissions of each."""

from typing import Any

from django.contrib.auth.models import Group, Permission

MODERATORS = "moderators"
PHYSICIANS = "physicians"
EDITORS = "editors"
CHECKERS = "checkers"
STAFF = "staff"

# group -> permissions as "app.codename". A physician is not thereby a moderator.
ROLES: dict[str, list[str]] = {
    MODERATORS: ["forum.moderate_posts", "forum.view_log", "forum.sanction_members"],
    PHYSICIANS: ["forum.answer_as_physician"],
    # Two of them make somebody a verified physician: one checks the licence, another grants.
    CHECKERS: ["accounts.check_credentials"],
    EDITORS: [
        f"articles.{action}_{model}"
        for action in ("add", "change", "delete", "view")
        for model in (
            "article",
            "study",
            "studysection",
            "author",
            "affiliation",
            "commentary",
            "comparison",
            "flowstep",
            "safetynotice",
        )
    ],
    STAFF: [
        "forum.view_log",
        "forum.tune_rules",
        "forum.sanction_members",
        "forum.add_reason",
        "forum.change_reason",
        "forum.view_reason",
        "forum.add_topic",
        "forum.change_topic",
        "forum.view_topic",
        "forum.view_delivery",
        "forum.operate_mail",
        "forum.view_post",
        "accounts.view_user",
        "accounts.change_user",
        "accounts.view_credential",
        "articles.view_article",
        "articles.change_safetynotice",
        "articles.view_safetynotice",
    ],
}

PRIVILEGED_GROUPS = {MODERATORS, PHYSICIANS, CHECKERS, EDITORS, STAFF}


def ensure_groups(**_kwargs: Any) -> None:
    """Set those of the permissions that exist so far; runs after each app's migrate."""
    there = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, wanted in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set(there[label] for label in wanted if label in there)


def is_privileged(user: Any) -> bool:
    if not user.is_authenticated:
        return False
    return bool(user.is_staff or user.is_superuser or user.groups.filter(name__in=PRIVILEGED_GROUPS).exists())
