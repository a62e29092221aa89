"""Who is acting: plain values that the web edge loads once and every service is handed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grant:
    """An appointment in force: a role on an area (its materialised path) or on a team of it."""

    role: str
    area_id: int
    area_path: str
    team_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """Somebody signed in, or the system itself (``user_id`` None).

    ``community_id`` is the community acted in, ``resident_id`` the resident acted for (the answer to "for whom?"),
    ``area_path`` the path of that community. ``grants`` are all appointments in force today, also elsewhere.
    """

    user_id: int | None
    community_id: int | None = None
    resident_id: int | None = None
    area_path: str = ""
    name: str = ""
    session_id: int | None = None
    is_self: bool = True
    grants: tuple[Grant, ...] = field(default=())
    community_name: str = ""  # for the head of each page, so that the frame needs no statement of its own

    @property
    def key(self) -> str:
        """Names the actor in idempotency and audit rows."""
        return f"user:{self.user_id}" if self.user_id is not None else "system"

    @property
    def writes_as(self) -> str:
        """Names who writes, where and for whom: a draft that waits on a family's phone is sent under no other name."""
        return "" if self.user_id is None else f"{self.user_id}.{self.community_id or 0}.{self.resident_id or 0}"

    @property
    def is_system(self) -> bool:
        """True for jobs and the command line."""
        return self.user_id is None and self.name == "system"

    def has_role(self, *roles: str) -> bool:
        """One of these roles on the whole community acted in (an appointment on it or on an area above it)."""
        return any(
            g.role in roles and g.team_id is None and bool(self.area_path) and self.area_path.startswith(g.area_path)
            for g in self.grants
        )

    def has_role_within(self, *roles: str) -> bool:
        """One of these roles on the community acted in, an area above it, or any grid, building or team inside it."""
        return bool(self.area_path) and any(
            g.role in roles and (self.area_path.startswith(g.area_path) or g.area_path.startswith(self.area_path))
            for g in self.grants
        )

    def leads_team(self, team_id: int | None) -> bool:
        """Leader of exactly this team."""
        return team_id is not None and any(g.role == "team_leader" and g.team_id == team_id for g in self.grants)


SYSTEM_NAME = "system"


def system(community_id: int | None = None) -> Actor:
    """The actor of jobs and of the command line."""
    return Actor(user_id=None, community_id=community_id, name=SYSTEM_NAME)


NOBODY = Actor(user_id=None)
