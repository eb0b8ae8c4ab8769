"""Settings for benchmarks: the site's, and a URL with a constant response."""

from config.settings import *  # noqa: F403 - all of them

ROOT_URLCONF = "benchmarks.urls"
