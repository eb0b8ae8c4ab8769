"""Django's entry for the articles app."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    """Articles, their studies, and the safety notices that stand beside them."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "articles"
    verbose_name = "Articles"
