"""Clues: what the texts of a sheet have in common with what a city knows, as kinds of evidence."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.inquiry import mentions
from geodata.inquiry.evidence import Beside, Districts, Kind, Named, Points
from geodata.inquiry.mentions import Matches
from geodata.inquiry.scene import Scene, Texts

_TRUST_ADDRESS, _TRUST_NAME, _TRUST_PLACE = 0.88, 0.7, 0.75
_LEAST_PLACE = 3


def gather(rows: Texts, scene: Scene, *, quickly: bool = False) -> dict[str, Kind]:
    """Give the evidence that texts bring: ``known``, ``districts``, ``streets`` and ``places``.

    Parameters
    ----------
    quickly
        Whether to leave out what takes long and tells little: names that are only like a known
        station's, streets in names where there is an address, and places.
    """
    kinds = {
        "known": _known(rows, scene, with_alike=not quickly),
        "districts": _districts(rows, scene),
        "streets": _named(rows, scene, with_names=not quickly),
        "places": None if quickly else _places(rows, scene),
    }
    return {name: kind for name, kind in kinds.items() if kind is not None}


def beside(
    n: int, kinds: dict[str, Kind], scene: Scene, *, shifts: NDArray[np.intp]
) -> Beside | None:
    """Give the evidence of standing beside any street, for the rows that name none."""
    if scene.streets is None or not scene.streets.has_doors.any():
        return None
    named = kinds.get("streets")
    rest = np.arange(n)
    if isinstance(named, Named):
        rest = np.setdiff1d(rest, named.matches.row)
    if not len(rest):
        return None
    return Beside(n, rest, scene.streets.lines[scene.streets.has_doors], shifts, scene.step_m)


def _known(rows: Texts, scene: Scene, *, with_alike: bool) -> Points | None:
    if scene.city.known is None:
        return None
    part = scene.part(scene.city.known)
    known = mentions.plains(part["name"].astype(str).to_list())
    found = mentions.same_names(rows.names, known, with_alike=with_alike)
    return _points(len(rows.names), found, part, scene)


def _places(rows: Texts, scene: Scene) -> Points | None:
    if scene.city.places is None:
        return None
    part = scene.part(scene.city.places)
    names = mentions.plains(part["name"].astype(str).to_list())
    count = Counter(names)
    word = {n: i for i, n in enumerate(names) if len(n) >= _LEAST_PLACE and count[n] == 1}
    both = [f"{a} {b}" for a, b in zip(rows.names, rows.addresses, strict=True)]
    found = _trusted(mentions.words(both, word), _TRUST_PLACE)
    return _points(len(both), found, part, scene, is_place=True)


def _points(
    n: int, found: Matches, part: gpd.GeoDataFrame, scene: Scene, *, is_place: bool = False
) -> Points | None:
    if not len(found.row):
        return None
    at = scene.in_metres(part.geometry.to_numpy())
    target = np.column_stack([shapely.get_x(at), shapely.get_y(at)])[found.target]
    labels = part["name"].astype(str).to_numpy()[found.target].tolist()
    return Points(n, found, labels, target, scene.step_m, is_place)


def _districts(rows: Texts, scene: Scene) -> Districts | None:
    """Take what the column says; where it says nothing, what the address says."""
    areas = scene.city.areas
    if areas is None:
        return None
    names = [str(name) for name in areas["name"]]
    found = mentions.districts(rows.districts, names, [str(i) for i in areas["id"]])
    word: dict[str, int] = {}
    for i, core in enumerate(mentions.plains(names)):
        if len(core) > 1:
            word.setdefault(core, i)
    silent = ["" if d else a for d, a in zip(rows.districts, rows.addresses, strict=True)]
    found = _joined(found, _last(mentions.words(silent, word)))
    if not len(found.row):
        return None
    used, target = np.unique(found.target, return_inverse=True)
    return Districts(
        len(rows.names),
        Matches(found.row, target.astype(np.intp), found.trust),
        [names[i] for i in used.tolist()],
        scene.in_metres(areas.geometry.to_numpy()[used]),
        scene.step_m,
    )


def _named(rows: Texts, scene: Scene, *, with_names: bool) -> Named | None:
    """Take the streets that addresses name, and those that only names do."""
    if scene.streets is None or not scene.streets.words:
        return None
    words = scene.streets.words
    by_address = mentions.words(rows.addresses, words, is_street=True)
    pairs = zip(rows.names, rows.addresses, strict=True)
    names = [name if with_names or not address else "" for name, address in pairs]
    by_name = mentions.words(names, words, is_street=True)
    said = set(zip(by_address.row.tolist(), by_address.target.tolist(), strict=True))
    found_in_names = zip(by_name.row.tolist(), by_name.target.tolist(), strict=True)
    new = np.array([pair not in said for pair in found_in_names], dtype=bool)
    found = _joined(
        _trusted(by_address, _TRUST_ADDRESS),
        _trusted(Matches(by_name.row[new], by_name.target[new], by_name.trust[new]), _TRUST_NAME),
    )
    if not len(found.row):
        return None
    name_of = list(words)
    labels = [name_of[i] for i in found.target.tolist()]
    used = np.isin(scene.streets.name, found.target)
    lines = scene.streets.lines[used]
    return Named(len(rows.names), found, labels, lines, scene.streets.name[used], scene.step_m)


def _trusted(found: Matches, trust: float) -> Matches:
    return Matches(found.row, found.target, found.trust * trust)


def _last(found: Matches) -> Matches:
    """Keep the last match of each row: 郑州市中原区 says 中原区."""
    if not len(found.row):
        return found
    kept = np.flatnonzero(np.append(found.row[1:] != found.row[:-1], True))
    return Matches(found.row[kept], found.target[kept], found.trust[kept])


def _joined(one: Matches, other: Matches) -> Matches:
    return Matches(
        np.concatenate([one.row, other.row]),
        np.concatenate([one.target, other.target]),
        np.concatenate([one.trust, other.trust]),
    )
