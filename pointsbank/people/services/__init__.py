"""What can be done about people; a file for each chapter. Nothing else writes this room's tables."""

from __future__ import annotations

from pointsbank.people.services.appointing import end_appointment, grant, grant_by_name
from pointsbank.people.services.cards import block_card, card_address, card_code, issue_cards, reissue_card
from pointsbank.people.services.households import (
    close_household,
    found_household,
    join_household,
    leave_household,
    make_head,
    renumber_household,
)
from pointsbank.people.services.residents import (
    add_resident,
    change_resident,
    erase_resident,
    move_out,
    own_data,
    reveal_phone,
)
from pointsbank.people.services.sessions import (
    act_for,
    choices_of,
    end_other_sessions,
    end_session,
    freeze,
    own_sessions,
    start_session,
    unfreeze,
)
from pointsbank.people.services.signing_in import (
    confirm_password,
    prepare_code,
    sign_in_by_code,
    sign_in_by_password,
    verify_own_password,
    verify_password,
)
from pointsbank.people.services.tags import add_tag, end_tag
from pointsbank.people.services.teams import (
    add_team_member,
    close_team,
    create_team,
    remove_team_member,
    rename_team,
)
from pointsbank.people.services.users import (
    can_manage,
    create_user,
    link,
    open_frozen,
    open_sign_in,
    remember_view,
    reset_password,
    set_password,
    unlink,
)

__all__ = [
    "act_for",
    "add_resident",
    "add_tag",
    "add_team_member",
    "block_card",
    "can_manage",
    "card_address",
    "card_code",
    "change_resident",
    "choices_of",
    "close_household",
    "close_team",
    "confirm_password",
    "create_team",
    "create_user",
    "end_appointment",
    "end_other_sessions",
    "end_session",
    "end_tag",
    "erase_resident",
    "found_household",
    "freeze",
    "grant",
    "grant_by_name",
    "issue_cards",
    "join_household",
    "leave_household",
    "link",
    "make_head",
    "move_out",
    "open_frozen",
    "open_sign_in",
    "own_data",
    "own_sessions",
    "prepare_code",
    "reissue_card",
    "remember_view",
    "remove_team_member",
    "rename_team",
    "renumber_household",
    "reset_password",
    "reveal_phone",
    "set_password",
    "sign_in_by_code",
    "sign_in_by_password",
    "start_session",
    "unfreeze",
    "unlink",
    "verify_own_password",
    "verify_password",
]
