"""Numbers of papers, trials, genes and quantities, which look like telephone numbers and are none."""

import re
from functools import lru_cache

from forum.rules.base import Span
from forum.rules.text import fold

_REFERENCE = re.compile(
    r"\b10\.\d{4,9}/[^\s\"<>]{1,120}"  # DOI
    r"|\b(?:pmid|pmcid|pubmed(?:\s?id)?|pmc|omim|mim|orpha(?:net)?|isbn(?:-1[03])?|issn|nct|isrctn|eudract|euctr|drks|"
    r"actrn|chictr|umin|arxiv|rs|nm_|np_|nc_|ensg|grant|ref|version|figure|table|volume|vol|pages?|pp)"
    r"[\s.:#]{0,3}\d[\d\-./: ]{0,25}\d"
    r"|\b\d{1,4}(?:,\d{3}){1,4}(?:\.\d{1,3})?(?!\d)"  # 1,234,567.00
    r"|\b(?:19|20)\d\d\s?-\s?(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d;\s?\d{1,4}(?:\s?\(\d{1,4}\))?:\s?\d{1,6}(?:-\d{1,6})?"  # 2014;123:142-5
    r"|\bc\.\d{1,6}[\d+\-_*]{0,12}"  # a variant of a gene
)


@lru_cache(maxsize=8)
def references(text: str) -> tuple[Span, ...]:
    return tuple(found.span() for found in _REFERENCE.finditer(fold(text)))
