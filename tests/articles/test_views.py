"""The article page: every figure as printed, what must and must not be there, and what it costs."""

import html
import re
from datetime import timedelta
from itertools import pairwise

import html5lib
import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, SafetyNotice, Study, StudySection
from articles.text import markup
from tests import factories

URL = "/articles/intrathecal-vs-oral-baclofen/"

# Written by hand from the two abstracts; each must stand on the page letter for letter.
STUDY_1 = [
    "at least 1 year",
    "matched 1:1",
    "A total of 62 matched subjects",
    "46 (11) years",
    "11 (6)",
    "13 (11) years",
    "40 (64%) male",
    "22 (36%) female",
    "spinal cord injury (n = 38)",
    "cerebral palsy (n = 10)",
    "stroke (n = 10)",
    "multiple sclerosis (n = 4)",
    "577 (1429) μg/day",
    "86 (50) mg/day",
    "fewer spasms (1.44 [0.92] versus 2.37 [1.12])",
    "severe spasms (1.44 [0.92] versus 2.16 [0.83])",
    "Penn Spasm Frequency Scale (P < .01; P < .01)",
    "with intrathecal baclofen (P < .01; P < .01)",
    "21% [33%] for oral",
    "3% [28%] for intrathecal",
    "(P = .02)",
]
STUDY_2 = [
    "From 295 patients, 27 had a CT contrast study",
    "In three of them",
    "Eight had a normal scan",
    "The other 16 patients were reported",
    "Four patients had a normal CT",
    "perfect crescent shape",
    "Five patients had inadequate fluid pooling",
    "Five patients had a fluid leak",
    "Two patients had a blocked catheter",
]
SOURCES = [
    "Intrathecal Versus Oral Baclofen: A Matched Cohort Study of Spasticity, Pain, Sleep, Fatigue, and Quality of Life",
    "PM R",
    "2016 Jun",
    "8(6):553-62",
    "10.1016/j.pmrj.2015.10.005",
    "2015 Oct 20",
    "McCormick ZL1, Chu SK2, Binler D3, Neudorf D4, Mathur SN5, Lee J6, Marciniak C7",
    "Rush University School of Medicine, Chicago, IL",
    "Evaluation of intrathecal baclofen delivery system malfunction by computed tomography scan",
    "Dev Med Child Neurol",
    "2016 Apr",
    "58(4):409-15",
    "10.1111/dmcn.12893",
    "2015 Sep 11",
    "Abousamra O1, Rogers KJ1, McManus M1, Miller F1, Sees JP1",
    "Nemours/Alfred I. duPont Hospital for Children, Wilmington, DE, USA",
]
QUOTE = (
    "“This is a very good article. I think everyone with a Baclofen pump should have a copy to show their pump doctor "
    "if there is ever any drug delivery problem. The average x-ray department may not have specific experience with CT "
    "scans of Baclofen pumps, and this article is a good guide.”"
)


def visible(page: str) -> str:
    """The text of the page on one line, without its tags."""
    spaced = re.sub(r"</?(?:p|li|dd|dt|h\d|td|th|span|div|ul|text|title|desc|figcaption)\b[^>]*>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", spaced)).split())


@pytest.fixture
def served(first_article: Article, client) -> str:
    return client.get(URL).content.decode()


@pytest.mark.parametrize(
    "printed", [STUDY_1, STUDY_2, SOURCES, [QUOTE]], ids=["study 1", "study 2", "sources", "quote"]
)
def test_it_stands_as_printed(served, printed):
    text = visible(served)
    assert [piece for piece in printed if piece not in text] == []


def test_the_patients_of_study_1_did_not_have_hsp(served):
    said = "diagnosed with spinal cord injury, cerebral palsy, stroke or multiple sclerosis, not with HSP"
    assert said in visible(served)


def test_the_physician_is_named_with_the_quotation(served):
    assert f"{QUOTE} Malin Dollinger, MD, a physician who has HSP" in visible(served)


def test_the_comparison_table_prints_every_figure(served):
    rows = re.findall(r"<tr>(.*?)</tr>", served, re.DOTALL)
    cells = [" | ".join(re.findall(r"<td>(.*?)</td>", row)) for row in rows]
    assert [html.unescape(cell) for cell in cells if cell] == [
        "1.44 [0.92] | 2.37 [1.12] | P < .01",
        "1.44 [0.92] | 2.16 [0.83] | P < .01",
        "3% [28%] | 21% [33%] | P = .02",
        "11 (6) years | 13 (11) years | not given",
        "577 (1429) μg/day | 86 (50) mg/day | not given",
    ]


def test_doi_links(served):
    for doi in ("10.1016/j.pmrj.2015.10.005", "10.1111/dmcn.12893"):
        assert f'href="https://doi.org/{doi}"' in served


def test_no_address_and_no_placeholder(served):
    article = served.split('id="discussion"')[0]
    assert "@" not in article and "protected]" not in article and "345 East" not in article
    assert not markup.find_addresses(visible(article))


def test_the_safety_box_is_staffs_to_edit(first_article, client):
    assert "Do not stop baclofen suddenly" in client.get(URL).content.decode()
    notice = SafetyNotice.objects.get()
    notice.title, notice.body_source = "New words", "**Call** for help"
    notice.save()
    page = client.get(URL).content.decode()
    assert "New words" in page and "<strong>Call</strong> for help" in page


