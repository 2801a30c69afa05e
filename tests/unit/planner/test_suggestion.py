"""Questions to a city: each model against another way to the same answer, and each rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from support import small_setting
from support.small_setting import NEW, ask

from geodata.errors import InvalidInputError, NotFoundError
from planner import suggestion
from planner.question import MODELS, Question
from planner.setting import Setting
from planner.siting import AreaFloors, SitingProblem, solve
from planner.suggestion import suggest

RULES: dict[str, dict[str, object]] = {
    "mclp": {"n_sites": 3},
    "lscp": {},
    "pscp": {"share": 0.8},
    "pmedian": {"n_sites": 3},
    "pcenter": {"n_sites": 3},
    "capacitated": {"n_sites": 3, "people_per_seat": 3.0},
}


@pytest.fixture(scope="module")
def city() -> Setting:
    """Give the tiny city with a standard of five minutes."""
    return small_setting.make()


@pytest.fixture(scope="module")
def sites(city: Setting) -> gpd.GeoDataFrame:
    """Give its candidates."""
    return small_setting.candidates(city)


def minutes_to(city: Setting, points: gpd.GeoSeries) -> np.ndarray:
    """Give dense minutes from all places within the hour."""
    seconds = city.within(3600).reach(points).travel_s
    dense = np.full(seconds.shape, np.inf)
    rows = np.repeat(np.arange(seconds.shape[0]), np.diff(seconds.indptr))
    dense[rows, seconds.indices] = seconds.data / 60
    return dense


def gained(city: Setting, sites: gpd.GeoDataFrame, n: int) -> float:
    """Give the most people that n sites add; none for no sites."""
    return ask(city, sites, n_sites=n).plan.objective if n else 0.0


def test_everybody_is_served_by_the_fewest_stations(city: Setting, sites: gpd.GeoDataFrame) -> None:
    """As many sites as lscp says reach all who have none; with one fewer somebody is left."""
    found = ask(city, sites, model="lscp")
    unserved = found.before.people - found.before.covered_people
    n = int(found.plan.objective)
    assert (found.unit, len(found.sites), found.after.share) == ("new_stations", n, 1.0)
    assert gained(city, sites, n) == pytest.approx(unserved)
    assert gained(city, sites, n - 1) < unserved


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_share_is_served_by_the_fewest_stations(
    city: Setting, sites: gpd.GeoDataFrame, share: float
) -> None:
    """As many sites as pscp says reach the share; the best plan with one fewer does not."""
    found = ask(city, sites, model="pscp", share=share)
    n, people = int(found.plan.objective), found.before.people
    assert found.after.share >= share
    assert found.before.covered_people + gained(city, sites, n) >= share * people
    assert found.before.covered_people + gained(city, sites, n - 1) < share * people


def test_the_longest_journey_is_the_standard_that_so_many_stations_keep(
    city: Setting, sites: gpd.GeoDataFrame
) -> None:
    """At the longest journey of pcenter lscp needs no more sites than given; below it, more."""
    found = ask(city, sites, model="pcenter", n_sites=3)
    assert found.unit == "minutes"
    at = 60 * found.plan.objective
    assert ask(city.within(at), sites, model="lscp").plan.objective <= 3
    assert ask(city.within(at - 0.002), sites, model="lscp").plan.objective > 3


def test_travel_is_least_by_enumeration(city: Setting, sites: gpd.GeoDataFrame) -> None:
    """One more site: pmedian finds the one that shortens the ways most, of all candidates."""
    found = ask(city, sites, model="pmedian", n_sites=1)
    today = minutes_to(city, city.in_service().geometry).min(axis=1)
    there = minutes_to(city, sites.geometry)
    people = city.demand.people_by_place()
    totals = [float(people @ np.minimum(today, there[:, j])) for j in range(len(sites))]
    assert found.plan.objective == pytest.approx(min(totals))
    assert (found.unit, found.sites["id"][0]) == (
        "person_minutes",
        sites["id"][int(np.argmin(totals))],
    )


@pytest.mark.parametrize("model", ["pmedian", "pcenter"])
def test_people_go_to_the_nearest_that_stays(
    city: Setting, sites: gpd.GeoDataFrame, model: str
) -> None:
    """`assigned` names for each place a facility of the plan, and none is nearer."""
    found = ask(city, sites, model=model, n_sites=3, forbidden=("s01",))
    stays = city.in_service().loc[lambda f: ~f["id"].isin(found.closed["id"])]
    points = pd.concat([stays.geometry, found.sites.geometry], ignore_index=True)
    nearest = minutes_to(city, gpd.GeoSeries(points, crs=4326)).min(axis=1)
    assert found.assigned is not None
    assert found.assigned["minutes"].to_numpy() == pytest.approx(nearest, abs=0.006)
    assert set(found.assigned["facility_id"]) <= {*stays["id"], *found.sites["id"]}
    people = pd.Series(city.demand.people_by_place(), index=city.demand.places.index)
    going = found.assigned.assign(people=people.loc[found.assigned["place_id"]].to_numpy())
    by_site = going.groupby("facility_id")["people"].sum()
    assert found.sites["gain_people"].tolist() == [by_site[i] for i in found.sites["id"]]


def test_seats_without_end_serve_whom_reach_serves(city: Setting, sites: gpd.GeoDataFrame) -> None:
    """With room for all in every station, capacities change nothing; with few seats they do."""
    reach = ask(city, sites, n_sites=3)
    most = reach.before.covered_people + reach.plan.objective
    wide = ask(city, sites, model="capacitated", n_sites=3, people_per_seat=1e4)
    assert wide.plan.objective == pytest.approx(most)
    tight = ask(city, sites, model="capacitated", n_sites=3, people_per_seat=1.0)
    seats = np.where(city.in_service()["seats"].isna(), NEW.seats, city.in_service()["seats"])
    assert tight.plan.objective <= seats.sum() + 3 * NEW.seats
    assert (tight.sites["gain_people"] <= NEW.seats).all()
    assert tight.n_unknown_seats == int(city.in_service()["seats"].isna().sum()) > 0


def test_floors_mean_the_same_whether_gains_or_all_people_are_counted(
    city: Setting, sites: gpd.GeoDataFrame
) -> None:
    """The question to the unserved with floors has the optimum of the one to all people."""
    found = ask(city, sites, n_sites=4, floors=(("西区", 0.55), ("2", 0.5)))
    shares = {row["name"]: row["share"] for row in found.after.by_area}
    assert shares["西区"] >= 0.55
    assert shares["东区"] >= 0.5
    stations = city.in_service()
    both = gpd.GeoSeries(pd.concat([sites.geometry, stations.geometry]), crs=4326)
    area = np.array([0 if lon < 113.615 else 1 for lon in city.demand.places.x])
    whole = solve(
        SitingProblem.mclp(
            city.reach(both).matrix(),
            city.demand.people_by_place(),
            n_sites=4,
            is_open=np.arange(len(both)) >= len(sites),
            floors=AreaFloors(area=area, min_share=np.array([0.55, 0.5])),
        )
    )
    assert found.unit == "people_gained"
    assert found.before.covered_people + found.plan.objective == pytest.approx(whole.objective)


@pytest.mark.parametrize("model", MODELS)
def test_required_and_forbidden_sites(city: Setting, sites: gpd.GeoDataFrame, model: str) -> None:
    """A required candidate is in the plan of every model, a forbidden one is not."""
    free = ask(city, sites, model=model, **RULES[model])
    first = free.sites["id"][0]
    assert first not in set(
        ask(city, sites, model=model, forbidden=(first,), **RULES[model]).sites["id"]
    )
    other = next(i for i in sites["id"] if i not in set(free.sites["id"]))
    assert other in set(
        ask(city, sites, model=model, required=(other,), **RULES[model]).sites["id"]
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_forbidden_station_is_closed_and_the_others_stay(
    city: Setting, sites: gpd.GeoDataFrame, model: str
) -> None:
    """Forbidding a station closes it and no other; coverage after is without it."""
    found = ask(city, sites, model=model, forbidden=("s01",), **RULES[model])
    assert found.closed["id"].tolist() == ["s01"]
    assert found.after.n_stations == found.before.n_stations - 1 + len(found.sites)
    assert found.to_dict()["closed"] == [{"id": "s01", "name": "中原路工会驿站"}]


def test_closing_stations_never_makes_a_plan_worse(city: Setting, sites: gpd.GeoDataFrame) -> None:
    """Where stations may be closed as many are served at least, and a required one stays."""
    stays = ask(city, sites, n_sites=2)
    moves = ask(city, sites, n_sites=2, may_close=True, required=("s01",))
    assert moves.unit == "people_served"
    assert moves.plan.objective >= stays.before.covered_people + stays.plan.objective
    assert "s01" not in set(moves.closed["id"])
    assert len(moves.sites) - len(moves.closed) <= 2
    assert moves.after.covered_people == pytest.approx(moves.plan.objective)


def test_all_stations_count_where_they_may_be_closed(
    city: Setting, sites: gpd.GeoDataFrame
) -> None:
    """With closing, lscp counts kept and new stations, and needs no more than without."""
    stays = ask(city, sites, model="lscp")
    moves = ask(city, sites, model="lscp", may_close=True)
    assert moves.unit == "stations_in_all"
    assert moves.plan.objective == moves.after.n_stations
    assert moves.plan.objective <= stays.after.n_stations
    assert moves.after.share == 1.0


def test_unlike_costs_are_what_is_made_least(city: Setting, sites: gpd.GeoDataFrame) -> None:
    """Where candidates cost unlike sums, lscp and pscp make the cost least, not the number."""
    prices = sites.assign(cost_cny=np.where(np.arange(len(sites)) % 3, 10_000.0, 50_000.0))
    found = ask(city, prices, model="pscp", share=0.7)
    assert found.unit == "cny"
    assert found.plan.objective == found.cost_cny == found.sites["cost_cny"].sum()
    by_number = ask(city, sites, model="pscp", share=0.7)
    bought = prices.set_index("id").loc[by_number.sites["id"], "cost_cny"].sum()
    assert found.plan.objective <= bought


@pytest.mark.parametrize("model", MODELS)
def test_shares_after_are_those_of_the_sites_so_far(
    city: Setting, sites: gpd.GeoDataFrame, model: str
) -> None:
    """The share beside the last site is that of the whole plan, and shares never fall."""
    found = ask(city, sites, model=model, **RULES[model])
    shares = found.sites["share_after"].to_numpy()
    assert shares[-1] == pytest.approx(found.after.share)
    assert (np.diff(shares) >= 0).all()
    assert (np.diff(found.sites["gain_people"]) <= 0).all()
    assert found.to_dict()["model"] == model


@pytest.mark.parametrize("model", MODELS)
def test_every_plan_is_verified(
    city: Setting, sites: gpd.GeoDataFrame, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan whose objective was tampered with is never shown."""

    def tampering(*args: object, **rest: object) -> object:
        plan = solve(*args, **rest)
        return replace(plan, objective=plan.objective + 1, bound=plan.bound + 1)

    monkeypatch.setattr(suggestion, "solve", tampering)
    with pytest.raises(Exception, match="the plan does not hold"):
        ask(city, sites, model=model, **RULES[model])


