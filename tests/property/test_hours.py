"""Opening hours: rules that hold for any text, station and moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import chinese_calendar
import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import hours_texts

from geodata.errors import InvalidInputError
from geodata.hours import CODES, State, intervals, read_hours
from geodata.records import ENTRY_MODES, STATION_STATUSES, Closure, Station
from stations.availability import at, intervals_between
from stations.masks import compile_stations, states_at

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MINUTE = timedelta(minutes=1)
LOOK_AHEAD = timedelta(days=28)
SPECIAL = ("2026-09-20", "2026-09-21", "2026-10-01", "2026-10-08", "2026-10-10", "2026-02-28",
           "2026-02-15", "2026-01-01", "2026-01-04", "2025-12-31", "2026-04-04", "2027-10-01",
           "2027-10-09", "2027-02-05")  # fmt: skip

CLOCKS = st.integers(0, 95)
SPANS = st.tuples(CLOCKS, CLOCKS).map(sorted).filter(lambda span: span[0] < span[1])


@given(text=st.text(max_size=40) | st.text('MoTuPHSH 0123456789:-+,;|[]()"offJan/', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but an error of ours, and what is read can be asked."""
    try:
        read_hours(text)
    except InvalidInputError:
        return
    start = datetime(2026, 9, 30)
    assert list(intervals(text, start, start + timedelta(days=3)))


@given(seed=st.integers(0, 2**32), minute=st.integers(0, 60 * 1440), n=st.integers(1, 30 * 1440))
def test_intervals_fill_the_time_and_their_neighbours_differ(
    seed: int, minute: int, n: int
) -> None:
    """From start to end without a gap, and never two alike in a row; case does not matter."""
    text = hours_texts.text(Random(seed))
    start = datetime(2026, 9, 1) + minute * MINUTE
    found = list(intervals(text, start, start + n * MINUTE))
    assert found[0].start == start
    assert found[-1].end == start + n * MINUTE
    for one, other in zip(found, found[1:], strict=False):
        assert one.end == other.start
        assert one.state is not other.state
    assert list(intervals(text.upper(), start, start + n * MINUTE)) == found


@dataclass(frozen=True)
class Plan:
    """Weekly hours within days, and what they say of holidays: nothing, off, or a span."""

    week: tuple[list[int] | None, ...]
    holiday: list[int] | str | None

    @property
    def text(self) -> str:
        """The ``opening_hours``."""
        rules = [
            f"{day} {_clocks(span)}" for day, span in zip(DAYS, self.week, strict=True) if span
        ]
        if self.holiday == "off":
            rules.append("PH off")
        elif self.holiday:
            rules.append(f"PH {_clocks(self.holiday)}")
        return "; ".join(rules) or "off"

    def expected(self, moment: datetime) -> State:
        """Give the state by the table of `stations.readings`, from another library's calendar."""
        minute = moment.hour * 60 + moment.minute
        is_off, name = chinese_calendar.get_holiday_detail(moment.date())
        weekday = moment.weekday()
        readings: set[int] = {weekday}
        if is_off and name:
            if self.holiday == "off":
                return State.CLOSED
            if self.holiday:
                return _state(_is_in(self.holiday, minute))
            readings = {weekday, 5, 6}
        elif name:
            readings = {0, 1, 2, 3, 4}
            if self.week[5] or self.week[6]:
                readings.add(weekday)
        found = {_is_in(self.week[day], minute) for day in readings}
        return State.UNKNOWN if len(found) > 1 else _state(found.pop())


def _clocks(span) -> str:
    return "-".join(f"{quarter // 4:02d}:{quarter % 4 * 15:02d}" for quarter in span)


def _is_in(span, minute: int) -> bool:
    return span is not None and span[0] * 15 <= minute < span[1] * 15


def _state(is_open: bool) -> State:
    return State.OPEN if is_open else State.CLOSED


PLANS = st.builds(
    Plan,
    week=st.tuples(*[st.none() | SPANS] * 7)
    | st.tuples(SPANS, st.none() | SPANS).map(lambda p: (p[0],) * 5 + (p[1],) * 2),
    holiday=st.none() | st.just("off") | SPANS,
)
MOMENTS = (
    st.datetimes(datetime(2020, 1, 2), datetime(2026, 11, 30))
    | st.tuples(st.sampled_from(SPECIAL[:11]), st.integers(0, 1439)).map(
        lambda pair: datetime.fromisoformat(pair[0]) + pair[1] * MINUTE
    )
).map(lambda moment: moment.replace(second=0, microsecond=0))


