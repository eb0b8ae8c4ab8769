"""At the desk, for its tests: questions that wait, and a physician's browser."""

import html
import re
from typing import Any

from accounts.models import User
from forum.models import AnswerDraft, DeskQuestion, Post, Topic
from forum.posts import submit
from tests import factories
from tests.support.visitors import Visitor, typed

ANSWER = "Many people try a test dose first. Ask your own team."


def words(page: Any) -> str:
    """Return a page as text, entities undone and white space evened out."""
    return " ".join(html.unescape(page.text).split())


def url(question: Post, end: str = "") -> str:
    """Return the question's page at the desk, or one below it."""
    return f"/desk/{question.public_id}/{end}"


def hidden(page: Any, name: str) -> str:
    """Return the value of a hidden field of the page; an empty one has none."""
    found = re.search(rf'<input type="hidden" name="{name}"(?: value="([^"]*)")?', page.text)
    assert found, f"no hidden field {name}"
    return html.unescape(found[1] or "")


def form(page: Any, text: str = ANSWER, do: str = "send", **fields: str) -> dict[str, str]:
    """Return what the browser sends when a button of the page is pressed."""
    kept = {name: hidden(page, name) for name in ("form_key", "seen", "saved")} if page is not None else {}
    return {**kept, "text": text, "website": "", "do": do, **fields}


class Desk(Visitor):
    """One physician's browser."""

    def __init__(self, physician: User | None = None) -> None:
        self.physician = physician or factories.physician()
        super().__init__(self.physician)

    def open(self, question: Post) -> Any:
        """Open the question's page."""
        page = self.get(url(question))
        assert page.status_code == 200, page.status_code
        return page

    def press(self, question: Post, text: str = ANSWER, do: str = "send", page: Any = None, **fields: str) -> Any:
        """Type into the page, opened now unless one is given, and press a button."""
        return self.post(url(question), form(page or self.open(question), text, do, **fields))

    def draft(self, question: Post) -> str | None:
        """Return what is kept of the answer."""
        return (
            AnswerDraft.objects.filter(author=self.physician, question=question).values_list("text", flat=True).first()
        )


def shown(page: Any) -> list[str]:
    """Return the titles on a list, in order."""
    return [html.unescape(one) for one in re.findall(r'href="/desk/\w+/">([^<]*)</a></h3>', page.text)]


def set_row(question: Post, **fields: Any) -> None:
    """Change the question's row behind the scenes."""
    assert DeskQuestion.objects.filter(question=question).update(**fields)


def topic(slug: str = "bladder-and-bowel", specialty: str = "") -> Topic:
    """Return a topic; a migration has made those of a new site, and other tests may have emptied the table."""
    values = {"name": slug.replace("-", " ").capitalize(), "specialty": specialty}
    return Topic.objects.update_or_create(slug=slug, defaults=values)[0]


def answer(question: Post, by: User, text: str = "An answer by somebody else.") -> Post:
    """Return a physician's public answer."""
    return submit.submit(factories.draft(text, question=question, user=by))


__all__ = ["ANSWER", "Desk", "answer", "form", "hidden", "set_row", "shown", "topic", "typed", "url", "words"]
