"""The rules of cases and inspections."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geodata.cases import Case
from geodata.errors import InvalidInputError
from geodata.inspections import INSPECTION_RESULTS, Inspection


def case(**values: str) -> Case:
    usual = {"station_id": "a", "opened_on": "2026-09-20", "reason": "锁门", "step": "rectify"}
    return Case(**{**usual, **values})


def inspection(**values: str) -> Inspection:
    usual = {"station_id": "a", "inspected_on": "2026-09-20", "who": "Li", "result": "faulty"}
    return Inspection(**{**usual, **values})


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (case, {"station_id": ""}),
        (case, {"opened_on": ""}),
        (case, {"opened_on": "20 September"}),
        (case, {"due_on": "soon"}),
        (case, {"closed_on": "2026-02-30"}),
        (inspection, {"station_id": ""}),
        (inspection, {"inspected_on": ""}),
        (inspection, {"inspected_on": "today"}),
        (inspection, {"result": "fine"}),
    ],
)
def test_what_breaks_the_rules_is_refused(
    make: Callable[..., object], values: dict[str, str]
) -> None:
    """A case or an inspection needs its station, real days and a known result."""
    with pytest.raises(InvalidInputError):
        make(**values)


def test_what_keeps_the_rules_is_taken() -> None:
    """Every result is allowed; a case is open until it has a day of closing."""
    assert [inspection(result=r).result for r in INSPECTION_RESULTS] == list(INSPECTION_RESULTS)
    assert case().is_open
    assert not case(closed_on="2026-09-30").is_open
