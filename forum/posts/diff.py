"""Word-by-word differences between two versions of a text."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from articles.text.markup import mask

# A word with the white space before it, so that changed line breaks are shown, or white space at the end.
_WORDS = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Changed:
    kind: str
    text: str


def differences(before: str, after: str) -> list[Changed]:
    # Addresses are masked first, since the diff could split one.
    old, new = _WORDS.findall(mask(before)), _WORDS.findall(mask(after))
    changed: list[Changed] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            changed.append(Changed("same", "".join(old[i1:i2])))
            continue
        changed += [Changed(name, "".join(part)) for name, part in (("del", old[i1:i2]), ("ins", new[j1:j2])) if part]
    return changed
