"""Import of articles from content files, safe to repeat.

An unchanged file changes nothing. What staff have edited in the admin stays, unless it is to be replaced. Each file is
one transaction: after an error nothing of it is saved.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from articles.content.content_file import ContentError, Table, read_content
from articles.models import (
    Affiliation,
    Article,
    Author,
    Commentary,
    Comparison,
    FlowStep,
    SafetyNotice,
    Study,
    StudySection,
)

Row = TypeVar("Row", bound=models.Model)

CONTENT_DIR = Path(__file__).parent / "files"
CITATION = ("paper_title", "journal", "year", "published_on", "volume", "issue", "pages", "doi", "epub_date")
STUDY_FIELDS = ("anchor", "title", "sample_size", "group_a", "group_b", *CITATION)


@dataclass(frozen=True)
class Outcome:
    """The result for one article or notice: "loaded", "updated", "unchanged" or "left alone"."""

    what: str
    result: str

    @property
    def changed(self) -> bool:
        return self.result in ("loaded", "updated")


def content_files() -> list[Path]:
    return sorted(CONTENT_DIR.glob("*.toml"))


def load_file(path: Path, *, replace: bool = False) -> list[Outcome]:
    """Load one content file; `replace` overwrites what staff have edited.

    If ContentError is raised, nothing of the file is saved.
    """
    content = read_content(path)
    with transaction.atomic():
        outcomes = [_load_notice(path, content["notice"], replace)] if "notice" in content else []
        return [*outcomes, _load_article(path, content, replace)]


def _load_notice(path: Path, table: Table, replace: bool) -> Outcome:
    notice = SafetyNotice.objects.filter(key=table["key"]).first() or SafetyNotice(key=table["key"])
    what = f"notice “{table['key']}”"
    result = _verdict(notice, _digest(table), replace)
    if result in ("loaded", "updated"):
        notice.title, notice.body_source = table["title"], table["body"].strip()
        _stamp(notice, _digest(table))
        _save(path, "notice", notice)
    return Outcome(what, result)


def _load_article(path: Path, content: Table, replace: bool) -> Outcome:
    # The notice is a row of its own: a change of its text must not count as a change of the article.
    table = {key: value for key, value in content.items() if key != "notice"}
    article = Article.objects.filter(slug=table["slug"]).first() or Article(slug=table["slug"])
    result = _verdict(article, _digest(table), replace)
    if result in ("loaded", "updated"):
        _fill_article(path, article, table)
        _stamp(article, _digest(table))
        _save(path, "", article)
        article.studies.all().delete()
        for number, study in enumerate(table["studies"], start=1):
            _add_study(path, f"studies[{number}]", article, number, study)
    return Outcome(f"article “{table['slug']}”", result)


def _verdict(row: Article | SafetyNotice, digest: str, replace: bool) -> str:
    if row.pk is None:
        return "loaded"
    if row.edited_by_staff_at is not None:
        return "updated" if replace else "left alone"
    return "unchanged" if row.content_digest == digest else "updated"


def _stamp(row: Article | SafetyNotice, digest: str) -> None:
    row.content_digest, row.edited_by_staff_at = digest, None


def _fill_article(path: Path, article: Article, table: Table) -> None:
    article.title = table["title"]
    article.standfirst = table.get("standfirst", "")
    article.in_short_source = table.get("in_short", "").strip()
    article.introduction_source = table.get("introduction", "").strip()
    article.status = table.get("status", Article.Status.DRAFT)
    article.published_at = table.get("published_at") or article.published_at
    if article.status == Article.Status.PUBLISHED and article.published_at is None:
        article.published_at = timezone.now()
    article.safety_notice = _notice(path, table.get("safety_notice", ""))


def _notice(path: Path, key: str) -> SafetyNotice | None:
    if not key:
        return None
    notice = SafetyNotice.objects.filter(key=key).first()
    if notice is None:
        raise ContentError(path, "safety_notice", f"there is no notice with the key {key!r}")
    return notice


def _add_study(path: Path, at: str, article: Article, position: int, table: Table) -> None:
    fields = {name: table[name] for name in STUDY_FIELDS if name in table}
    sources = {"summary_source": table.get("summary", "").strip(), "who_source": table.get("who", "").strip()}
    study = _save(path, at, Study(article=article, position=position, **fields, **sources))
    for number, row in enumerate(table["sections"], start=1):
        section = StudySection(study=study, position=number, label=row["label"], body_source=row["body"].strip())
        _save(path, f"{at}.sections[{number}]", section)
    for number, row in enumerate(table.get("comparisons", []), start=1):
        _save(path, f"{at}.comparisons[{number}]", Comparison(study=study, position=number, **row))
    for number, row in enumerate(table.get("commentaries", []), start=1):
        _save(path, f"{at}.commentaries[{number}]", Commentary(study=study, position=number, **row))
    _add_flow(path, f"{at}.flow", study, None, table.get("flow", []))
    _add_people(path, at, study, table)


def _add_flow(path: Path, at: str, study: Study, parent: FlowStep | None, steps: list[Table]) -> None:
    for number, row in enumerate(steps, start=1):
        step = FlowStep(study=study, parent=parent, position=number, count=row["count"], label=row["label"])
        _save(path, f"{at}[{number}]", step)
        _add_flow(path, f"{at}[{number}].steps", study, step, row.get("steps", []))


def _add_people(path: Path, at: str, study: Study, table: Table) -> None:
    places: dict[str, Affiliation] = {}
    for number, row in enumerate(table.get("affiliations", []), start=1):
        place = Affiliation(study=study, position=number, **row)
        places[place.mark] = _save(path, f"{at}.affiliations[{number}]", place)
    for number, row in enumerate(table.get("authors", []), start=1):
        for mark in row.get("affiliations", []):
            if mark not in places:
                raise ContentError(
                    path, f"{at}.authors[{number}].affiliations", f"no affiliation has the mark {mark!r}"
                )
        author = _save(path, f"{at}.authors[{number}]", Author(study=study, position=number, name=row["name"]))
        author.affiliations.set(places[mark] for mark in row.get("affiliations", []))


def _save(path: Path, at: str, row: Row) -> Row:
    """Validate the row as the admin would, and save it; ContentError names the file and the key."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        key = field.removesuffix("_source") if field != "__all__" else ""
        raise ContentError(path, ".".join(part for part in (at, key) if part), " ".join(problems)) from error
    row.save()
    return row


def _digest(table: Table) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest()
