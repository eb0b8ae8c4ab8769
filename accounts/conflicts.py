"""Conflicts and refusals: what a step raises when somebody was faster, or when it is not for this person."""

from typing import Any


class Conflict(Exception):
    """Somebody was faster, and nothing was changed; `current` is the present state, if a page can show it."""

    def __init__(self, current: Any = None) -> None:
        super().__init__("It has changed meanwhile.")
        self.current = current


class Refused(Exception):
    """The step is not allowed for this person or at this time; `words` say why, or name a text that does."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
