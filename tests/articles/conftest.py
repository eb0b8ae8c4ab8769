"""The first article, loaded as script/server loads it."""

import pytest
from pytest_django import Settings

from articles.content.loading import content_files, load_file
from articles.models import Article

SLUG = "intrathecal-vs-oral-baclofen"


@pytest.fixture
def first_article(db: None) -> Article:
    """The article of the repository's content file."""
    for path in content_files():
        load_file(path)
    return Article.objects.get(slug=SLUG)


@pytest.fixture(autouse=True)
def plain_site(settings: Settings) -> None:
    """Answer on http, without a second factor and without collected static files: none is the articles' business."""
    settings.SECURE_SSL_REDIRECT = False
    settings.SECOND_FACTOR_REQUIRED = False
    files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": files}
