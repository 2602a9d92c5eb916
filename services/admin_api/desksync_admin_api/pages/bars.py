"""Pictures of numbers as the server draws them: where each bar stands in an SVG. Knows neither the numbers' meaning nor words.

The picture is stretched to the width there is, so it holds no text; what it says stands around it, and in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100
"""Of the picture, in its own units. A slot is ten units wide."""

_SLOT = 10
_GAP = 2
_LEAST = 2.0
"""A number that is not nothing is seen, however small it is beside the others."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the picture, and the number that it stands for."""

    x: float
    y: float
    width: float
    height: float
    number: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A row of bars. `most` is the number that reaches the top, at least 1."""

    bars: tuple[Bar, ...]
    width: int
    most: int


def upright(numbers: Sequence[int]) -> Bars:
    """Return bars that stand beside each other, the highest as high as the picture."""
    most = max([1, *numbers])
    heights = [max(_LEAST, HEIGHT * number / most) if number else 0.0 for number in numbers]
    bars = [
        Bar(place * _SLOT + _GAP / 2, round(HEIGHT - height, 2), _SLOT - _GAP, round(height, 2), number)
        for place, (number, height) in enumerate(zip(numbers, heights, strict=True))
    ]
    return Bars(tuple(bars), len(numbers) * _SLOT, most)


def shares(numbers: Sequence[int]) -> Bars:
    """Return one bar in parts that lie beside each other, each as wide as its share of the sum."""
    total = max(1, sum(numbers))
    bars, begin = [], 0.0
    for number in numbers:
        width = 100 * number / total
        bars.append(Bar(round(begin, 3), 0, round(width, 3), HEIGHT, number))
        begin += width
    return Bars(tuple(bars), 100, total)
