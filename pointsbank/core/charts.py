"""Charts as inline SVG, drawn on the server: pure functions from numbers and finished sentences to markup.

Every chart has the finding as its label, starts at zero, and tells its series apart by hatch as well as by colour.
Texts come in already translated; the caller shows the same figures as a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

GREEN, OCHRE, OCHRE_INK, GRAIN = "#0d6149", "#f3dca6", "#a8740f", "#d19a2a"
BLUE, GREY, INK, STOP, LINE, LINE_2, DESK = "#4a7fae", "#8a978f", "#17211c", "#9c3b08", "#d9e0da", "#8a978f", "#edf1ec"
LIGHT = "#ffd977"
MOST_COLUMNS = 12
MOST_SERIES = 4
MANY = 8


@dataclass(frozen=True)
class Column:
    """One place on the axis: its label and a number for each series. ``now`` marks the current month."""

    label: str
    values: tuple[float, ...]
    now: bool = False


def _hatch(name: str) -> Markup:
    return Markup(
        '<defs><pattern id="{n}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="{a}"/><path d="M0 0v6" stroke="{b}" stroke-width="3"/></pattern></defs>'
    ).format(n=name, a=OCHRE, b=OCHRE_INK)


def _paint(series: int, hatch: str) -> Markup:
    plain = (GREEN, "", BLUE, GREY)[series]
    return (Markup('fill="url(#{}-h)" stroke="{}"').format(hatch, OCHRE_INK) if series == 1
            else Markup('fill="{}"').format(plain))


def _steps(highest: float, *, whole: bool) -> list[float]:
    """Round numbers for the axis: from 0 to above the highest value in 3 to 5 steps."""
    least = 1.0 if whole else 0.1
    rough = max(highest, least) / 4
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * n for n in (1, 2, 2.5, 5, 10) if scale * n >= rough - 1e-9)
    if whole:
        step = max(1.0, float(math.ceil(step)))
    count = max(1, math.ceil(max(highest, least) / step - 1e-9))
    return [step * n for n in range(count + 1)]


def short(value: float) -> str:
    """``1234.5`` -> ``1,234.5``; no decimals that say nothing."""
    text = f"{value:,.1f}"
    return text.removesuffix(".0")


def bars(columns: Sequence[Column], finding: str, *, name: str, whole: bool = False) -> Markup:
    """Grouped columns: the first series solid green, the second hatched ochre, then blue and grey.

    ``name`` keeps the hatch of several charts on a page apart. The last twelve columns are shown.
    """
    shown = list(columns)[-MOST_COLUMNS:]
    series = min(max((len(c.values) for c in shown), default=1), MOST_SERIES)
    ticks = _steps(max((v for c in shown for v in c.values), default=0), whole=whole)
    # Narrow columns leave room on the right: the last number must not be cut.
    top, base, left, right = 26, 136, 34, 332 if len(shown) <= MANY else 320
    scale = (base - top) / ticks[-1]
    room = (right - left) / max(len(shown), 1)
    width = min(17.0, (room - 6) / series - 2)
    parts = [Markup('<svg class="pb-svg" viewBox="0 0 336 160" role="img" aria-label="{}">').format(finding),
             _hatch(f"{name}-h") if series > 1 else Markup()]
    for tick in ticks:
        y = base - tick * scale
        parts.append(Markup('<path d="M{l} {y:.1f}h{w}" stroke="{c}"/>'
                            '<text x="{x}" y="{t:.1f}" text-anchor="end">{v}</text>').format(
                                l=left, y=y, w=right - left, c=LINE, x=left - 6, t=y + 4, v=short(tick)))
    for place, column in enumerate(shown):
        middle = left + room * (place + 0.5)
        start = middle - (series * (width + 2) - 2) / 2
        for index, value in enumerate(column.values[:series]):
            height = max(value, 0) * scale
            x = start + index * (width + 2)
            parts.append(Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" {}/>').format(
                x, base - height, width, height, _paint(index, name)))
            if column.now:
                number = Markup('<text class="pb-strong pb-halo" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
                parts.append(number.format(
                    x + (width / 2 if series != 2 else (1 - index) * width), base - height - 5,
                    ("end", "start")[index] if series == 2 else "middle", short(value)))
        parts.append(Markup('<text x="{:.1f}" y="153" text-anchor="middle"{}>{}</text>').format(
            middle, Markup(' class="pb-strong"') if column.now else "", column.label))
    return Markup("").join([*parts, Markup("</svg>")])


def key(series: int, name: str) -> Markup:
    """The little square before a series' name in the legend; ``name`` as for :func:`bars`."""
    return Markup('<svg class="pb-key" viewBox="0 0 14 14" aria-hidden="true">'
                  '<rect x=".5" y=".5" width="13" height="13" {}/></svg>').format(_paint(series, name))


