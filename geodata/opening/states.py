"""The three states of a door."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Whether the door is open."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


CODES = {State.CLOSED: 0, State.OPEN: 1, State.UNKNOWN: 2}
"""The states as small integers, for arrays."""

STATES = {code: state for state, code in CODES.items()}
"""The states by their integers."""

CLOSED, OPEN, UNKNOWN = (CODES[s] for s in (State.CLOSED, State.OPEN, State.UNKNOWN))

DAY_MIN = 24 * 60
"""Minutes of a day."""
