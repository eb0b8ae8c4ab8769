"""Related answers for a question: published physicians’ answers by topic or article, then by shared words.

The number of candidates is bounded, so the cost does not depend on the number of answers.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from forum.models import Post
from forum.models.posts import PostQuerySet
from forum.rules.text import words
from forum.states import State

SHOWN = 4
# Candidates: the newest about the same topic or article, and the newest of all.
NEAR, NEWEST = 30, 60
# Characters of each text that are compared.
COMPARED_LENGTH = 1_500
MIN_LETTERS = 4
COMMON = frozenset(
    word
    for line in (
        "about after again also always because been before being cannot could does doctor done each ever every feel",
        "from have having help here into just know like make many more most much need never only other over please",
        "really should since some take taking than thank that their them then there these they thing think this those",
        "time very want well were what when where which while will with without would year your",
    )
    for word in line.split()
)


@dataclass(frozen=True)
class Candidate:
    post: Post
    terms: frozenset[str]
    is_near: bool  # has the same topic or article as the question


def related_answers(question: Post) -> list[Post]:
    public = Post.objects.public().filter(kind=Post.Kind.REPLY, credential__isnull=False).exclude(question=question)
    public = public.select_related("question", "credential", "superseded_by__question").order_by("-published_at", "-id")
    # Superseded answers are outdated, so they are left out.
    read = [*_near(public, question), *public[:NEWEST]]
    found = {post.pk: post for post in read if not post.is_superseded}
    candidates = [
        Candidate(post, terms(_text(post.question), post.source), _is_near(post, question)) for post in found.values()
    ]
    return [candidate.post for candidate in best(terms(_text(question)), candidates)]


def best(asked: frozenset[str], candidates: Sequence[Candidate], limit: int = SHOWN) -> list[Candidate]:
    """Put those with the same topic or article first, then those with more shared words.

    A word that many candidates have counts less. A candidate without shared words needs the same topic or article.
    """
    common = Counter(term for candidate in candidates for term in candidate.terms & asked)
    scored = [(score(asked, candidate, common), candidate) for candidate in candidates]
    wanted = [(points, candidate) for points, candidate in scored if points > 0 or candidate.is_near]
    wanted.sort(key=lambda pair: (pair[1].is_near, pair[0]), reverse=True)
    return [candidate for _points, candidate in wanted[:limit]]


def score(asked: frozenset[str], candidate: Candidate, common: Counter[str]) -> float:
    return sum(1 / common[term] for term in candidate.terms & asked)


def terms(*texts: str) -> frozenset[str]:
    found: Iterable[str] = (word.text for text in texts for word in words(text[:COMPARED_LENGTH]))
    plain = (word.removesuffix("s") for word in found if len(word) >= MIN_LETTERS and word not in COMMON)
    return frozenset(word for word in plain if word not in COMMON)


def _near(public: PostQuerySet, question: Post) -> list[Post]:
    same = public.none()
    if question.topic_id is not None:
        same = public.filter(question__topic=question.topic_id)
    elif question.article_id is not None:
        same = public.filter(article=question.article_id)
    return list(same[:NEAR])


def _is_near(answer: Post, question: Post) -> bool:
    about = answer.question
    same_topic = about is not None and question.topic_id is not None and about.topic_id == question.topic_id
    return same_topic or (question.article_id is not None and answer.article_id == question.article_id)


def _text(post: Post | None) -> str:
    return f"{post.title}\n{post.source}" if post else ""


def newest_answer(question: Post, user: User) -> Post | None:
    public = Post.objects.filter(question=question, state=State.PUBLISHED, credential__isnull=False)
    return public.exclude(author=user).select_related("credential").order_by("-published_at", "-id").first()
