"""The first article, loaded as script/server loads it."""

from typing import Any

import pytest

from articles.loading import content_files, load_file
from articles.models import Article

SLUG = "intrathecal-vs-oral-baclofen"


@pytest.fixture
def first_article(db: None) -> Article:
    """The article of the repository's content file."""
    for path in content_files():
        load_file(path)
    return Article.objects.get(slug=SLUG)


@pytest.fixture(autouse=True)
def plain_http(settings: Any) -> None:
    """Answer on http, and without a second factor: neither is the articles' business."""
    settings.SECURE_SSL_REDIRECT = False
    settings.SECOND_FACTOR_REQUIRED = False
