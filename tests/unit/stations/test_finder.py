"""The nearest stations that are open on arrival and meet the needs."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import towns
from support.records import stations_frame

from geodata.errors import InvalidInputError
from geodata.network import from_streets
from geodata.records import Offer, Station
from stations.availability import State, at
from stations.catalogue import Catalogue
from stations.finder import NearRequest, chip_counts, find

MOMENT = datetime(2026, 9, 21, 11, 50)


def street_of_stations(rows: list[dict], xs: list[float]) -> Catalogue:
    """Put stations on one straight street of 2 km."""
    street = from_streets(towns.streets({1: (0, 0), 2: (2000, 0)}, [(1, 2)]))
    return Catalogue.from_frame(stations_frame(rows, [(x, 0) for x in xs]), network=street)


def ask(catalogue: Catalogue, x: float = 0.0, **more):
    here = towns.points([(x, 0)])
    question = {"lon_deg": here.x[0], "lat_deg": here.y[0], "moment": MOMENT, **more}
    return find(catalogue, NearRequest(**question))


def ids(near) -> list[str]:
    return [hit.station.id for hit in near.hits]


def test_nearest_first_and_every_state_is_shown() -> None:
    """Without the filter closed and unknown stations are listed too, by time."""
    rows = [
        {"id": "far", "hours": "24/7"},
        {"id": "shut", "hours": "Sa 10:00-12:00"},
        {"id": "dunno"},
    ]
    near = ask(street_of_stations(rows, [900, 300, 600]))
    assert ids(near) == ["shut", "dunno", "far"]
    assert [str(h.availability.state) for h in near.hits] == ["closed", "unknown", "open"]


def test_state_is_that_on_arrival_not_that_of_setting_out() -> None:
    """Eleven minutes' walk to a door that shuts in ten is a locked door."""
    rows = [{"id": "a", "hours": "Mo-Su 08:00-12:00"}]
    near = ask(street_of_stations(rows, [825]))
    assert near.hits[0].availability.state is State.CLOSED
    assert ask(street_of_stations(rows, [600])).hits[0].availability.state is State.OPEN


def test_arriving_at_the_very_moment_of_closing_is_too_late() -> None:
    """Ten minutes' walk to a door that shuts in ten minutes: closed; a metre less: open."""
    rows = [{"id": "a", "hours": "Mo-Su 08:00-12:00"}]
    catalogue = street_of_stations(rows, [755])
    assert ask(catalogue, x=4.0).hits[0].availability.state is State.CLOSED
    assert ask(catalogue, x=6.0).hits[0].availability.state is State.OPEN


def test_open_only_leaves_out_unknown_and_closed() -> None:
    """Open means surely open: unknown is not enough."""
    rows = [{"id": "dunno"}, {"id": "open", "hours": "24/7"}, {"id": "shut", "hours": "Sa"}]
    assert ids(ask(street_of_stations(rows, [100, 200, 300]), open_only=True)) == ["open"]


def test_filter_comes_before_the_limit() -> None:
    """Asking for one open station finds it behind twenty closed ones."""
    rows = [{"id": f"s{k}", "hours": "Sa 01:00-02:00"} for k in range(20)] + [
        {"id": "open", "hours": "24/7"}
    ]
    near = ask(
        street_of_stations(rows, [10 * k for k in range(20)] + [900]), open_only=True, limit=1
    )
    assert ids(near) == ["open"]


def test_needs_must_all_be_met_and_round_the_clock_is_one() -> None:
    """Both facilities are needed; 24/7 hours meet open_24h by themselves."""
    rows = [
        {"id": "water", "facilities": ("drinking_water",)},
        {"id": "both", "facilities": ("drinking_water", "toilet"), "hours": "24/7"},
    ]
    catalogue = street_of_stations(rows, [100, 200])
    assert ids(ask(catalogue, needs=("drinking_water", "toilet"))) == ["both"]
    assert ids(ask(catalogue, needs=("open_24h",))) == ["both"]