def test_one_h1_and_no_heading_is_skipped(served):
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", served)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_every_link_within_the_page_leads_somewhere_and_ids_are_unique(served):
    ids = re.findall(r'\bid="([^"]+)"', served)
    assert len(ids) == len(set(ids))
    inside = set(re.findall(r'href="#([^"]+)"', served)) | set(re.findall(r'aria-labelledby="([^" ]+)"', served))
    assert inside <= set(ids), inside - set(ids)


def test_no_inline_style_or_script(served):
    assert "<style" not in served and "style=" not in served and "<script" not in served


def test_the_page_parses_without_errors(served):
    parser = html5lib.HTMLParser()
    parser.parse(served)
    assert not [error for error in parser.errors if error[1] != "unexpected-end-tag"], parser.errors


def test_what_a_source_does_not_say_gets_no_label(first_article, client):
    Study.objects.update(journal="", year=None, published_on="", volume="", issue="", pages="", doi="", epub_date="")
    page = client.get(URL).content.decode()
    # As words: a form's secret is a random text, in which "DOI" stands from time to time.
    for label in ("Journal", "Published</dt>", "Volume", r"\bDOI\b", "doi.org"):
        assert not re.search(label, page)


def test_reading_costs_the_same_for_more_studies_and_sections(first_article, client):
    client.get(URL)
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as before:
        client.get(URL)
    for number in range(3, 12):
        study = Study.objects.create(
            article=first_article, position=number, anchor=f"study-{number}", title="More", paper_title="More"
        )
        for position in range(10):
            StudySection.objects.create(study=study, position=position, label="More", body_source="More")
        study.authors.create(name="More A").affiliations.add(study.affiliations.create(mark="1", name="More"))
        study.flow_steps.create(count=1, label="More", parent=study.flow_steps.create(count=1, label="More"))
        study.commentaries.create(speaker="More", quote="More")
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as after:
        client.get(URL)
    assert len(after) == len(before)


def test_a_page_read_before_asks_for_no_study_again_until_the_article_changes(first_article, client):
    client.get(URL)
    with CaptureQueriesContext(connection) as again:
        client.get(URL)
    assert not [query for query in again if "articles_study" in query["sql"]]
    study = first_article.studies.first()
    study.title = "A title that an editor has just written"
    study.save()
    first_article.save()
    assert study.title in client.get(URL).content.decode()


def test_the_article_itself_takes_at_most_eight_queries(first_article, django_assert_num_queries):
    with django_assert_num_queries(8):
        article = Article.objects.with_notice().get(pk=first_article.pk)
        for study in article.studies_in_full:
            assert study.chart is not None or study.flow
            assert study.all_affiliations
            list(study.sections.all()), list(study.commentaries.all())
        article.etag_parts()


def test_reading_never_renders(first_article, client, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("rendered while reading")

    monkeypatch.setattr(markup, "render", refuse)
    assert client.get(URL).status_code == 200


@pytest.mark.django_db
def test_drafts_are_for_editors(client):
    draft = factories.article(status="draft", published_at=None)
    later = factories.article(published_at=timezone.now() + timedelta(days=1))
    open_to_all = factories.article()
    editor = factories.person("Editor", "editors", is_staff=True)
    people = [factories.person("Member"), factories.person("Group only", "editors"), factories.moderator()]
    everything = {draft, later, open_to_all}
    assert set(Article.objects.visible_to(editor)) == everything
    for person in people:
        assert set(Article.objects.visible_to(person)) == {open_to_all}
    for url in (draft.get_absolute_url(), later.get_absolute_url()):
        assert client.get(url).status_code == 404
    assert draft.title not in client.get("/articles/").content.decode()
    assert draft.title not in client.get("/").content.decode()


@pytest.mark.django_db
def test_wrong_methods_and_unknown_articles(client):
    article = factories.article()
    for url in ("/", "/articles/", article.get_absolute_url()):
        assert client.post(url).status_code == 405
        assert client.head(url).status_code == 200
    for url in (
        "/articles/none/",
        "/articles/?before=none",
        "/articles/?before=%00",
        f"/articles/?before={'x' * 3000}",
    ):
        assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_the_list_pages_by_key_in_a_constant_number_of_queries(client, monkeypatch):
    monkeypatch.setattr("articles.views.PER_PAGE", 3)
    now = timezone.now()
    made = [factories.article(published_at=now - timedelta(days=number // 2)) for number in range(8)]
    seen: list[str] = []
    url, queries = "/articles/", set()
    while url:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(url).content.decode()
        queries.add(len(captured))
        seen += re.findall(r'<h3><a href="/articles/([\w-]+)/">', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following.group(1) if following else ""
    assert sorted(seen) == sorted(article.slug for article in made)
    assert len(seen) == 8 and max(queries) <= min(queries) + 1


def test_home_shows_the_newest_article(first_article, client):
    page = client.get("/").content.decode()
    assert first_article.title in page and first_article.get_absolute_url() in page


def test_the_etag_follows_article_and_notice(first_article):
    before = first_article.etag_parts()
    assert before == Article.objects.get().etag_parts()
    SafetyNotice.objects.get().save()
    after_notice = Article.objects.get().etag_parts()
    Article.objects.get().save()
    assert len({before, after_notice, Article.objects.get().etag_parts()}) == 3
    assert all(isinstance(part, str) for part in before)


@pytest.mark.django_db
def test_a_published_article_has_a_date():
    article = Article(slug="x", title="X", status="published")
    article.full_clean()
    assert article.published_at is not None
