"""Models of articles, studies and safety notices."""

from articles.models.articles import Article, ArticleQuerySet, SafetyNotice
from articles.models.studies import Affiliation, Author, Commentary, Comparison, FlowStep, Study, StudySection

__all__ = [
    "Affiliation",
    "Article",
    "ArticleQuerySet",
    "Author",
    "Commentary",
    "Comparison",
    "FlowStep",
    "SafetyNotice",
    "Study",
    "StudySection",
]