@pytest.mark.parametrize(
    ("rows", "more", "reason"),
    [
        ([{"id": "a", "hours": "24/7"}], {"limit_s": 60.0}, "nothing_in_reach"),
        ([{"id": "a", "hours": "24/7"}], {"needs": ("shower",)}, "needs_unmet"),
        ([{"id": "a", "hours": "Sa 10:00-11:00"}], {"open_only": True}, "none_open"),
        ([{"id": "a", "hours": "24/7", "status": "revoked"}], {}, "nothing_in_reach"),
    ],
)
def test_no_hits_carry_their_reason(rows: list[dict], more: dict, reason: str) -> None:
    """An empty answer says what emptied it; a revoked station is no place to go."""
    near = ask(street_of_stations(rows, [500]), **more)
    assert (near.hits, near.reason) == ((), reason)


def test_position_far_from_every_street_is_said() -> None:
    """Five kilometres from the last street the answer is that the place is off the network."""
    catalogue = street_of_stations([{"id": "a", "hours": "24/7"}], [500])
    here = towns.points([(0, 5000)])
    near = find(catalogue, NearRequest(lon_deg=here.x[0], lat_deg=here.y[0], moment=MOMENT))
    assert near.reason == "off_network"


def test_none_open_names_the_one_that_opens_next() -> None:
    """Of two closed stations the one that opens first is named, not the nearest."""
    rows = [{"id": "near", "hours": "Mo 20:00-22:00"}, {"id": "soon", "hours": "Mo 14:00-18:00"}]
    near = ask(street_of_stations(rows, [100, 200]), open_only=True)
    assert near.opens_next is not None
    assert near.opens_next.station.id == "soon"
    assert near.opens_next.availability.next_open == datetime(2026, 9, 21, 14, 0)


@pytest.mark.parametrize(
    "bad",
    [
        {"mode": "car"},
        {"limit": 0},
        {"limit": 201},
        {"needs": ("jacuzzi",)},
        {"lon_deg": 34.7, "lat_deg": 113.6},
    ],
)
def test_bad_questions_are_refused(bad: dict) -> None:
    """Unknown modes and needs, silly limits and swapped axes are errors that say so."""
    good = {"lon_deg": 113.66, "lat_deg": 34.75, "moment": MOMENT}
    with pytest.raises(InvalidInputError):
        NearRequest(**{**good, **bad})


@pytest.mark.parametrize("limit_s", [-1.0, float("nan"), float("inf")])
def test_limit_that_is_no_time_is_refused(limit_s: float) -> None:
    """A journey of minus one minute, or of no number, is an error of ours."""
    with pytest.raises(InvalidInputError):
        NearRequest(lon_deg=113.66, lat_deg=34.75, moment=MOMENT, limit_s=limit_s)


@pytest.mark.parametrize("hours", ["24/7", "00:00-24:00", "Mo-Su 00:00-24:00"])
def test_open_all_week_in_any_words_is_open_24h(hours: str) -> None:
    """What counts is the week, not the spelling."""
    assert ids(
        ask(street_of_stations([{"id": "a", "hours": hours}], [100]), needs=("open_24h",))
    ) == ["a"]


def test_city_without_streets_uses_its_own_detour_factor() -> None:
    """With a factor of 2, a kilometre straight is two of way and 1,600 s of walk."""
    frame = stations_frame([{"id": "a", "hours": "24/7"}], [(1000, 0)])
    near = ask(Catalogue.from_frame(frame, detour_factor=2.0))
    assert near.is_straight_line
    assert near.hits[0].travel_s == pytest.approx(1600, abs=1)
    assert near.hits[0].distance_m == pytest.approx(2000, abs=1)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), open_only=st.booleans(), limit=st.integers(1, 8))
def test_finder_equals_looking_at_every_station(seed: int, open_only: bool, limit: int) -> None:
    """On a straight street the answer is what a look at each station in turn gives."""
    rng = np.random.default_rng(seed)
    hours = ["24/7", "", "Mo-Fr 09:00-12:00", "Mo 12:00-20:00", "Sa 10:00-12:00"]
    kit = [(), ("toilet",), ("drinking_water", "toilet")]
    n = int(rng.integers(1, 12))
    rows = [
        {"id": f"s{k:02d}", "hours": hours[rng.integers(5)], "facilities": kit[rng.integers(3)]}
        for k in range(n)
    ]
    xs = rng.permutation(np.arange(20) * 100)[:n].tolist()
    needs = ("toilet",) if rng.random() < 0.5 else ()
    near = ask(
        street_of_stations(rows, xs), needs=needs, open_only=open_only, limit=limit, limit_s=900.0
    )
    expected = []
    for row, x in sorted(zip(rows, xs, strict=True), key=lambda pair: (pair[1], pair[0]["id"])):
        station = Station(id=row["id"], name="x", lon_deg=0, lat_deg=0, hours=row["hours"])
        seconds = x / 1.25
        arrival = MOMENT + timedelta(seconds=seconds)
        is_open = at(station, arrival).state is State.OPEN
        if seconds <= 900 and set(needs) <= set(row["facilities"]) and (is_open or not open_only):
            expected.append(row["id"])
    assert ids(near) == expected[:limit]


