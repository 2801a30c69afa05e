"""All stations at one moment; that this equals asking each is tested in tests/property."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import numpy as np
import pytest

from geodata.errors import InvalidInputError
from geodata.hours import CODES, State
from geodata.records import Closure
from stations.masks import compile_stations, states_at

CLOSED, OPEN, UNKNOWN = (CODES[s] for s in (State.CLOSED, State.OPEN, State.UNKNOWN))
SHUT_UNTIL_17 = (Closure(first_day="2026-09-10", last_day="2026-09-17"),)


def frame(hours: list[str], **columns: list) -> gpd.GeoDataFrame:
    n = len(hours)
    plain = {"staff_hours": [""] * n, "entry": ["walk_in"] * n, "status": ["open"] * n}
    rows = {**plain, "closures": [()] * n, **columns, "hours": hours}
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([113.6] * n, [34.7] * n))


@pytest.mark.parametrize("night", ["Mo-Su 20:00-04:00", "Jan-Dec 20:00-04:00"])
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-09-17T22:00", [CLOSED, OPEN]),
        ("2026-09-18T02:00", [CLOSED, OPEN]),
        ("2026-09-18T20:00", [OPEN, OPEN]),
        ("2026-09-19T03:59", [OPEN, OPEN]),
        ("2026-09-19T04:00", [CLOSED, CLOSED]),
    ],
)
def test_night_after_a_closure_did_not_begin(night: str, moment: str, expected: list[int]) -> None:
    """Of two stations with the same hours, the one that was shut has no night behind it."""
    compiled = compile_stations(frame([night] * 2, closures=[SHUT_UNTIL_17, ()]))
    assert states_at(compiled, datetime.fromisoformat(moment)).tolist() == expected


def test_minutes_count() -> None:
    """08:30 and 17:45 are met to the minute."""
    compiled = compile_stations(frame(["Mo-Fr 08:30-17:45"]))
    found = [
        states_at(compiled, datetime(2026, 9, 14, hour, minute)).item()
        for hour, minute in ((8, 29), (8, 30), (17, 44), (17, 45))
    ]
    assert found == [CLOSED, OPEN, OPEN, CLOSED]


def test_same_hours_are_made_ready_once() -> None:
    """A thousand stations with two weekly texts and one of dates are two masks and one door."""
    texts = ["24/7", "Mo-Fr 09:00-17:00", "May-Sep 08:00-20:00"]
    compiled = compile_stations(frame([texts[k % 3] for k in range(1000)]))
    assert (compiled.days.shape[1], len(compiled.dated)) == (2, 1)
    assert np.bincount(states_at(compiled, datetime(2026, 9, 20, 10))).tolist() == [0, 1000]
    assert np.bincount(states_at(compiled, datetime(2026, 10, 3, 10))).tolist() == [666, 334]


def test_sun_is_that_of_each_station() -> None:
    """At 07:00 in September the sun is up in Zhengzhou and not yet in Kashgar."""
    stations = frame(["sunrise-sunset"] * 2)
    stations.geometry = gpd.points_from_xy([113.66, 75.99], [34.75, 39.47])
    compiled = compile_stations(stations)
    assert states_at(compiled, datetime(2026, 9, 14, 7)).tolist() == [OPEN, CLOSED]


def test_hours_that_cannot_be_read_are_refused() -> None:
    """Nothing is guessed for them."""
    with pytest.raises(InvalidInputError, match="by appointment"):
        compile_stations(frame(["by appointment"]))
