"""The chart's geometry and the flow's sums."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from articles import charts
from articles.models import FlowStep, Study


@dataclass
class Row:
    """A comparison without a database."""

    measure: str = "Spasms"
    a_printed: str = "1.44 [0.92]"
    b_printed: str = "2.37 [1.12]"
    a_mean: Decimal | None = Decimal("1.44")
    a_sd: Decimal | None = Decimal("0.92")
    b_mean: Decimal | None = Decimal("2.37")
    b_sd: Decimal | None = Decimal("1.12")


def bars(*rows: Row) -> list[charts.Bar]:
    chart = charts.bar_chart(rows, "Pump", "Tablets")
    assert chart is not None
    return [bar for measure in chart.measures for bar in measure.bars]


@pytest.mark.database_neutral
def test_bars_are_as_long_as_their_values():
    pump, tablets = bars(Row())
    assert pump.width / tablets.width == pytest.approx(1.44 / 2.37, rel=1e-3)


@pytest.mark.database_neutral
def test_all_measures_share_one_scale():
    first, _, _, other = bars(Row(), Row(b_mean=Decimal("2.16"), b_sd=Decimal("0.83")))
    assert first.width / other.width == pytest.approx(1.44 / 2.16, rel=1e-3)


@pytest.mark.database_neutral
def test_whiskers_reach_one_sd_each_way_but_not_below_zero():
    pump, _ = bars(Row())
    unit = pump.width / 1.44
    assert pump.high_x - pump.x == pytest.approx((1.44 + 0.92) * unit, rel=1e-3)
    assert pump.low_x - pump.x == pytest.approx((1.44 - 0.92) * unit, rel=1e-3)
    wide, _ = bars(Row(a_sd=Decimal("9")))
    assert wide.low_x == wide.x
    without, _ = bars(Row(a_sd=None))
    assert without.low_x == without.high_x


@pytest.mark.database_neutral
def test_everything_lies_within_the_drawing_and_nothing_overlaps():
    chart = charts.bar_chart([Row(), Row()], "Pump", "Tablets")
    assert chart is not None
    below = 0.0
    for measure in chart.measures:
        for bar in measure.bars:
            assert bar.label_y >= below
            assert chart.left <= bar.low_x <= bar.high_x <= chart.right
            below = bar.y + bar.height
    assert below < chart.axis_y < chart.axis_number_y < chart.axis_title_y < chart.height
    assert [tick.label for tick in chart.ticks] == ["0", "1", "2", "3"]
    assert all(chart.left <= tick.x <= chart.right for tick in chart.ticks)


@pytest.mark.database_neutral
def test_nothing_to_draw():
    assert charts.bar_chart([], "a", "b") is None
    assert charts.bar_chart([Row(a_mean=None)], "a", "b") is None
    zero = Row(a_mean=Decimal(0), b_mean=Decimal(0), a_sd=None, b_sd=None)
    assert [bar.width for bar in bars(zero)] == [0, 0]


def test_the_drawn_numbers_are_the_printed_ones(first_article):
    for row in Study.objects.get(anchor="study-1").comparisons.filter(charted=True):
        assert row.a_printed == f"{row.a_mean:.2f} [{row.a_sd:.2f}]"
        assert row.b_printed == f"{row.b_mean:.2f} [{row.b_sd:.2f}]"


def test_the_flow_adds_up(first_article):
    (all_patients,) = Study.objects.get(anchor="study-2").flow
    (scanned,) = all_patients.children
    outcomes = [node.step.count for node in scanned.children]
    findings = [node.step.count for node in scanned.children[2].children]
    assert (all_patients.step.count, scanned.step.count) == (295, 27)
    assert outcomes == [3, 8, 16] and sum(outcomes) == 27
    assert findings == [4, 5, 5, 2] and sum(findings) == 16


def test_a_step_without_its_parent_stands_at_the_top(first_article):
    steps = [FlowStep(pk=1, parent_id=99, count=1, label="a"), FlowStep(pk=2, parent_id=1, count=1, label="b")]
    (top,) = charts.flow_tree(steps)
    assert [child.step.pk for child in top.children] == [2]
