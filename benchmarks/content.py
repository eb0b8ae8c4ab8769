"""Benchmark data (articles with many comments, made by the site's own functions), and queries per page."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from articles.content import loading
from articles.models import Article
from forum.models import Post
from forum.posts import submit, transitions
from forum.states import Move

FIRST = "intrathecal-vs-oral-baclofen"
WORDS = (
    "My doctor suggests a pump because the tablets make me tired. Has anybody here gone from tablets to a pump, "
    "and how long did it take until the dose was right? I walk with two sticks and would like to keep doing so."
)


def fill(sizes: tuple[int, ...]) -> dict[int, str]:
    """Return an article's slug for each number of comments; each question gets up to three replies."""
    moderator = User.objects.get(name="Mo Moderator")
    slugs = {}
    for size in sizes:
        article = copy_of_first_article(f"bench-{size}")
        with transaction.atomic():
            comments(article, size, moderator)
        slugs[size] = article.slug
    return slugs


def copy_of_first_article(slug: str) -> Article:
    source = next(path for path in loading.content_files() if path.stem == FIRST)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / f"{slug}.toml"
        copy.write_text(source.read_text(encoding="utf-8").replace(f'"{FIRST}"', f'"{slug}"', 1), encoding="utf-8")
        loading.load_file(copy)
    return Article.objects.get(slug=slug)


def comments(article: Article, count: int, moderator: User) -> None:
    question: Post | None = None
    for number in range(count):
        question = None if number % 4 == 0 else question
        draft = submit.Draft(
            text=f"{WORDS} ({article.slug}, {number})",
            form_key=f"{article.slug}-{number}",
            name=f"Reader {number}",
            article=article,
            question=question,
        )
        post = submit.submit(draft)
        transitions.move(post, Move.PUBLISH, actor=moderator, version=post.version)
        question = question or post


def queries(slugs: dict[int, str]) -> None:
    moderator = Client()
    moderator.force_login(
        User.objects.get(name="Mo Moderator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    anonymous = Client()
    print("\nQueries per page")
    for size, slug in slugs.items():
        path = f"/articles/{slug}/"
        print(f"  article, {size:>4} comments       {count(anonymous, path):>3} (signed in {count(moderator, path)})")
    question = Post.objects.public().questions().latest("published_at")
    pages = {
        "home": "/",
        "questions": "/questions/",
        "one question": question.get_absolute_url(),
        "feed": "/feeds/questions/",
    }
    for name, path in pages.items():
        print(f"  {name:<29} {count(anonymous, path):>3}")
    for name, path in {"queue": "/moderation/", "log": "/moderation/log/", "my page": "/me/"}.items():
        print(f"  {name:<29} {count(moderator, path):>3}")


def count(client: Client, path: str) -> int:
    client.get(path, headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, headers={"host": "127.0.0.1"})
    assert response.status_code == 200, (path, response.status_code)
    return len(captured)
