"""Moderation statistics for everybody, by year and by reason, with nothing about any person."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum.models import Report
from forum.moderation import yearly_numbers
from forum.moderation.charts import in_words
from forum.states import Move

KINDS = {
    Move.PUBLISH: "Published",
    Move.MASK: "Published with parts left out",
    Move.RETURN: "Sent back to the author, with a reason",
    Move.REJECT: "Not published, with a reason",
    Move.SPAM: "Treated as spam",
    Move.REMOVE: "Removed after publication, with a reason",
    Move.KEEP: "Reported, and left as they were",
}
SITE = {
    Move.HIDE: "Hidden after several reports, until a moderator looked",
    Move.EXPIRE: "Closed because no change came back from the author",
}
OUTCOMES = {
    Report.Outcome.UPHELD: "The post was taken down or changed",
    Report.Outcome.KEPT: "A moderator looked and left the post as it was",
    Report.Outcome.GONE: "The post was gone for another reason",
    Report.Outcome.OPEN: "Not looked at yet",
}
OWN_WORDS = "In the moderator’s own words"
Told = list[tuple[str, str]]


@dataclass(frozen=True)
class Year:
    year: int
    decisions: Told
    reasons: list[tuple[str, Told]]
    site: Told
    reports: Told
    median: str


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Show the stored counts; three queries, whatever the number of years."""
    titles = yearly_numbers.reason_titles()
    found = [(year, yearly_numbers.stored(year)) for year in yearly_numbers.years()]
    years = [_year(year, numbers, titles) for year, numbers in found if numbers]
    context = {
        "years": years,
        "being_counted": any(numbers is None for _year, numbers in found),
        "few": yearly_numbers.FEW,
    }
    return render(request, "public/numbers.html", context)


def _year(year: int, numbers: yearly_numbers.Numbers, titles: dict[str, str]) -> Year:
    decided = {move.value: numbers["decisions"].get(move, 0) for move in KINDS}
    site = {"Held by the site for a moderator to read": numbers["held"]}
    site |= {label: numbers["site"].get(move, 0) for move, label in SITE.items()}
    reports = {label: numbers["reports"].get(outcome, 0) for outcome, label in OUTCOMES.items()}
    return Year(
        year,
        [(KINDS[Move(move)], words) for move, words in yearly_numbers.disclosed(decided).items()],
        [(KINDS[move], _reasons(numbers["reasons"][move], titles)) for move in KINDS if _has_reasons(move, numbers)],
        list(yearly_numbers.disclosed(site).items()),
        list(yearly_numbers.disclosed(reports).items()),
        in_words(numbers["median"]) if numbers["median"] is not None else "",
    )


def _has_reasons(move: Move, numbers: yearly_numbers.Numbers) -> bool:
    return any(numbers["reasons"].get(move, {}))


def _reasons(by_code: dict[str, int], titles: dict[str, str]) -> Told:
    """Return titles and counts, most frequent first; a code that left the library is its own title."""
    ranked = dict(sorted(by_code.items(), key=lambda pair: (-pair[1], pair[0])))
    told = yearly_numbers.disclosed(ranked, sum_is_told=True)
    return [(titles.get(code, code) or OWN_WORDS, words) for code, words in told.items()]