def gauge(percent: float, finding: str, *, owed: str, kept: str, warn: str, stop: str) -> Markup:
    """One bar with its lines at 80 and 100 percent: ``owed`` and ``kept`` stand below, ``warn`` and ``stop`` above."""
    full = 320.0
    width = min(max(percent, 0), 104) / 100 * full
    at = 0.8 * full
    inside = width >= 48
    fill = GREEN if percent < 80 else GRAIN
    return Markup(
        '<svg class="pb-svg" viewBox="0 0 336 74" role="img" aria-label="{finding}">'
        '<rect x="0" y="26" width="{full}" height="20" rx="4" fill="{desk}" stroke="{line}"/>'
        '<rect x="0" y="26" width="{width:.1f}" height="20" rx="4" fill="{fill}"/>'
        '<path d="M{at} 20v34" stroke="{ink}" stroke-width="2"/>'
        '<path d="M{full} 20v34" stroke="{red}" stroke-width="3"/>'
        '<text x="{warn_x}" y="14" text-anchor="end">{warn}</text><text x="336" y="14" text-anchor="end">{stop}</text>'
        '<text class="pb-strong{white}" x="{label_x:.1f}" y="41">{percent}%</text>'
        '<text x="0" y="66">{owed}</text><text x="336" y="66" text-anchor="end">{kept}</text></svg>'
    ).format(finding=finding, full=full, desk=DESK, line=LINE_2, width=width, fill=fill, at=at, ink=INK, red=STOP,
             warn_x=at + 8, warn=warn, stop=stop, label_x=8 if inside else width + 6, percent=round(percent),
             white=" pb-on" if inside and fill == GREEN else "", owed=owed, kept=kept)


def houses(lit: int, finding: str, *, total: int = 100, per_row: int = 25) -> Markup:
    """A street of houses, ``lit`` of them with light in the window: parts of a whole as things to count."""
    rows = math.ceil(total / per_row)
    frame = Markup('<svg class="pb-houses" viewBox="0 0 1000 {}" role="img" aria-label="{}">')
    parts = [frame.format(rows * 47, finding)]
    pitch = 1000 / per_row
    for number in range(total):
        x, y = number % per_row * pitch + 1, number // per_row * 47 + 3
        on = number < lit
        house = Markup('<path d="M{:.1f} {}l13-12 13 12v26h-26z" fill="{}" stroke="{}" stroke-width="1.5"/>')
        parts.append(house.format(x, y + 12, GREEN if on else "#fff", GREEN if on else "#b9c3bc"))
        if on:
            parts.append(Markup('<path d="M{:.1f} {}h10v9h-10z" fill="{}"/>').format(x + 8, y + 19, LIGHT))
    return Markup("").join([*parts, Markup("</svg>")])


def flow(given: tuple[str, float, str], taken: tuple[str, float, str], finding: str, *, name: str) -> Markup:
    """Two bars below one another, what came in and what went out: each (label, number, number in words)."""
    highest = max(given[1], taken[1], 1e-9)
    parts = [Markup('<svg class="pb-svg pb-flow" viewBox="0 0 430 190" role="img" aria-label="{}">').format(finding),
             _hatch(f"{name}-h")]
    for index, (label, number, words) in enumerate((given, taken)):
        top = index * 96
        width = max(number / highest * 290, 2)
        parts.append(Markup(
            '<text x="0" y="{}">{}</text><rect x="0" y="{}" width="{:.1f}" height="42" rx="4" {}/>'
            '<text class="pb-strong" x="{:.1f}" y="{}">{}</text>'
        ).format(top + 26, label, top + 38, width, _paint(index, name), width + 12, top + 70, words))
    return Markup("").join([*parts, Markup("</svg>")])
