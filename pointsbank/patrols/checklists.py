"""Checklists to begin with, one for each kind of route. They are copied into a checkpoint and changed there."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.patrols.models import RouteKind

MOST_LINES = 12
# A short question that is answered "fine" or "not", and words that name the kind of problem it becomes: the first kind
# of the community whose name or group holds one of them is proposed.
TEMPLATES: Mapping[RouteKind, tuple[tuple[Any, tuple[str, ...]], ...]] = {
    RouteKind.STREET: (
        (lazy("Is the road clean, without heaps of rubbish?"), ("垃圾", "卫生", "clean", "litter")),
        (lazy("Are road and manhole covers whole?"), ("井盖", "路面", "道路", "road")),
        (lazy("Do the lamps work?"), ("路灯", "照明", "lamp", "light")),
        (lazy("Are the ways free of parked vehicles and goods?"), ("占道", "停车", "parking")),
        (lazy("Are signs and cables fixed?"), ("电线", "广告牌", "飞线", "cable")),
    ),
    RouteKind.BUILDING_SITE: (
        (lazy("Is the fence closed and standing firm?"), ("围挡", "工地", "fence")),
        (lazy("Is dust kept down, are heaps covered?"), ("扬尘", "dust")),
        (lazy("Do vehicles leave without mud on the road?"), ("渣土", "路面", "道路", "road")),
        (lazy("Is it quiet at night and at noon?"), ("噪音", "噪声", "noise")),
        (lazy("Is the way for people on foot safe and lit?"), ("工地", "照明", "light")),
    ),
    RouteKind.ESTATE: (
        (lazy("Are the bins closed, and the ground around them clean?"), ("垃圾", "卫生", "clean", "litter")),
        (lazy("Is the way for the fire engine free?"), ("消防", "通道", "fire")),
        (lazy("Are lawn and playing ground whole?"), ("绿化", "设施", "green")),
        (lazy("Do lamps and gates work?"), ("路灯", "照明", "门禁", "light")),
        (lazy("Are dogs on the lead and their dirt picked up?"), ("养犬", "宠物", "狗", "dog")),
    ),
    RouteKind.STAIRWELL: (
        (lazy("Is the stairwell free of things that were put there?"), ("楼道", "堆物", "stair")),
        (lazy("Is nothing charged on the stairs?"), ("充电", "飞线", "charging")),
        (lazy("Do the lights on the stairs work?"), ("照明", "路灯", "light")),
        (lazy("Are extinguisher and hydrant in their place and in date?"), ("消防", "fire")),
        (lazy("Are walls free of stuck-up advertisements?"), ("小广告", "advert")),
    ),
    RouteKind.CHARGING: (
        (lazy("Are plugs and cables whole and dry?"), ("充电", "电线", "charging")),
        (lazy("Are vehicles parked in the rows, with a gap?"), ("停车", "parking")),
        (lazy("Is nothing that burns stored there?"), ("消防", "堆物", "fire")),
        (lazy("Is an extinguisher there and in date?"), ("消防", "fire")),
        (lazy("Does the shelter keep the rain out?"), ("设施", "shelter")),
    ),
}


def copied(kind: RouteKind, kinds_of_problem: Mapping[int, tuple[str, str]]) -> list[dict[str, Any]]:
    """A checklist of this kind for a checkpoint, in the reader's language, by the kinds here: id -> (name, group)."""
    return [{"key": secrets.token_hex(3), "ask": str(ask), "category_id": _meant(words, kinds_of_problem)}
            for ask, words in TEMPLATES[kind]]


def _meant(words: tuple[str, ...], kinds_of_problem: Mapping[int, tuple[str, str]]) -> int | None:
    for word in words:
        for category_id, texts in kinds_of_problem.items():
            if any(word in text.lower() for text in texts):
                return category_id
    return None
