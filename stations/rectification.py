"""Put it right, or lose the plaque: how a failing station is dealt with, step by step.

As Dalian did it, where 247 of some 600 stations lost their plaque: rectify, and if that fails
revoke and look for a replacement nearby (domain report §0.5, §1.3)::

    opened ──> rectify ──failed──> second_chance ──failed──> revoke ──revoked──> status revoked
                  │                      │                      │
                  └──────────────────────┴── rectified ─────────┘        withdrawn: from any step

A case is one step with its deadline; a step that fails closes its case and opens the next, so that
the cases of a station are its history. Nothing here touches the store, and nothing happens by
itself: `proposed` says what the facts call for, a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from geodata.cases import Case
from geodata.errors import InvalidInputError, UnanswerableError
from geodata.inspections import Inspection

DEADLINE_DAYS = {"rectify": 15, "second_chance": 7, "revoke": 10}
"""The steps in their order, and how long each may take. Assumed: no source gives Dalian's."""

OUTCOMES = ("rectified", "failed", "revoked", "withdrawn")
"""How a step can end; `failed` leads to the next, `withdrawn` means it should not have begun."""

_STEPS = tuple(DEADLINE_DAYS)
_LAST = _STEPS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the end of a step brings.

    Attributes
    ----------
    closed
        The case, closed.
    opened
        The next one; None at the end.
    fields
        What changes about the station, by field of its record; empty for most.
    """

    closed: Case
    opened: Case | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def open_case(station_id: str, reason: str, *, on: date, who: str, step: str = _STEPS[0]) -> Case:
    """Give a new case, due after the time of its step.

    Raises
    ------
    InvalidInputError
        When the reason or the name is empty.
    """
    if not reason.strip() or not who.strip():
        raise InvalidInputError(
            "a case about station {id} needs a reason and the name of who opens it; give both",
            id=station_id,
        )
    due_on = on + timedelta(days=DEADLINE_DAYS[step])
    return Case(
        station_id=station_id,
        opened_on=on.isoformat(),
        due_on=due_on.isoformat(),
        reason=reason.strip(),
        step=step,
        who=who.strip(),
    )


def end(case: Case, outcome: str, *, on: date, who: str) -> Turn:
    """End a step, and give what follows.

    Raises
    ------
    InvalidInputError
        When the outcome is not one of `OUTCOMES`, or the case was opened after `on`.
    UnanswerableError
        When the case is closed, or its step cannot end so: only the step ``revoke`` revokes, and
        it does not fail.
    """
    _check(case, outcome, on)
    closed = replace(case, closed_on=on.isoformat(), outcome=outcome)
    if outcome == "failed":
        following = _STEPS[_STEPS.index(case.step) + 1]
        return Turn(
            closed=closed,
            opened=open_case(case.station_id, case.reason, on=on, who=who, step=following),
        )
    if outcome == "revoked":
        fields = {
            "status": "revoked",
            "status_reason": case.reason,
            "status_since": on.isoformat(),
        }
        return Turn(closed=closed, fields=fields)
    return Turn(closed=closed)


def current(cases: Sequence[Case]) -> Case | None:
    """Give the open case of a station; the last one opened when there are several."""
    return max((c for c in cases if c.is_open), key=lambda c: c.number, default=None)


def is_overdue(case: Case, today: date) -> bool:
    """Tell whether an open case should have ended before a day."""
    return case.is_open and bool(case.due_on) and case.due_on < today.isoformat()


def proposed(case: Case, inspections: Sequence[Inspection], today: date) -> str:
    """Give the outcome that the facts call for; empty while the step has time.

    Found in order on or after the day the step began: ``rectified``. Past its deadline without
    that: ``failed``, and ``revoked`` in the last step.

    Parameters
    ----------
    inspections
        Of the station.
    """
    later = [i for i in inspections if i.inspected_on >= case.opened_on]
    if later and max(later, key=lambda i: (i.inspected_on, i.number)).result == "in_order":
        return "rectified"
    if not is_overdue(case, today):
        return ""
    return "revoked" if case.step == _LAST else "failed"


def _check(case: Case, outcome: str, on: date) -> None:
    if outcome not in OUTCOMES:
        raise InvalidInputError(
            "a step cannot end as {outcome!s}; it can as {known}",
            outcome=outcome,
            known=", ".join(OUTCOMES),
        )
    if on.isoformat() < case.opened_on:
        raise InvalidInputError(
            "case {number} was opened on {day} and cannot end before that",
            number=case.number,
            day=case.opened_on,
        )
    if not case.is_open:
        raise UnanswerableError(
            "case {number} was closed on {day} already; open a new one",
            number=case.number,
            day=case.closed_on,
        )
    is_last = case.step == _LAST
    if (outcome == "revoked") != is_last and outcome in ("revoked", "failed"):
        raise UnanswerableError(
            "the step {step} of case {number} cannot end as {outcome}: a station is revoked in the "
            "step {last} alone, after the steps before it have failed",
            step=case.step,
            number=case.number,
            outcome=outcome,
            last=_LAST,
        )
