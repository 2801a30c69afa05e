"""Put it right, or lose the plaque: step by step, by a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from geodata.cases import Case
from geodata.errors import InvalidInputError, UnanswerableError
from geodata.inspections import INSPECTION_RESULTS, Inspection
from geodata.records import STATION_STATUSES
from stations.rectification import (
    DEADLINE_DAYS,
    OUTCOMES,
    current,
    end,
    is_overdue,
    open_case,
    proposed,
)

DAY = date(2026, 9, 14)


def _case(step: str = "rectify") -> Case:
    return replace(open_case("s", "三次锁门", on=DAY, who="张三", step=step), number=1)


def _seen(day: str, result: str, number: int = 1) -> Inspection:
    return Inspection(number=number, station_id="s", inspected_on=day, who="w", result=result)


def test_a_station_that_fails_every_step_is_revoked_with_its_reason() -> None:
    """Opened, failed, failed again, revoked: three cases, and the new status says why and when."""
    case, steps, day = _case(), [], DAY
    for outcome in ("failed", "failed", "revoked"):
        steps.append(case.step)
        day += timedelta(days=1)
        turn = end(case, outcome, on=day, who="李四")
        assert (turn.closed.closed_on, turn.closed.outcome) == (day.isoformat(), outcome)
        if turn.opened is not None:
            case = turn.opened
    assert steps == list(DEADLINE_DAYS) == ["rectify", "second_chance", "revoke"]
    assert turn.opened is None
    assert turn.fields == {
        "status": "revoked", "status_reason": "三次锁门", "status_since": "2026-09-17",
    }  # fmt: skip
    assert turn.fields["status"] in STATION_STATUSES


@pytest.mark.parametrize("step", list(DEADLINE_DAYS))
def test_a_step_is_due_after_its_time(step: str) -> None:
    """The day it falls due is not overdue, the next is."""
    case = _case(step)
    due = DAY + timedelta(days=DEADLINE_DAYS[step])
    assert case.due_on == due.isoformat()
    assert not is_overdue(case, due)
    assert is_overdue(case, due + timedelta(days=1))


@pytest.mark.parametrize(("step", "outcome"), [*product(DEADLINE_DAYS, OUTCOMES)])
def test_only_the_last_step_revokes_and_it_does_not_fail(step: str, outcome: str) -> None:
    """Every step can end by being put right or withdrawn; a plaque is taken in the last alone."""
    is_last = step == "revoke"
    if (outcome == "revoked" and not is_last) or (outcome == "failed" and is_last):
        with pytest.raises(UnanswerableError):
            end(_case(step), outcome, on=DAY, who="w")
        return
    turn = end(_case(step), outcome, on=DAY, who="w")
    assert bool(turn.fields) == (outcome == "revoked")
    assert (turn.opened is not None) == (outcome == "failed")


def test_a_case_ends_once_not_before_it_began_and_as_something_known() -> None:
    """Closed cases, earlier days and unknown outcomes are refused."""
    closed = end(_case(), "rectified", on=DAY, who="w").closed
    with pytest.raises(UnanswerableError, match="closed on 2026-09-14 already"):
        end(closed, "failed", on=DAY, who="w")
    with pytest.raises(InvalidInputError, match="cannot end before"):
        end(_case(), "failed", on=DAY - timedelta(days=1), who="w")
    with pytest.raises(InvalidInputError, match="cannot end as forgotten"):
        end(_case(), "forgotten", on=DAY, who="w")


@pytest.mark.parametrize(("reason", "who"), [("", "w"), ("  ", "w"), ("r", ""), ("r", " ")])
def test_a_case_needs_a_reason_and_a_name(reason: str, who: str) -> None:
    """Nobody is accused by nobody, or of nothing."""
    with pytest.raises(InvalidInputError):
        open_case("s", reason, on=DAY, who=who)


@pytest.mark.parametrize("result", INSPECTION_RESULTS)
def test_found_in_order_since_proposes_that_it_is_rectified(result: str) -> None:
    """Only a later inspection that found everything in order does, on the first day too."""
    wanted = "rectified" if result == "in_order" else ""
    assert proposed(_case(), [_seen("2026-09-14", result)], DAY) == wanted
    assert proposed(_case(), [_seen("2026-09-13", result)], DAY) == ""


def test_the_last_inspection_counts() -> None:
    """In order and then shut again is not rectified; of one day, the later line counts."""
    seen = [_seen("2026-09-15", "in_order", 1), _seen("2026-09-16", "shut", 2)]
    assert proposed(_case(), seen, DAY) == ""
    assert (
        proposed(_case(), [_seen("2026-09-15", "shut", 1), _seen("2026-09-15", "in_order", 2)], DAY)
        == "rectified"
    )


@pytest.mark.parametrize(
    ("step", "outcome"), [("rectify", "failed"), ("second_chance", "failed"), ("revoke", "revoked")]
)
def test_past_its_day_a_step_has_failed(step: str, outcome: str) -> None:
    """Time without an inspection in order proposes the next step; nothing happens by itself."""
    due = DAY + timedelta(days=DEADLINE_DAYS[step])
    assert proposed(_case(step), [], due) == ""
    assert proposed(_case(step), [], due + timedelta(days=1)) == outcome


def test_the_current_case_is_the_open_one() -> None:
    """Closed cases are history."""
    closed = end(_case(), "rectified", on=DAY, who="w").closed
    newer = replace(_case(), number=2)
    assert current([closed]) is None
    assert current([closed, newer]) == newer
