"""A plan of places as inline SVG: points, names that keep clear of each other, a scale bar, an arrow to the north.

No tiles, no script, nothing from outside. It stands beside a list of the same places, which says everything it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup, escape

from pointsbank.places.coordinates import offset
from pointsbank.places.facts import middle
from pointsbank.places.positions import Spot, nearest

MOST = 60
TYPE = 12  # units of the viewBox
MARGIN = 26
PIN = 11  # the radius of a pin
BARS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Plan:
    """A drawing, the places on it in the order of the list beside it, and how many had no room."""

    svg: Markup
    spots: Sequence[Spot]
    left_out: int


def chosen(spots: Sequence[Spot], highlighted: int | None = None) -> list[Spot]:
    """At most 60 places: those nearest to the highlighted one, or to the middle. In the order of their names."""
    centre = next((s.point for s in spots if s.id == highlighted), None) or middle(s.point for s in spots)
    if centre is None:
        return []
    return sorted((n.spot for n in nearest(centre, spots, most=MOST)), key=lambda s: (_natural(s.name), s.id))


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers in names by their size: 2 before 10."""
    parts, digits = [""], False
    for sign in name:
        is_digit = sign.isascii() and sign.isdigit()
        if is_digit != digits:
            parts.append("")
        digits = is_digit
        parts[-1] += sign
    return [(int(p), "") if p.isascii() and p.isdigit() else (-1, p) for p in parts]


def _placed(spots: Sequence[Spot], width: int, tallest: float) -> tuple[list[tuple[float, float]], float, int]:
    """Where each place stands on the paper, units for a metre, and the paper's height."""
    centre = middle(s.point for s in spots) or (0.0, 0.0)
    metres = [offset(centre, s.point) for s in spots]
    west, east = min(m[0] for m in metres), max(m[0] for m in metres)
    south, north = min(m[1] for m in metres), max(m[1] for m in metres)
    across, up = max(east - west, 40.0), max(north - south, 40.0)
    room = width - 2 * MARGIN
    unit = min(room / across, (width * tallest - 2 * MARGIN) / up)
    height = max(round(up * unit) + 2 * MARGIN + 24, 160)
    left = (width - (east - west) * unit) / 2
    top = (height - 24 - (north - south) * unit) / 2
    return [(left + (x - west) * unit, top + (north - y) * unit) for x, y in metres], unit, height


def _wide(text: str) -> float:
    """How much room a text takes: a Chinese sign is as wide as it is high, a letter a little more than half."""
    return sum(TYPE if ord(sign) > 0x2E7F else TYPE * 0.58 for sign in text)


def _clash(box: Box, others: Sequence[Box]) -> bool:
    return any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in others)


def _box(x: float, y: float, text: str, side: int, far: int) -> tuple[Box, tuple[float, float]]:
    """The room of a label right, left, above or below its point, ``far`` from it, and where its text begins."""
    wide = _wide(text)
    left, base = ((x + far, y + 4), (x - far - wide, y + 4), (x - wide / 2, y - far - 1),
                  (x - wide / 2, y + far + 11))[side]
    return (left - 1, base - TYPE + 1, left + wide + 1, base + 3), (left, base)


def _labels(spots: Sequence[Spot], points: Sequence[tuple[float, float]], paper: Box, highlighted: int | None,
            pins: Mapping[int, int]) -> list[str]:
    """The texts that find room: a name, else its number in the list, else nothing. The highlighted one comes first,
    then those with a pin."""
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(
        points, (PIN if spot.id in pins else 4 for spot in spots), strict=True)]
    taken.append((paper[2] - 26, 0, paper[2], 40))  # the arrow
    out = []
    for place in sorted(range(len(spots)), key=lambda i: (spots[i].id != highlighted, spots[i].id not in pins, i)):
        x, y = points[place]
        name = spots[place].name
        short = name if len(name) <= 10 else f"{name[:9]}…"
        own = taken[place]
        far = 12 if spots[place].id == highlighted or spots[place].id in pins else 6  # clear of the ring
        for text in (short, str(place + 1)):
            fitting = [(box, at) for box, at in (_box(x, y, text, side, far) for side in range(4))
                       if box[0] >= 0 and box[1] >= 0 and box[2] <= paper[2] and box[3] <= paper[3]
                       and not _clash(box, [t for t in taken if t is not own])]
            if fitting:
                box, at = fitting[0]
                taken.append(box)
                bold = ' font-weight="700"' if spots[place].id == highlighted else ""
                out.append(f'<text x="{at[0]:.0f}" y="{at[1]:.0f}"{bold}>{escape(text)}</text>')
                break
    return out


