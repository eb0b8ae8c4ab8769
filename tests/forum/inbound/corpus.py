"""Other people's mails with the texts that they expect of them, from ../shared/corpora/email-replies."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "corpora" / "email-replies"
DISCOURSE = FOLDER / "discourse-email_reply_trimmer"
GITHUB = FOLDER / "github-email_reply_parser"
TALON = FOLDER / "talon" / "standard_replies"
FLANKER = FOLDER / "flanker" / "messages" / "bounce"

# What that project's own tests expect of these mails (its texts come without expected ones): how the visible text
# begins and ends; where only one is given, it is the whole.
GITHUB_EXPECTS = {
    "correct_sig.txt": ("this is an email with a correct -- signature.",),
    "email_1_2.txt": ("Hi,\nOn Tue, 2011-03-01", 'you’ll need to delete them all individually."'),
    "email_1_3.txt": ("Oh thanks.\n\nHaving the function would be great.",),
    "email_1_4.txt": ("Awesome! I haven't had another problem with it.",),
    "email_1_5.txt": ("One: Here's what I've got.", "It goes on and on\nfor a while."),
    "email_1_7.txt": (":+1:",),
    "email_1_8.txt": ("On Tue, Apr 29, 2014", "and under this."),
    "email_2_2.txt": ("Outlook with a reply directly above line",),
    "email_2_3.txt": ("Outlook with a reply directly above line",),
    "email_BlackBerry.txt": ("Here is another email",),
    "email_iPhone.txt": ("Here is another email",),
    "email_multi_word_sent_from_my_mobile_device.txt": ("Here is another email",),
    "email_sent_from_my_not_signature.txt": (
        "Here is another email\n\nSent from my desk, is much easier then my mobile phone.",
    ),
}


def at_line_ends(text: str) -> str:
    """Return the text without white space at the ends of its lines, and without empty lines around it."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def discourse() -> Iterator[tuple[str, str, str]]:
    """Yield name, mail and expected text."""
    for path in sorted((DISCOURSE / "emails").iterdir()):
        expected = DISCOURSE / "trimmed" / path.name
        yield path.name, _read(path), at_line_ends(_read(expected))


def github() -> Iterator[tuple[str, str, str]]:
    """Yield name, mail and expected text: of a whole stretch of the mail only its beginning and end are written down."""
    for path in sorted(GITHUB.iterdir()):
        text, ends = _read(path), GITHUB_EXPECTS[path.name]
        start, last = text.index(ends[0]), ends[-1]
        yield path.name, text, at_line_ends(text[start : text.index(last, start) + len(last)])


def talon() -> Iterator[tuple[str, str, str]]:
    """Yield name, the mail's plain text and expected text: "Hello" where that project keeps no other."""
    for path in sorted(TALON.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        assert body
        expected = path.with_name(f"{path.stem}_reply_text")
        yield path.name, str(body.get_content()), at_line_ends(_read(expected)) if expected.exists() else "Hello"


def bounces() -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of mails of which none may become a post."""
    for path in sorted(FLANKER.iterdir()):
        yield path.name, path.read_bytes()


def everything() -> Iterator[tuple[str, bytes]]:
    """Yield every file that there is, as a mail would bring it."""
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(FOLDER)), path.read_bytes()


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