def test_walk_in_leaves_out_every_other_way_in() -> None:
    """Only doors that ask for nothing; when there is none, the count says so."""
    rows = [
        {"id": "code", "hours": "24/7", "entry": "qr"},
        {"id": "free", "hours": "24/7", "entry": "walk_in"},
        {"id": "dunno", "hours": "24/7"},
    ]
    catalogue = street_of_stations(rows, [100, 200, 300])
    assert ids(ask(catalogue, walk_in=True)) == ["free"]
    near = ask(street_of_stations(rows[::2], [100, 300]), walk_in=True)
    assert (near.reason, near.needs_counts) == ("needs_unmet", {"walk_in": 0})


def test_what_is_left_out_is_counted_before_the_limit() -> None:
    """With more than any limit of each: all are counted, as many are listed as were asked for."""
    hours = ("24/7", "", "Sa 10:00-11:00")
    rows = [{"id": f"s{k:03d}", "hours": hours[k % 3]} for k in range(690)]
    near = ask(street_of_stations(rows, [1 + k for k in range(690)]), open_only=True, limit=5)
    assert (near.n, near.n_closed, len(near.every)) == (230, 230, 690)
    assert ids(near) == ["s000", "s003", "s006", "s009", "s012"]
    assert [hit.station.id for hit in near.uncertain] == ["s001", "s004", "s007", "s010", "s013"]


def test_a_programme_opens_the_door_while_it_is_held() -> None:
    """Breakfast before opening: with open_only it is listed while it is held, else it is not."""
    offer = Offer(key="free_breakfast", hours="Mo 11:00-12:30")
    row = {
        "id": "a",
        "hours": "Mo 14:00-18:00",
        "facilities": ("free_breakfast",),
        "offers": (offer,),
    }
    catalogue = street_of_stations([row], [100])
    near = ask(catalogue, needs=("free_breakfast",), open_only=True)
    assert ids(near) == ["a"]
    assert near.hits[0].availability.state is State.CLOSED
    assert near.hits[0].asked_state is State.OPEN
    assert ask(catalogue, open_only=True).reason == "none_open"
    later = ask(catalogue, needs=("free_breakfast",), moment=MOMENT.replace(hour=13))
    assert later.reason == "needs_unmet"


def test_chips_are_counted_as_if_they_were_on_too() -> None:
    """What is asked for already keeps the whole count; a programme that is held can open doors."""
    offer = Offer(key="free_breakfast", hours="Mo 11:00-12:30")
    rows = [
        {"id": "a", "hours": "24/7", "facilities": ("toilet",), "entry": "walk_in"},
        {"id": "b", "hours": "24/7", "facilities": ("shower", "toilet")},
        {"id": "c", "hours": "Sa 01:00-02:00", "facilities": ("free_breakfast", "toilet"), "offers": (offer,)},
        {"id": "d", "hours": "24/7", "facilities": ("free_breakfast",)},
    ]  # fmt: skip
    catalogue = street_of_stations(rows, [100, 200, 300, 400])
    here = towns.points([(0.0, 0)])
    request = NearRequest(
        lon_deg=here.x[0],
        lat_deg=here.y[0],
        moment=MOMENT,
        needs=("toilet",),
        open_only=True,
        limit=1,
    )
    near = find(catalogue, request)
    assert chip_counts(near, request, ("toilet", "shower", "walk_in", "free_breakfast")) == {
        "toilet": 2, "shower": 1, "walk_in": 1, "free_breakfast": 1,
    }  # fmt: skip
