"""Charts as SVG text (图): drawn from plain values, labelled directly, readable by people, programs and screen readers.

Every mark carries its values as ``data-`` attributes, so that a figure can be read back from the picture.
Colours are presentation attributes on a white ground: no style sheet, no script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

WIDTH = 760
LABEL = 200
RIGHT = 90
ROW = 22
TOP = 56
INK, GREY, LINE, ACCENT, SOFT = "#16202a", "#57606a", "#d0d7de", "#0b57a4", "#9bbcdb"


@dataclass(frozen=True)
class IntervalMark:
    """One unit: its value and the interval around it, as decimal text; ``printed`` stands at the right."""

    label: str
    value: str
    low: str
    high: str
    printed: str


@dataclass(frozen=True)
class BarMark:
    """One bar; ``note`` stands behind its number."""

    label: str
    value: int
    note: str = ""


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high`` with labelled ticks; ``borders`` are lines at award or sanction borders."""

    low: Decimal
    high: Decimal
    ticks: Sequence[Decimal]
    borders: Sequence[tuple[Decimal, str]] = ()

    def x(self, value: Decimal) -> Decimal:
        """Where a value stands, in units of the picture; what lies outside stands at the edge."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return (LABEL + share * (WIDTH - LABEL - RIGHT)).quantize(Decimal("0.01"))


def interval_chart(title: str, marks: Sequence[IntervalMark], axis: Axis, *, note: str) -> str:
    """One row for each mark, in the order given: a line from low to high and a dot at the value (毛虫图)."""
    height = TOP + ROW * len(marks) + 40
    body = [*_axis(axis, height - 40), *(line for row, mark in enumerate(marks) for line in _interval(row, mark, axis))]
    return _picture(title, body, height=height, note=note)


def bar_chart(title: str, marks: Sequence[BarMark], *, note: str) -> str:
    """One bar for each mark, its number behind it."""
    most = max((mark.value for mark in marks), default=1) or 1
    height = TOP + ROW * len(marks) + 40
    # The longest text behind a bar decides how long bars may be.
    room = max([RIGHT, *(_width(f"{mark.value} {mark.note}") + 14 for mark in marks)])
    body: list[str] = []
    for row, mark in enumerate(marks):
        y = TOP + ROW * row
        width = Decimal(mark.value * (WIDTH - LABEL - room)) / most
        body.append(_label(mark.label, y))
        body.append(
            f'<rect class="mark" data-label={quoteattr(mark.label)} data-value="{mark.value}" x="{LABEL}" y="{y + 4}" '
            f'width="{width:.2f}" height="{ROW - 8}" fill="{ACCENT}"/>'
        )
        text = f"{mark.value} {mark.note}".strip()
        body.append(_text(text, LABEL + float(width) + 6, y + 15, fill=GREY))
    return _picture(title, body, height=height, note=note)


def score_axis(marks: Sequence[IntervalMark]) -> Axis:
    """An axis of scores in tens around the marks, within 0 to 100."""
    low = min((Decimal(mark.low) for mark in marks), default=Decimal(0))
    high = max((Decimal(mark.high) for mark in marks), default=Decimal(100))
    end = min(Decimal(100), (high // 10 + 1) * 10)
    start = max(Decimal(0), min(low // 10, end // 10 - 1) * 10)  # where everybody has 100 it is still an axis
    return Axis(start, end, [start + 10 * step for step in range(int((end - start) // 10) + 1)])


def rank_axis(places: int, borders: Sequence[tuple[int, str]] = ()) -> Axis:
    """An axis of places, 1 at the left; a border stands between two places."""
    step = 10 if places > 20 else 5 if places > 8 else 1
    ticks = [Decimal(1), *(Decimal(place) for place in range(step, places + 1, step) if place > 1)]
    half = Decimal("0.5")
    return Axis(half, places + half, ticks, [(Decimal(place) + half, name) for place, name in borders])


def _interval(row: int, mark: IntervalMark, axis: Axis) -> Iterator[str]:
    y = TOP + ROW * row + ROW // 2
    low, high, at = axis.x(Decimal(mark.low)), axis.x(Decimal(mark.high)), axis.x(Decimal(mark.value))
    yield _label(mark.label, y - ROW // 2)
    yield (
        f'<g class="mark" data-label={quoteattr(mark.label)} data-value="{mark.value}" data-low="{mark.low}" '
        f'data-high="{mark.high}"><line x1="{low}" x2="{high}" y1="{y}" y2="{y}" stroke="{SOFT}" stroke-width="6" '
        f'stroke-linecap="round"/><circle cx="{at}" cy="{y}" r="4" fill="{ACCENT}"/></g>'
    )
    yield _text(mark.printed, WIDTH - RIGHT + 10, y + 4, fill=INK)


def _axis(axis: Axis, bottom: int) -> Iterator[str]:
    for tick in axis.ticks:
        x = axis.x(tick)
        yield f'<line x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{bottom}" stroke="{LINE}"/>'
        yield _text(f"{tick:f}", float(x), TOP - 10, fill=GREY, anchor="middle")
    for place, name in axis.borders:
        x = axis.x(place)
        yield (
            f'<line class="border" data-at="{place}" x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{bottom}" stroke="{INK}" '
            'stroke-dasharray="4 3"/>'
        )
        yield _text(name, float(x) + 4, bottom + 12, fill=INK)


def _label(text: str, y: int) -> str:
    """The name before a row; one that is too long is set narrower, never cut."""
    room = LABEL - 18
    fit = f' textLength="{room}" lengthAdjust="spacingAndGlyphs"' if _width(text) > room else ""
    return _text(text, LABEL - 10, y + 15, fill=INK, anchor="end", fit=fit)


def _width(text: str) -> int:
    """About how wide a text of size 12 stands: Chinese letters are as wide as high, Latin ones and digits half."""
    return sum(7 if letter.isascii() else 12 for letter in text)


def _text(text: str, x: float, y: float, *, fill: str, anchor: str = "start", size: int = 12, fit: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="{size}" text-anchor="{anchor}"{fit}'
    return f"<text {place}>{escape(text)}</text>"


def _picture(title: str, body: Sequence[str], *, height: int, note: str) -> str:
    fonts = "PingFang SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, sans-serif"
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{fonts}">',
            f"<title>{escape(title)}</title><desc>{escape(note)}</desc>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(title, 12, 24, fill=INK, size=16),
            *body,
            _text(note, 12, height - 8, fill=GREY, size=11),
            "</svg>",
        ]
    )
