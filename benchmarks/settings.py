"""The site's settings with one more page to compare with: a constant answer of a given size."""

from config.settings import *  # noqa: F403 - all of them

ROOT_URLCONF = "benchmarks.urls"