def test_no_plan_is_told_as_such(
    city: Setting, sites: gpd.GeoDataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that ends without a plan gives no sites, no objective, and coverage as it is."""

    def nothing(problem: SitingProblem, **rest: object) -> object:
        none = np.zeros(0, np.int64)
        return replace(
            solve(problem), chosen=none, gains_people=np.zeros(0), objective=np.nan, bound=9.0,
            gap=1.0, outcome="no_solution", reason="interrupted", cost_cny=0.0,
        )  # fmt: skip

    monkeypatch.setattr(suggestion, "solve", nothing)
    found = ask(city, sites, n_sites=2)
    told = found.to_dict()
    assert (told["outcome"], told["objective"], told["sites"]) == ("no_solution", None, [])
    assert found.after.share == found.before.share


def test_a_city_without_stations_can_be_asked(sites: gpd.GeoDataFrame) -> None:
    """The first plan of a city has no stations to build on."""
    empty = small_setting.make(stations=small_setting.make().stations.iloc[:0])
    assert ask(empty, sites, n_sites=2).plan.objective > 0
    assert ask(empty, sites, model="pcenter", n_sites=2).plan.objective > 0


WRONG: dict[str, tuple[Callable[[Setting], object], type[Exception], str]] = {
    "no such candidate": (lambda c: ask(c, n_sites=1, required=("x",)), NotFoundError, "x"),
    "not in service": (lambda c: ask(c, n_sites=1, forbidden=("s10",)), NotFoundError, "s10"),
    "no such area": (lambda c: ask(c, n_sites=1, floors=(("南区", 0.5),)), NotFoundError, "南区"),
    "no areas": (
        lambda c: ask(replace(c, areas=None), n_sites=1, floor_share=0.5),
        InvalidInputError,
        "no areas",
    ),
    "both": (
        lambda c: ask(c, n_sites=1, required=("s01",), forbidden=("s01",)),
        InvalidInputError,
        "s01",
    ),
    "no limit": (ask, InvalidInputError, "limits"),
    "no share": (lambda c: ask(c, model="pscp"), InvalidInputError, "share"),
    "share elsewhere": (lambda c: ask(c, n_sites=1, share=0.5), InvalidInputError, "mclp"),
    "floor above one": (lambda c: ask(c, n_sites=1, floor_share=1.1), InvalidInputError, "1.1"),
    "model": (lambda c: ask(c, model="tsp"), InvalidInputError, "tsp"),
    "seat": (lambda c: ask(c, n_sites=1, people_per_seat=0), InvalidInputError, "seat"),
}


@pytest.mark.parametrize("name", WRONG)
def test_rules_that_contradict_the_city_or_each_other_are_refused(city: Setting, name: str) -> None:
    """Each is an error of its kind that names what is wrong."""
    wrong, kind, word = WRONG[name]
    with pytest.raises(kind, match=word):
        wrong(city)


def test_an_id_that_is_a_site_and_a_station_is_refused(
    city: Setting, sites: gpd.GeoDataFrame
) -> None:
    """Two facilities of one id cannot be told apart."""
    twins = sites.assign(id=["s01", *sites["id"][1:]])
    with pytest.raises(InvalidInputError, match="s01"):
        suggest(city, twins, NEW, Question(n_sites=1, required=("s01",)))
