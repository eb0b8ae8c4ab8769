"""Who may open the pages of moderation."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponseBase
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponseBase]


def allowed_to(permission: str) -> Callable[[View], View]:
    """Ask strangers to sign in, refuse members without the permission, and keep the page out of caches."""

    def guard(view: View) -> View:
        return login_required(permission_required(permission, raise_exception=True)(never_cache(view)))

    return guard


moderators_only = allowed_to("forum.moderate_posts")
log_readers_only = allowed_to("forum.view_log")
sanctions_only = allowed_to("forum.sanction_members")
rule_tuners_only = allowed_to("forum.tune_rules")
operators_only = allowed_to("forum.operate_mail")
