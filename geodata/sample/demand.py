"""Outdoor workers of the sample city: how many, where, and in which hours.

``demand.toml`` holds the arithmetic and the rhythms with their reasons; they are assumptions. In
short: residents × workers per 10,000 × share active on a day gives each group's head count; kinds
of places share it out; a rhythm says which part of a place's people is out there in each hour of
the week. A worker belongs to one place, so people are never counted twice.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.records import GROUPS
from geodata.sample.frontage import MAIN, Frontage, beside, draw_edges
from geodata.sample.layout import Layout

Floats = NDArray[np.float64]
Presence = NDArray[np.float32]

SOURCE = "示例数据，非真实统计"
_LEAST_PULL = 0.03


def read_demand() -> dict[str, Any]:
    """Read the assumptions that come with the package."""
    return tomllib.loads(files("geodata.sample").joinpath("demand.toml").read_text("utf-8"))


def people_in_all(table: dict[str, Any]) -> dict[str, float]:
    """Give the head count of each group: residents / 10,000 × workers per 10,000 × active share."""
    return {
        group: table["residents"] / 10_000 * row["per_10k"] * row["active"]
        for group, row in table["groups"].items()
    }


def make_demand(layout: Layout, frontage: Frontage, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make the demand frame.

    Parameters
    ----------
    frontage
        Streets that places stand at.
    rng
        Where chance comes from.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns ``place_id, name, group, people, presence, source, is_synthetic``, points in WGS 84;
        one row for each group at a place. Equal rhythms are one array.
    """
    table = read_demand()
    rhythms = {name: _week(row) for name, row in table["rhythms"].items()}
    parts = [
        _rows(row, *_spots(row, layout, frontage, rng), rng) for row in table["places"].values()
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["people"] = _head_counts(rows, people_in_all(table))
    rows = rows[rows["people"] > 0].reset_index(drop=True)
    place = rows.groupby(["x", "y"], sort=False).ngroup()
    lon, lat = layout.plane.to_lon_lat_deg(rows[["x", "y"]].to_numpy())
    return gpd.GeoDataFrame(
        {
            "place_id": [f"P{k + 1:04d}" for k in place],
            "name": rows["name"],
            "group": rows["group"],
            "people": rows["people"],
            "presence": pd.Series([rhythms[name] for name in rows["rhythm"]], dtype=object),
            "source": SOURCE,
            "is_synthetic": True,
        },
        geometry=shapely.points(lon, lat),
        crs="EPSG:4326",
    )


def _week(row: dict[str, Any]) -> Presence:
    """Lay a weekday out over the week, shape (168,)."""
    day = np.array(row["weekday"])
    week = np.concatenate([np.tile(day, 5), day * row["saturday"], day * row["sunday"]])
    presence: Presence = np.round(np.minimum(week, 1.0), 3).astype(np.float32)
    return presence


def _spots(
    row: dict[str, Any], layout: Layout, frontage: Frontage, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.str_]]:
    """Choose places of one kind and name them: at anchors of its kinds first."""
    main = np.isin(frontage.highway, MAIN)
    fits = {"main": main, "small": ~main, "any": np.ones(len(main), dtype=bool)}[row["on"]]
    weight = fits * (_LEAST_PULL + frontage.pull) ** row["pull"]
    first = [a for a in layout.anchors if a.kind in row.get("at", ())]
    at_anchor = [np.hypot(*(frontage.xy_m - a.xy_m).T).argmin() for a in first]
    edge = np.array(
        [*at_anchor, *draw_edges(weight, row["count"] - len(first), rng)], dtype=np.int64
    )
    street = frontage.name[edge]
    street[: len(first)] = [a.name for a in first]
    turn = pd.Series(street).groupby(street).cumcount().to_numpy() + 1
    number = np.where(turn > 1, np.char.mod("%d", turn), "")
    name = np.char.add(np.char.add(street, row["name"]), number)
    return beside(frontage, edge, rng), np.char.add(name, "（示例）")


def _rows(
    row: dict[str, Any], xy: Floats, name: NDArray[np.str_], rng: np.random.Generator
) -> pd.DataFrame:
    """Give one row for each group at each place, with its part of the group."""
    size = rng.lognormal(0.0, row["spread"], len(xy))
    parts = []
    for group, (share, rhythm) in row["groups"].items():
        mine = size * rng.lognormal(0.0, 0.2, len(xy))
        parts.append(
            pd.DataFrame(
                {
                    "x": xy[:, 0],
                    "y": xy[:, 1],
                    "name": name,
                    "group": group,
                    "rhythm": rhythm,
                    "part": share * mine / mine.sum(),
                }
            )
        )
    return pd.concat(parts).sort_index(kind="stable")


def _head_counts(rows: pd.DataFrame, total: dict[str, float]) -> Floats:
    """Deal whole people out by their parts (largest remainders), each group to its exact total."""
    people = np.zeros(len(rows))
    for group in GROUPS:
        mine = np.flatnonzero(rows["group"] == group)
        part = rows["part"].to_numpy()[mine]
        quota = part / part.sum() * round(total[group])
        whole = np.floor(quota)
        rest = np.argsort(whole - quota, kind="stable")[: round(total[group] - whole.sum())]
        whole[rest] += 1
        people[mine] = whole
    return people
