"""Bar charts and flow diagrams of studies: pure functions from numbers to positions, in the units of articles.geometry.

Templates draw them with classes only.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from articles.geometry import BAR, LABEL, PLOT, SIDE, WIDTH

HEADING, GAP = 26.0, 12.0
AXIS = 46.0  # ticks, their numbers and the axis title
CAP = 5.0  # half the height of the whisker's end


class Compared(Protocol):
    measure: str
    a_printed: str
    b_printed: str
    a_mean: Decimal | None
    a_sd: Decimal | None
    b_mean: Decimal | None
    b_sd: Decimal | None


class Step(Protocol):
    pk: int
    parent_id: int | None
    count: int
    label: str


@dataclass(frozen=True)
class Bar:
    """One bar with its whisker from mean - SD (not below 0) to mean + SD; low equals high where no SD is known."""

    group: str
    label: str
    printed: str
    label_y: float
    y: float
    width: float
    low_x: float
    high_x: float
    x: float = SIDE
    height: float = BAR

    @property
    def middle_y(self) -> float:
        return self.y + self.height / 2

    @property
    def cap_top(self) -> float:
        return self.middle_y - CAP

    @property
    def cap_bottom(self) -> float:
        return self.middle_y + CAP


@dataclass(frozen=True)
class Measure:
    label: str
    label_y: float
    bars: list[Bar]


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    measures: list[Measure]
    ticks: list[Tick]
    axis_y: float
    height: float
    width: float = WIDTH
    left: float = SIDE
    right: float = WIDTH - SIDE

    @property
    def axis_number_y(self) -> float:
        return self.axis_y + 20

    @property
    def axis_title_y(self) -> float:
        return self.axis_y + 40


@dataclass(frozen=True)
class FlowNode:
    step: Step
    children: "list[FlowNode]"


def bar_chart(rows: Iterable[Compared], group_a: str, group_b: str) -> Chart | None:
    """Return None if no row has both means; all bars share one scale from 0."""
    drawn = [row for row in rows if row.a_mean is not None and row.b_mean is not None]
    if not drawn:
        return None
    top = _axis_end(drawn)
    measures: list[Measure] = []
    y = 0.0
    for row in drawn:
        label_y = y + 18
        first = _bar("a", group_a, row.a_printed, row.a_mean, row.a_sd, y + HEADING, top)
        second = _bar("b", group_b, row.b_printed, row.b_mean, row.b_sd, y + HEADING + LABEL + BAR + GAP, top)
        measures.append(Measure(row.measure, label_y, [first, second]))
        y += HEADING + 2 * (LABEL + BAR + GAP)
    ticks = [Tick(_x(value, top), str(value)) for value in _round_steps(top)]
    return Chart(measures, ticks, axis_y=y, height=y + AXIS)


def _bar(group: str, label: str, printed: str, mean: Decimal | None, sd: Decimal | None, y: float, top: float) -> Bar:
    value, spread = float(mean or 0), float(sd or 0)
    return Bar(
        group=group,
        label=label,
        printed=printed,
        label_y=y + 15,
        y=y + LABEL,
        width=round(value / top * PLOT, 2),
        low_x=_x(max(0.0, value - spread), top),
        high_x=_x(value + spread, top),
    )


def _x(value: float, top: float) -> float:
    return round(SIDE + value / top * PLOT, 2)


def _axis_end(rows: list[Compared]) -> float:
    """Return the largest mean + SD, rounded up to a half."""
    ends = [float((row.a_mean or 0) + (row.a_sd or 0)) for row in rows]
    ends += [float((row.b_mean or 0) + (row.b_sd or 0)) for row in rows]
    return max(math.ceil(max(ends) * 2) / 2, 0.5)


def _round_steps(top: float) -> list[int]:
    """Return at most six whole numbers from 0 to at most `top`."""
    step = max(1, math.ceil(top / 5))
    return list(range(0, math.floor(top) + 1, step))


def flow_tree(steps: Iterable[Step]) -> list[FlowNode]:
    """Keep the order; steps whose parent is not among them become roots."""
    listed = list(steps)
    nodes = {step.pk: FlowNode(step, []) for step in listed}
    top: list[FlowNode] = []
    for step in listed:
        parent = nodes.get(step.parent_id) if step.parent_id is not None else None
        (parent.children if parent else top).append(nodes[step.pk])
    return top
