"""What a phone makes of a schedule: written from docs/snapshot.md alone."""

from __future__ import annotations

from typing import Any

AHEAD_MIN = 28 * 24 * 60


def read(schedule: dict[str, Any], minute: float, *, length_min: int) -> dict[str, Any]:
    """Give what a schedule says of a minute: state, until, next_open, why, note and the rest.

    Parameters
    ----------
    schedule
        As in a cell, with `notes` and `holidays` already in the places of their numbers.
    length_min
        How long the days of the manifest are.
    """
    assert 0 <= minute < length_min
    parts = schedule["parts"]
    now = max(k for k, part in enumerate(parts) if part[0] <= minute)
    _, state, why, note, holiday, is_predicted = parts[now]
    until = next((p[0] for p in parts[now:] if p[1] != state), schedule["change"])
    next_open = None
    if state != 1:
        next_open = next((p[0] for p in parts[now:] if p[1] == 1), schedule["next_open"])
    return {
        "state": state,
        "until": _in_sight(until, minute),
        "next_open": _in_sight(next_open, minute),
        "why": why,
        "note": note,
        "holiday": holiday,
        "is_predicted": is_predicted,
    }


def _in_sight(bound: float | None, minute: float) -> float | None:
    return bound if bound is not None and bound < minute + AHEAD_MIN else None
