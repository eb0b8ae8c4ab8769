"""Geometry of the statistics charts: pure functions from numbers to positions. Templates draw with classes only.

Lengths are in units of the SVG viewBox, WIDTH wide, with text 15 units high: about 13 px on a screen 320 px wide.
No information is in colour alone: every bar has its number beside it, and a table below.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 340.0
SIDE = 10.0
LABEL, BAR, GAP = 20.0, 18.0, 14.0
TOP, HEIGHT, AXIS = 32.0, 140.0, 30.0  # room above the columns, their height, room for the labels below
NUMBERS = 34.0  # room for the numbers left of the columns
MARK = 4.0  # how far a column's mark stands out on each side


@dataclass(frozen=True)
class Bar:
    """One bar lying on its side, its label above it; `part` is the filled length, where a part of the whole counts."""

    label: str
    printed: str
    y: float
    width: float
    part: float
    x: float = SIDE
    height: float = BAR

    @property
    def label_y(self) -> float:
        """The base line of the label."""
        return self.y - 5


@dataclass(frozen=True)
class Bars:
    """Bars under each other, on one scale from 0."""

    bars: list[Bar]
    height: float
    width: float = WIDTH
    kind: str = "bars"


@dataclass(frozen=True)
class Column:
    """One column, and the mark above it for a second, larger value; label and mark may be missing."""

    x: float
    y: float
    height: float
    width: float
    label: str
    mark_y: float | None

    @property
    def middle(self) -> float:
        """The middle of the column, for its label."""
        return round(self.x + self.width / 2, 2)

    @property
    def mark_from(self) -> float:
        """Where the mark begins."""
        return round(self.x - MARK, 2)

    @property
    def mark_to(self) -> float:
        """Where the mark ends."""
        return round(self.x + self.width + MARK, 2)


@dataclass(frozen=True)
class Tick:
    """A number on the upright axis, with its line."""

    y: float
    label: str

    @property
    def base(self) -> float:
        """The base line of the number."""
        return self.y + 5


@dataclass(frozen=True)
class Columns:
    """Columns side by side, one for each week, on one scale from 0."""

    columns: list[Column]
    ticks: list[Tick]
    unit: str
    left: float = NUMBERS
    right: float = WIDTH - SIDE
    base: float = TOP + HEIGHT
    label_y: float = TOP + HEIGHT + 20
    unit_y: float = 14.0
    height: float = TOP + HEIGHT + AXIS
    width: float = WIDTH
    kind: str = "columns"


def bars(rows: Sequence[tuple[str, str, int, int]]) -> Bars | None:
    """Return bars for rows of (label, what is printed beside it, whole, filled part); None when all are 0."""
    longest = max((whole for _label, _printed, whole, _part in rows), default=0)
    if not longest:
        return None
    room = WIDTH - 2 * SIDE
    drawn = []
    y = 0.0
    for label, printed, whole, part in rows:
        y += LABEL
        drawn.append(Bar(label, printed, y, round(whole / longest * room, 2), round(part / longest * room, 2)))
        y += BAR + GAP
    return Bars(drawn, height=y)


def columns(
    values: Sequence[float], labels: Sequence[str], unit: str, marks: Sequence[float | None] = ()
) -> Columns | None:
    """Return one column for each value, with an empty label where none is to stand; None when all are 0.

    `marks` are second values, drawn as a line over the column, on the same scale.
    """
    marks = list(marks) or [None] * len(values)
    largest = max([*values, *(mark or 0 for mark in marks)], default=0)
    if not largest:
        return None
    top = round_up(largest)
    slot = (WIDTH - SIDE - NUMBERS) / len(values)
    width = round(slot * 0.6, 2)
    drawn = []
    for number, (value, label, mark) in enumerate(zip(values, labels, marks, strict=True)):
        x = round(NUMBERS + slot * number + (slot - width) / 2, 2)
        height = round(value / top * HEIGHT, 2)
        mark_y = None if mark is None else _y(mark, top)
        drawn.append(Column(x, _y(value, top), height, width, label, mark_y))
    ticks = [Tick(_y(value, top), f"{value:g}") for value in (0, top / 2, top)]
    return Columns(drawn, ticks, unit)


def _y(value: float, top: float) -> float:
    return round(TOP + HEIGHT - value / top * HEIGHT, 2)


def round_up(value: float) -> float:
    """Return the next of 2, 4, 6, 8, 10, 20, 40 ...: even halves make short numbers on the axis."""
    size = 10.0 ** math.floor(math.log10(value))
    for step in (1, 2, 4, 6, 8, 10):
        if value <= step * size and (size > 1 or step > 1):
            return float(step * size)
    return 10 * size
