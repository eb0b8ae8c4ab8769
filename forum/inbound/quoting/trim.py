"""Quote and signature removal: the words that the sender of a mail wrote.

mail-parser-reply knows how mail programs introduce quotes. But it removes indentation, cuts answers between quotes, and
takes "Thanks, that helps" for a signature. So it only tells where another mail begins; the cuts before that are made
here. Figures over four collections of mails: docs/mail.md.
"""

from mailparser_reply import EmailReplyParser

from forum.inbound.quoting import marks

# Longer texts are cut before they are parsed: a post has at most 5,000 characters, so the rest is quotes.
MAX_TEXT_LENGTH = 60_000
# Without Polish, with which every line that begins "Do:" or "Data:" would be taken for a header.
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "sv", "da", "cs", "ja", "ko", "zh"]
_parser = EmailReplyParser(languages=LANGUAGES)
# A longer text is no signature.
MAX_SIGNATURE_LINES = 10


def trim(text: str) -> str:
    lines = text[:MAX_TEXT_LENGTH].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = _without_end(_before_other_mail(_without_attributions(_without_end(lines))))
    lines = _without_end(_before_foreign_words(lines))
    while lines and marks.is_empty(lines[0]):
        del lines[0]
    return "\n".join(line.rstrip() for line in lines)


def _without_end(lines: list[str]) -> list[str]:
    lines = list(lines)
    while lines:
        before = len(lines)
        _drop_signature(lines)
        while lines and (marks.is_empty(lines[-1]) or marks.is_quoted(lines[-1]) or marks.is_rule(lines[-1])):
            del lines[-1]
        _drop_attribution(lines)
        if lines and (marks.names_a_device(lines[-1]) or _is_signed(lines)):
            del lines[-1]
        if len(lines) == before:
            break
    return lines


def _drop_signature(lines: list[str]) -> None:
    for start in range(len(lines) - 1, -1, -1):
        if not marks.begins_signature(lines[start]):
            continue
        following = [line for line in lines[start + 1 :] if not marks.is_empty(line) and not marks.is_quoted(line)]
        if len(following) <= MAX_SIGNATURE_LINES:
            del lines[start:]
        return


def _drop_attribution(lines: list[str]) -> None:
    for count in range(marks.MAX_ATTRIBUTION_LINES, 0, -1):
        start = len(lines) - count
        if start >= 0 and marks.attribution_at(lines, start) == count:
            del lines[start:]
            return


def _is_signed(lines: list[str]) -> bool:
    return len(lines) > 2 and marks.is_empty(lines[-2]) and marks.is_hyphen_and_name(lines[-1])


def _without_attributions(lines: list[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        count = marks.attribution_at(lines, at)
        if not count:
            kept.append(lines[at])
            at += 1
            continue
        at += count
        is_first = all(marks.is_empty(line) for line in kept)
        if not is_first and not _is_answered(lines[at:]):
            break
    return kept


def _is_answered(lines: list[str]) -> bool:
    visible = [line for line in lines if not marks.is_empty(line)]
    if not visible or not marks.is_quoted(visible[0]):
        return False
    return any(not marks.is_quoted(line) for line in visible)


def _before_other_mail(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if marks.begins_other_mail(line) or marks.headers_at(lines, at):
            return lines[:at]
    return lines


def _before_foreign_words(lines: list[str]) -> list[str]:
    read = _parser.read("\n".join(line[: marks.MAX_LINE_LENGTH] for line in lines))
    first = read.replies[0].content.split("\n") if read.replies else []
    begin = next((at for at, line in enumerate(lines) if not marks.is_empty(line)), 0)
    same = 0
    for own, theirs in zip(lines[begin:], first, strict=False):
        if own[: marks.MAX_LINE_LENGTH].strip() != theirs.strip():
            break
        same += 1
    return lines[: begin + same] if same else lines
