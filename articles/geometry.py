"""Geometry of SVG charts: the measures that all of them share.

Lengths are in the units of the SVG viewBox, which is WIDTH wide; the page scales it. Text is 15 units high, so that
on a screen 320 px wide it is still about 13 px.
"""

WIDTH = 340.0
SIDE = 10.0  # room left and right, for the first and last number on the axis
PLOT = WIDTH - 2 * SIDE
LABEL, BAR = 20.0, 18.0  # the height of a bar's label, and of the bar below it