def scale_bar(unit: float, width: int) -> int:
    """The longest round number of metres that takes at most a third of the paper."""
    return max((m for m in BARS if m * unit <= width / 3), default=BARS[0])


def _pins(spots: Sequence[Spot], points: Sequence[tuple[float, float]], pins: Mapping[int, int]) -> str:
    """A red pin with its number at each place that has one."""
    return "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{PIN}" fill="#b3261e"/><text x="{x:.0f}" y="{y + 4:.0f}" fill="#fff" '
        f'font-weight="700" text-anchor="middle">{pins[spot.id] if pins[spot.id] < 100 else "99+"}</text>'
        for spot, (x, y) in zip(spots, points, strict=True) if spot.id in pins)


def draw(spots: Sequence[Spot], *, title: str, highlighted: int | None = None, width: int = 360,
         tallest: float = 1.2, pins: Mapping[int, int] | None = None) -> Plan | None:
    """The plan of these places, ``width`` units wide and about ``tallest`` times as high at most; None if there is
    nothing to draw. Under 10 kB for 60 places.

    ``pins`` says by place how many of something there are.
    """
    shown = chosen(spots, highlighted)
    if not shown:
        return None
    points, unit, height = _placed(shown, width, tallest)
    dots = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)
    marked = next(((x, y) for s, (x, y) in zip(shown, points, strict=True) if s.id == highlighted), None)
    ring = "" if marked is None else (
        f'<circle cx="{marked[0]:.0f}" cy="{marked[1]:.0f}" r="8" fill="none" stroke="#b3261e" stroke-width="3"/>')
    metres = scale_bar(unit, width)
    long, base = metres * unit, height - 8
    labels = "".join(_labels(shown, points, (0, 0, width, height - 22), highlighted, pins or {}))
    said = _("Plan of %(count)s places; north is up. The list beside it names the same places.", count=len(shown))
    svg = Markup(
        '<svg class="pb-plan pb-place-plan" viewBox="0 0 {width} {height}" role="img" aria-labelledby="plan-t plan-d" '
        'font-size="12"><title id="plan-t">{title}</title><desc id="plan-d">{said}</desc>'
        '<rect width="{width}" height="{height}" fill="#fff"/>'
        '<path d="{dots}" stroke="#0d6149" stroke-width="7" stroke-linecap="round"/>{ring}{pinned}'
        '<g fill="#17211c">{labels}<text x="{nx}" y="36" text-anchor="middle">{north}</text></g>'
        '<path d="M{nx} 4l5 16-5-4-5 4z" fill="#17211c"/>'
        '<path d="M8 {b1}v5h{long}v-5" fill="none" stroke="#17211c" stroke-width="1.5"/>'
        '<text x="{tx}" y="{base}" fill="#17211c">{metres}</text></svg>'
    ).format(width=width, height=height, title=title, said=said, dots=dots, ring=Markup(ring), labels=Markup(labels),
             pinned=Markup(_pins(shown, points, pins or {})),
             nx=width - 14, north=_("N"), b1=base - 6, long=f"{long:.0f}", tx=f"{long + 14:.0f}", base=base,
             metres=_("%(metres)s m", metres=metres))
    return Plan(svg, shown, len(spots) - len(shown))


def neighbours(shown: Sequence[Spot]) -> dict[int, str]:
    """By place: where it lies, told from the place nearest to it, for the list beside the plan."""
    found = {}
    for spot in shown:
        near = nearest(spot.point, [s for s in shown if s.id != spot.id], most=1)
        found[spot.id] = near[0].words if near else ""
    return found
