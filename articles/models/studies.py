"""Studies: sections, citation, authors, comparisons, flow of patients, commentaries.

Figures are stored as printed (text), and as numbers only where a chart needs them.
"""

from django.db import models
from django.db.models import Q
from django.utils.safestring import SafeString

from articles import charts
from articles.models.articles import Article
from articles.models.base import Rendered, source_field
from articles.text import markup


class Study(Rendered):
    RENDERED = {"summary_source": "summary_html", "who_source": "who_html"}

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="studies")
    position = models.PositiveSmallIntegerField(default=1)
    anchor = models.SlugField(max_length=60, help_text="Names this study in links to it, for example study-1.")
    title = models.CharField(max_length=200, help_text="In our own plain words.")
    summary_source = source_field("summary", blank=True)
    summary_html = models.TextField(blank=True, editable=False)
    who_source = source_field("who was studied", blank=True)
    who_html = models.TextField(blank=True, editable=False)
    sample_size = models.PositiveIntegerField(null=True, blank=True)
    group_a = models.CharField("first group", max_length=60, blank=True)
    group_b = models.CharField("second group", max_length=60, blank=True)
    # The citation, as printed. Fields that the source does not give stay empty, and the page omits them.
    paper_title = models.CharField(max_length=400)
    journal = models.CharField(max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    published_on = models.CharField(max_length=40, blank=True, help_text="As printed, for example 2016 Jun.")
    volume = models.CharField(max_length=20, blank=True)
    issue = models.CharField(max_length=20, blank=True)
    pages = models.CharField(max_length=40, blank=True)
    doi = models.CharField("DOI", max_length=120, blank=True, help_text="Without https://doi.org/.")
    epub_date = models.CharField(max_length=40, blank=True, help_text="As printed, for example 2015 Oct 20.")

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "studies"
        constraints = [models.UniqueConstraint(fields=["article", "anchor"], name="study_anchor_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def summary(self) -> SafeString:
        return markup.trusted(self.summary_html)

    @property
    def who(self) -> SafeString:
        return markup.trusted(self.who_html)

    @property
    def doi_url(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def chart(self) -> charts.Chart | None:
        drawn = [row for row in self.comparisons.all() if row.charted]
        return charts.bar_chart(drawn, self.group_a, self.group_b)

    @property
    def flow(self) -> list[charts.FlowNode]:
        return charts.flow_tree(self.flow_steps.all())

    @property
    def all_affiliations(self) -> "list[Affiliation]":
        found = {place.pk: place for author in self.authors.all() for place in author.affiliations.all()}
        return sorted(found.values(), key=lambda place: (place.position, place.pk))


class StudySection(Rendered):
    RENDERED = {"body_source": "body_html"}

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField(default=1)
    label = models.CharField(max_length=80)
    body_source = source_field("text")
    body_html = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def body(self) -> SafeString:
        return markup.trusted(self.body_html)


class Affiliation(models.Model):
    """`mark` joins author and affiliation in print; no street or e-mail address is stored."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="affiliations")
    position = models.PositiveSmallIntegerField(default=1)
    mark = models.CharField(max_length=5)
    name = models.CharField(max_length=300, help_text="Institution, town, country. No street, no e-mail address.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["study", "mark"], name="affiliation_mark_once")]

    def __str__(self) -> str:
        return f"{self.mark} {self.name}"


class Author(models.Model):
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="authors")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=120)
    affiliations = models.ManyToManyField(Affiliation, blank=True, related_name="authors")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Commentary(models.Model):
    """The statement is not rendered: formatting would change a quotation."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="commentaries")
    position = models.PositiveSmallIntegerField(default=1)
    speaker = models.CharField(max_length=120, help_text="With the degree, for example Malin Dollinger, MD.")
    about_speaker = models.CharField(max_length=200, blank=True, help_text="For example: a physician who has HSP.")
    quote = models.TextField(help_text="Word for word, without quotation marks.")

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "commentaries"

    def __str__(self) -> str:
        return self.speaker


class Comparison(models.Model):
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="comparisons")
    position = models.PositiveSmallIntegerField(default=1)
    measure = models.CharField(max_length=120)
    note = models.CharField(max_length=200, blank=True, help_text="For example the scale that was used.")
    a_printed = models.CharField("first group, as printed", max_length=60)
    b_printed = models.CharField("second group, as printed", max_length=60)
    p_value = models.CharField("P value, as printed", max_length=30, blank=True)
    charted = models.BooleanField(default=False, help_text="Draw it; needs both means.")
    a_mean = models.DecimalField("first mean", max_digits=9, decimal_places=3, null=True, blank=True)
    a_sd = models.DecimalField("first SD", max_digits=9, decimal_places=3, null=True, blank=True)
    b_mean = models.DecimalField("second mean", max_digits=9, decimal_places=3, null=True, blank=True)
    b_sd = models.DecimalField("second SD", max_digits=9, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="comparison_charted_has_means",
                condition=Q(charted=False) | Q(a_mean__isnull=False, b_mean__isnull=False),
                violation_error_message="A comparison that is drawn needs both means.",
            ),
        ]

    def __str__(self) -> str:
        return self.measure


class FlowStep(models.Model):
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="flow_steps")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    position = models.PositiveSmallIntegerField(default=1)
    count = models.PositiveIntegerField()
    label = models.CharField(max_length=200)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.count} {self.label}"
