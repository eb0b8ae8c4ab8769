"""The content file and the command that loads it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles.content.loading import content_files
from articles.models import Article, FlowStep, SafetyNotice, Study, StudySection
from articles.text import markup

SLUG = "intrathecal-vs-oral-baclofen"
FILE = next(path for path in content_files() if path.stem == SLUG)


def load(*args: str) -> str:
    out = StringIO()
    call_command("load_articles", *args, stdout=out)
    return out.getvalue()


def snapshot() -> list[object]:
    models = (Article, SafetyNotice, Study, StudySection, FlowStep)
    return [row for model in models for row in model.objects.order_by("pk").values()]


@pytest.mark.django_db
def test_loading_twice_changes_nothing_and_says_so():
    assert f"article “{SLUG}”: loaded" in load()
    before = snapshot()
    assert load().endswith("Nothing changed.\n")
    assert snapshot() == before


@pytest.mark.django_db
def test_a_changed_file_updates_the_article_and_keeps_its_date(tmp_path):
    load()
    old = Article.objects.get()
    changed = tmp_path / "changed.toml"
    changed.write_text(FILE.read_text("utf-8").replace('title = "Comparing', 'title = "Now comparing'), "utf-8")
    assert f"article “{SLUG}”: updated" in load(str(changed))
    new = Article.objects.get()
    assert new.title.startswith("Now") and (new.pk, new.published_at) == (old.pk, old.published_at)
    assert new.studies.count() == 2


@pytest.mark.django_db
def test_what_staff_edited_is_left_alone_and_named_unless_replaced():
    load()
    SafetyNotice.objects.update(title="By staff", edited_by_staff_at="2026-01-01T00:00Z")
    Article.objects.update(title="By staff", edited_by_staff_at="2026-01-01T00:00Z")
    said = load()
    assert f"article “{SLUG}”: left alone, because staff have edited it" in said
    assert "notice “baclofen”: left alone" in said
    assert Article.objects.get().title == SafetyNotice.objects.get().title == "By staff"
    assert f"article “{SLUG}”: updated" in load("--replace")
    assert Article.objects.get().title != "By staff"
    assert load().endswith("Nothing changed.\n")


WRONG = {
    "no TOML": ("slug = ", "slug ", "is not valid TOML"),
    "unknown key": ("standfirst = ", "standfrist = ", "standfrist: unknown key"),
    "missing": ('slug = "intrathecal-vs-oral-baclofen"', "", "slug: is missing"),
    "empty": ('speaker = "Malin Dollinger, MD"', 'speaker = " "', "studies[2].commentaries[1].speaker: is empty"),
    "kind": ("sample_size = 62", 'sample_size = "62"', "studies[1].sample_size: must be a whole number"),
    "negative": ("count = 295", "count = -1", "studies[2].flow[1].count: must not be negative"),
    "no number": ('b_mean = "2.37"', 'b_mean = "2,37"', "studies[1].comparisons[1].b_mean"),
    "drawn without mean": ('b_mean = "2.37"\n', "", "studies[1].comparisons[1]: A comparison that is drawn"),
    "unknown mark": ('affiliations = ["7"]', 'affiliations = ["8"]', "studies[1].authors[7].affiliations"),
    "bad slug": ('slug = "intrathecal', 'slug = "intra thecal', "slug: Enter a valid"),
    "bad status": ('status = "published"', 'status = "public"', "status: Value 'public' is not a valid choice"),
    "no such notice": ('safety_notice = "baclofen"', 'safety_notice = "other"', "safety_notice: there is no notice"),
    "too long": ('title = "Study 1', f'title = "{"x" * 300}', "studies[1].title: Ensure this value has at most 200"),
    "an address": ("Cleveland, OH", "Cleveland a@b.org", "holds an e-mail"),
    "a placeholder": ("Cleveland, OH", "OH. [email\xa0protected]", "studies[1].affiliations[5].name: holds an e-mail"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_names_file_and_key_and_saves_nothing(name, tmp_path):
    old, new, problem = WRONG[name]
    text = FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CommandError) as error:
        load(str(path))
    assert "wrong.toml" in str(error.value) and problem in str(error.value)
    assert snapshot() == []


@pytest.mark.django_db
def test_a_wrong_file_does_not_harm_what_was_loaded(tmp_path):
    load()
    before = snapshot()
    path = tmp_path / "wrong.toml"
    path.write_text(FILE.read_text("utf-8").replace('affiliations = ["7"]', 'affiliations = ["8"]'), "utf-8")
    with pytest.raises(CommandError):
        load(str(path))
    assert snapshot() == before


@pytest.mark.django_db
def test_files_that_cannot_be_read(tmp_path):
    for path in (Path("/nowhere/none.toml"), tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            load(str(path))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not valid TOML"):
        load(str(binary))


@pytest.mark.django_db
def test_rendering_again_after_a_new_version(first_article, monkeypatch):
    updated = first_article.updated_at
    monkeypatch.setattr(markup, "VERSION", "next")
    StudySection.objects.update(body_html="old")
    out = StringIO()
    call_command("render_articles", stdout=out)
    assert not StudySection.objects.filter(body_html="old").exists()
    assert Article.objects.get().updated_at == updated
    again = StringIO()
    call_command("render_articles", stdout=again)
    assert again.getvalue() == "Rendered again: 0.\n"
