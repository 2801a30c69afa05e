"""Questions without an answer: who cannot be served, and the smallest standard that would do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from support import small_city, small_setting
from support.small_setting import ask

from geodata.errors import UnanswerableError
from planner.demand import from_frame
from planner.setting import Setting


def with_a_place_far_away() -> Setting:
    """Give the city with ten people 20 km from its streets."""
    frame = small_city.demand()
    points = frame.geometry.to_numpy().copy()
    points[0] = shapely.Point(113.60, 34.90)
    demand = from_frame(frame.set_geometry(list(points), crs=4326))
    return small_setting.make(minutes=10, demand=demand)


TOO_FAR: dict[str, dict[str, Any]] = {
    "everybody": {"model": "lscp"},
    "everybody, closing": {"model": "lscp", "may_close": True},
    "a share": {"model": "pscp", "share": 0.95},
    "a floor": {"n_sites": 60, "floor_share": 0.9},
    "a floor of one area": {"model": "pcenter", "n_sites": 60, "floors": (("东区", 0.85),)},
    "a floor within seats": {"model": "capacitated", "n_sites": 60, "floor_share": 0.9},
    "without a station": {"model": "lscp", "forbidden": ("s12", "s09")},
}


def refused(city: Setting, **rules: Any) -> UnanswerableError:
    """Ask what cannot be answered; give the error."""
    with pytest.raises(UnanswerableError) as caught:
        ask(city, **rules)
    return caught.value


@pytest.mark.parametrize("name", TOO_FAR)
def test_the_standard_named_is_the_smallest_that_does(name: str) -> None:
    """With it the question is answered; a tenth of a minute less is refused again."""
    rules = TOO_FAR[name]
    error = refused(small_setting.make(minutes=2), **rules)
    least = float(str(error.details["least"]))
    assert least > 2
    assert ask(small_setting.make(minutes=least), **rules).plan.outcome == "optimal"
    refused(small_setting.make(minutes=least - 0.1), **rules)


@pytest.mark.parametrize("straight", [False, True])
def test_who_is_out_of_reach_is_named(straight: bool) -> None:
    """The people and places of the error are those that nothing reaches, up to five by name."""
    parts = {"network": None} if straight else {}
    city = small_setting.make(minutes=2, **parts)
    sites = small_setting.candidates(city)
    near = np.diff(city.reach(sites.geometry).matrix().indptr) > 0
    near |= np.diff(city.reach(city.in_service().geometry).matrix().indptr) > 0
    people = city.demand.people_by_place()
    error = refused(city, model="lscp")
    assert error.details["n"] == int((~near).sum())
    assert error.details["people"] == f"{people[~near].sum():,.0f}"
    named = str(error.details["places"]).split(", ")
    lost = set(city.demand.places.index[~near])
    assert 0 < len(named) <= 5
    assert {name.split(" · ")[0] for name in named} <= lost
    assert all(name.split(" · ")[1] in ("西区", "东区") for name in named)
    assert ask(city, model="pscp", share=float(str(error.details["share"]))).after.share >= float(
        str(error.details["share"])
    )


def test_places_are_called_by_their_names() -> None:
    """A place that has a name is named by it, each name once."""
    frame = small_city.demand().assign(name="人民路口")
    city = small_setting.make(minutes=2, demand=from_frame(frame), areas=None)
    assert refused(city, model="lscp").details["places"] == "人民路口"


@pytest.mark.parametrize(
    "rules",
    [
        {"model": "lscp"},
        {"model": "pscp", "share": 1.0},
        {"model": "pmedian", "n_sites": 2},
        {"model": "pcenter", "n_sites": 2},
    ],
)
def test_people_far_from_all_streets_are_named(rules: dict[str, Any]) -> None:
    """Where no standard would do the error says so, and names who is lost."""
    city = with_a_place_far_away()
    error = refused(city, **rules)
    assert error.details["places"] == "p0000"
    assert error.details["longest"] == "60"
    assert "least" not in error.details


@pytest.mark.parametrize(
    ("rules", "limit"),
    [
        ({"model": "lscp"}, 20),
        ({"model": "pmedian", "n_sites": 2, "floor_share": 0.7}, 10),
        ({"model": "pcenter", "n_sites": 2}, 10),
    ],
)
def test_people_whom_nothing_can_serve_may_be_left_out(rules: dict[str, Any], limit: float) -> None:
    """Asked so, they are counted apart, and the answer is that of the city without them."""
    with_them = with_a_place_far_away().within(60 * limit)
    found = ask(with_them, leaves_out=True, **rules)
    assert found.left_out_people == 10.0
    sites = small_setting.candidates(with_them)
    frame = small_city.demand()
    without = small_setting.make(
        minutes=limit, demand=from_frame(frame[frame["place_id"] != "p0000"])
    )
    assert found.plan.objective == pytest.approx(ask(without, sites, **rules).plan.objective)
    assert ask(without, sites, leaves_out=True, **rules).left_out_people == 0


def test_floors_count_those_who_are_left_out() -> None:
    """A floor is a share of all people of its area, whether or not something can serve them."""
    frame = small_city.demand()
    frame.loc[frame["place_id"] == "p0000", "people"] = 400.0
    inside = frame.geometry.to_numpy().copy()
    inside[0] = shapely.Point(113.585, 34.70)
    wide = small_city.areas()
    wide.loc[0, "geometry"] = shapely.union(
        wide.geometry[0], shapely.box(113.58, 34.69, 113.6, 34.71)
    )
    demand = from_frame(frame.set_geometry(list(inside), crs=4326))
    city = small_setting.make(minutes=10, demand=demand, areas=wide)
    rules: dict[str, Any] = {"model": "pmedian", "n_sites": 4, "leaves_out": True}
    found = ask(city, floors=(("西区", 0.6),), **rules)
    west = next(row for row in found.after.by_area if row["name"] == "西区")
    assert found.left_out_people == 400.0
    assert west["share"] >= 0.6
    most = 1 - 400.0 / west["people"]
    assert "most" in refused(city, floors=(("西区", most + 0.01),), **rules).details


def test_areas_of_a_capacity_are_named() -> None:
    """Where seats are too few for a floor, the error of the model speaks of the area by name."""
    city = small_setting.make(minutes=10)
    sites = small_setting.candidates(city).iloc[:1]
    with pytest.raises(UnanswerableError) as caught:
        ask(city, sites, model="capacitated", n_sites=1, people_per_seat=1.0, floor_share=0.5)
    assert caught.value.details["area"] == "西区"


@pytest.mark.parametrize(
    ("rules", "least"),
    [({"n_sites": 1}, "n_sites"), ({"budget_cny": 13_000.0}, "budget_cny")],
)
def test_the_number_or_budget_named_would_do(rules: dict[str, Any], least: str) -> None:
    """What the error names is enough, and one station less is not."""
    city = small_setting.make(minutes=10)
    error = refused(city, model="lscp", **rules)
    enough = float(str(error.details["least"]))
    unit = 1 if least == "n_sites" else 13_000
    value = int(enough) if least == "n_sites" else enough
    assert ask(city, model="lscp", **{least: value}).after.share == 1.0
    refused(city, model="lscp", **{least: value - unit})