@settings(max_examples=60, deadline=None)
@given(plan=PLANS, moment=MOMENTS)
def test_state_until_and_next_opening_equal_looking_at_every_minute(
    plan: Plan, moment: datetime
) -> None:
    """Four weeks, minute by minute, over holidays and moved working days, from a plain rule book."""
    found = at(Station(id="a", name="a", lon_deg=113.6, lat_deg=34.7, hours=plan.text), moment)
    state = plan.expected(moment)
    assert found.state is state, plan.text
    until = next_open = None
    for k in range(1, LOOK_AHEAD // MINUTE):
        then = moment + k * MINUTE
        # Nothing changes but on quarters of an hour.
        if then.minute % 15:
            continue
        now = plan.expected(then)
        if until is None and now is not state:
            until = then
        if now is State.OPEN and until is not None:
            next_open = then
            break
    assert found.until == until, plan.text
    assert found.next_open == (None if state is State.OPEN else next_open), plan.text


def drawn_stations(draw: Random, n: int) -> list[Station]:
    """Draw stations with all that matters for their doors."""
    texts = ["", "24/7", "Mo-Fr 09:00-17:00; PH off", "Mo-Fr 08:30-17:45", "Mo-Su 20:00-04:00",
             "May-Sep Mo-Fr 08:00-18:30; Oct-Apr Mo-Fr 08:30-17:30; PH off", "sunrise-sunset",
             "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00", "Mo-Su 20:00-04:00; PH off"]  # fmt: skip
    texts += [hours_texts.text(draw) for _ in range(n // 2)]
    found = []
    for k in range(n):
        first = date(2026, 9, 10) + timedelta(days=draw.randrange(40))
        last = (first + timedelta(days=draw.randrange(12))).isoformat()
        closures = (Closure(first_day=first.isoformat(), last_day=draw.choice((last, ""))),)
        found.append(
            Station(
                id=f"s{k}",
                name="x",
                lon_deg=draw.uniform(110, 116),
                lat_deg=draw.uniform(32, 36),
                hours=draw.choice(texts),
                staff_hours=draw.choice(("", "", *texts)),
                entry=draw.choice(ENTRY_MODES),
                status=draw.choice((*["open"] * 9, *STATION_STATUSES)),
                closures=closures if draw.random() < 0.3 else (),
            )
        )
    return found


def as_frame(stations: list[Station]) -> gpd.GeoDataFrame:
    """Give stations as the frame that `compile_stations` takes."""
    columns = ("hours", "staff_hours", "entry", "status", "closures")
    rows = {c: [getattr(s, c) for s in stations] for c in columns}
    points = gpd.points_from_xy([s.lon_deg for s in stations], [s.lat_deg for s in stations])
    return gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326")


@pytest.mark.parametrize("seed", [1, 2])
def test_mass_evaluation_equals_asking_each_station(seed: int) -> None:
    """All stations at once have the states they have one by one, to the minute.

    Moments lie on holidays, moved days, nights after them, seasons' ends, in and after closures,
    and in years not announced.
    """
    draw = Random(seed)
    stations = drawn_stations(draw, 150)
    compiled = compile_stations(as_frame(stations))
    moments = [
        datetime.fromisoformat(day) + draw.randrange(1440) * MINUTE
        for day in (*SPECIAL, *(f"2026-09-{d}" for d in range(11, 31)))
    ]
    moments += [datetime(2026, 10, 8, 0, 30), datetime(2026, 9, 30, 8, 30), datetime(2026, 9, 20)]
    for moment in moments:
        expected = [CODES[at(station, moment).state] for station in stations]
        np.testing.assert_array_equal(states_at(compiled, moment), expected, str(moment))


def test_mass_evaluation_of_no_stations_is_empty() -> None:
    """A register without stations has no states."""
    assert states_at(compile_stations(as_frame([])), datetime(2026, 9, 20)).shape == (0,)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), minute=st.integers(0, 60 * 1440))
def test_intervals_of_a_station_are_its_states(seed: int, minute: int) -> None:
    """Two weeks of intervals say at any minute what is said when it is asked, holidays included."""
    draw = Random(seed)
    station = drawn_stations(draw, 1)[0]
    start = datetime(2026, 9, 8) + minute * MINUTE
    found = intervals_between(station, start, start + timedelta(days=14))
    assert (found[0].start, found[-1].end) == (start, start + timedelta(days=14))
    for part in found:
        for moment in (part.start, part.end - MINUTE):
            assert at(station, moment).state is part.state
