"""Read an OpenStreetMap extract (.osm.pbf or .osm) into a streets frame.

Which ways count, who may use them and in which direction follows the tags ``highway``, ``access``,
``foot``, ``bicycle``, ``oneway`` and their relatives as the OpenStreetMap wiki defines them, with
the Chinese habit that e-bikes keep to cycle rules. Ways cut at the edge of the extract are read as
far as their nodes are in the file.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from geodata.errors import InvalidInputError, NotFoundError
from geodata.streets import STREET_COLUMNS, Connected, keep_connected, lengths_m, times

Progress = Callable[[str, int, int], bool]

_NOT_STREETS = {
    "proposed", "construction", "razed", "abandoned", "raceway", "bus_guideway", "rest_area",
    "services", "motorway", "motorway_link", "via_ferrata", "no", "emergency_bay", "escape",
}  # fmt: skip
_FOOTWAYS = {"footway", "pedestrian", "path", "platform", "corridor", "elevator", "steps"}
_YES = {"yes", "designated", "permissive", "destination", "customers", "official"}
_NO = {"no", "private", "use_sidepath", "discouraged", "agricultural", "forestry"}
_RIVERS = {"river", "canal"}
_RAILWAYS = {"rail", "light_rail", "subway"}


@dataclass(frozen=True, slots=True)
class _Way:
    """One way between two nodes that matter."""

    nodes: tuple[int, ...]
    coords: tuple[tuple[float, float], ...]
    tags: dict[str, str]
    role: str


def read_streets(path: Path, *, progress: Progress | None = None) -> Connected:
    """Read the streets and barriers of an OpenStreetMap extract.

    Parameters
    ----------
    path
        An ``.osm.pbf`` or ``.osm`` file.
    progress
        Called with a stage, how much is done and how much there is.

    Returns
    -------
    Connected
        Streets frame in WGS 84 whose walking and e-bike networks are each one connected part.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When it is not an OpenStreetMap file, holds no street, or its streets fall apart.
    """
    if not path.is_file():
        raise NotFoundError("streets file {path} does not exist; give an .osm.pbf file", path=path)
    try:
        ways = list(_read_ways(path, progress))
    except (RuntimeError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInputError(
            "{path} is not a readable OpenStreetMap file; give an .osm.pbf extract",
            path=path.name,
        ) from error
    pieces = list(_cut_at_junctions([w for w in ways if w.role == "street"]))
    if not any(len(set(piece.coords)) > 1 for piece in pieces):
        raise InvalidInputError(
            "{path} holds no streets; give an extract with the highway ways of the city",
            path=path.name,
        )
    return keep_connected(_as_frame(pieces, [w for w in ways if w.role == "barrier"]))


def street_access(tags: dict[str, str]) -> tuple[bool, bool, bool, bool, bool]:
    """Tell who may use a way: on foot there and back, by e-bike there and back, e-bike is pushed.

    Parameters
    ----------
    tags
        The way's tags.

    Returns
    -------
    walk, walk_back, ebike, ebike_back, is_pushed
        Along and against the way's direction; a pushed e-bike goes at walking speed.
    """
    highway = tags.get("highway", "")
    if highway in _NOT_STREETS or tags.get("motorroad") == "yes":
        return False, False, False, False, False
    general = tags.get("access", "yes") not in _NO
    foot = tags.get("foot")
    walk = foot in _YES if foot else general
    escalator = "conveying" in tags and tags["conveying"] not in ("no", "reversible")
    one_way_foot = tags.get("oneway:foot", tags.get("oneway", "no") if escalator else "no")
    walk, walk_back = _directions(walk, one_way_foot)
    ebike, pushed = _ebike_access(tags, highway, general, walk or walk_back)
    one_way = "no" if pushed else _one_way_ebike(tags)
    ebike, ebike_back = _directions(ebike, one_way)
    return walk, walk_back, ebike, ebike_back, pushed


def _ebike_access(
    tags: dict[str, str], highway: str, general: bool, walkable: bool
) -> tuple[bool, bool]:
    """Tell whether an e-bike may pass, and whether it must be pushed."""
    if highway == "steps" or "no" in (tags.get("electric_bicycle"), tags.get("mofa")):
        return False, False
    said = tags.get("bicycle", tags.get("vehicle"))
    if said in _YES:
        return True, False
    if highway in _FOOTWAYS or said == "dismount":
        return walkable, True
    return (general and said not in _NO), False


def _one_way_ebike(tags: dict[str, str]) -> str:
    if "oneway:bicycle" in tags:
        return tags["oneway:bicycle"]
    if any(
        tags.get(f"cycleway{side}", "").startswith("opposite") for side in ("", ":left", ":right")
    ):
        return "no"
    circular = tags.get("junction") in ("roundabout", "circular")
    return tags.get("oneway", "yes" if circular else "no")


def _directions(permitted: bool, one_way: str) -> tuple[bool, bool]:
    if one_way in ("-1", "reverse"):
        return False, permitted
    return permitted, permitted and one_way not in ("yes", "true", "1")


def _read_ways(path: Path, progress: Progress | None) -> Iterator[_Way]:
    """Give ways whose nodes are all in the file; a way that is cut gives its whole runs."""
    blocked = _blocked_nodes(path)
    keys = osmium.filter.KeyFilter("highway", "waterway", "railway", "natural")
    seen = 0
    fresh = itertools.count(-2, -1)
    reader = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(keys)
    )
    for way in reader:
        if not isinstance(way, osmium.osm.Way):
            continue
        seen += 1
        if progress and seen % 5000 == 0:
            progress("streets", seen, 0)
        tags = {t.k: t.v for t in way.tags}
        role = _role(tags, closed=way.is_closed())
        if role is None:
            continue
        run: list[tuple[int, float, float]] = []
        for node in way.nodes:
            if not node.location.valid():
                yield from _run(run, tags, role)
                run = []
                continue
            run.append((node.ref, node.location.lon, node.location.lat))
            if role == "street" and node.ref in blocked:
                yield from _run(run, tags, role)
                # A node of its own on each side, so that nobody passes the gate.
                run = [(next(fresh), node.location.lon, node.location.lat)]
        yield from _run(run, tags, role)


def _run(run: list[tuple[int, float, float]], tags: dict[str, str], role: str) -> Iterator[_Way]:
    if len(run) > 1:
        yield _Way(tuple(n for n, _, _ in run), tuple((x, y) for _, x, y in run), tags, role)


def _blocked_nodes(path: Path) -> set[int]:
    """Give gates and walls on ways that neither walkers nor e-bikes pass."""
    nodes = (
        osmium.FileProcessor(str(path))
        .with_filter(osmium.filter.EntityFilter(osmium.osm.NODE))
        .with_filter(osmium.filter.KeyFilter("barrier"))
    )
    return {
        n.id for n in nodes if n.tags.get("foot", n.tags.get("access", "yes")) in ("no", "private")
    }


def _role(tags: dict[str, str], *, closed: bool) -> str | None:
    if "highway" in tags:
        return None if tags["highway"] in _NOT_STREETS else "street"
    if _is_off_the_ground(tags):
        return None
    is_water = tags.get("natural") == "water" or tags.get("waterway") == "riverbank"
    is_barrier = (
        tags.get("waterway") in _RIVERS or tags.get("railway") in _RAILWAYS or (closed and is_water)
    )
    return "barrier" if is_barrier else None


def _cut_at_junctions(ways: list[_Way]) -> Iterator[_Way]:
    """Cut ways wherever another way, or the same way again, meets them."""
    uses: Counter[int] = Counter()
    for way in ways:
        uses.update(way.nodes)
        uses.update((way.nodes[0], way.nodes[-1]))
    for way in ways:
        start = 0
        for i in range(1, len(way.nodes)):
            if uses[way.nodes[i]] > 1:
                yield _Way(way.nodes[start : i + 1], way.coords[start : i + 1], way.tags, way.role)
                start = i


def _as_frame(streets: list[_Way], barriers: list[_Way]) -> gpd.GeoDataFrame:
    rows = streets + barriers
    n, n_streets = len(rows), len(streets)
    sizes = [len(w.coords) for w in rows]
    coords = np.array([c for w in rows for c in w.coords])
    lines = np.asarray(shapely.linestrings(coords, indices=np.repeat(np.arange(n), sizes)))
    length_m = lengths_m(lines)
    highway = [w.tags["highway"] for w in streets]
    walk_s, ebike_s = times(highway=highway, length_m=length_m[:n_streets])
    access = np.array([street_access(w.tags) for w in streets], dtype=bool)
    pushed_s, _ = times(highway=["footway"] * n_streets, length_m=length_m[:n_streets])
    ridden = np.isin(highway, list(_FOOTWAYS)) & ~access[:, 4]
    shared_s = times(highway=["service"] * n_streets, length_m=length_m[:n_streets])[1]
    ebike_s = np.where(access[:, 4], pushed_s, np.where(ridden, shared_s, ebike_s))
    none = np.full(n - n_streets, np.nan)
    seconds = [
        np.concatenate([np.where(access[:, k], base, np.nan), none])
        for k, base in enumerate((walk_s, walk_s, ebike_s, ebike_s))
    ]
    table = pd.DataFrame(
        {
            "role": ["street"] * n_streets + ["barrier"] * (n - n_streets),
            "u": [w.nodes[0] for w in streets] + [-1] * (n - n_streets),
            "v": [w.nodes[-1] for w in streets] + [-1] * (n - n_streets),
            "name": [w.tags.get("name", "") for w in rows],
            "highway": highway + [_barrier_kind(w.tags) for w in barriers],
            "is_bridge": [_is_off_the_ground(w.tags) for w in rows],
            "length_m": length_m,
            "walk_s": seconds[0],
            "walk_back_s": seconds[1],
            "ebike_s": seconds[2],
            "ebike_back_s": seconds[3],
        },
        columns=list(STREET_COLUMNS),
    )
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def _is_off_the_ground(tags: dict[str, str]) -> bool:
    """Tell bridges and tunnels; a passage through a building is on the ground."""
    tunnel = tags.get("tunnel", "no")
    return tags.get("bridge", "no") != "no" or tunnel not in ("no", "building_passage")


def _barrier_kind(tags: dict[str, str]) -> str:
    if "railway" in tags:
        return "railway"
    return "river" if tags.get("waterway") in _RIVERS else "water"
