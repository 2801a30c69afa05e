"""Names for the small streets: two characters and a kind of street, each name used once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.sample.drawing import Drawn
from geodata.sample.junctions import Edges

Strings = NDArray[np.str_]
Ints = NDArray[np.int64]

_FIRST = (
    "安宝昌晨春翠德东丰凤福富光广桂国和鹤恒宏鸿怀华嘉建锦景静康兰乐"
    "丽利联龙茂梅明宁平祺青庆秋仁荣瑞润尚盛顺松泰天万祥新兴秀永裕园云正紫"
)
_SECOND = (
    "安昌城成达德丰峰福光桂和恒虹华辉惠吉江康林岭美"
    "民明宁平青泉荣瑞盛顺松泰通旺祥信兴秀阳义英裕园远泽"
)
_ENDINGS = {
    "secondary": ("路", "大道"),
    "tertiary": ("路", "街"),
    "residential": ("街", "路", "巷"),
    "living_street": ("巷", "里"),
    "pedestrian": ("步行街",),
    "footway": ("小径",),
    "service": ("支路",),
    "path": ("小路",),
}
_WAYS = ("", "东", "西", "南", "北", "中")  # put before a name when the plain ones run out
_NAMELESS = ("", "service", "footway", "path", "track", "steps")
_WORTH_A_NAME_M = 125.0
_STRAIGHT_ON = -0.97  # cosine of the angle between two lines that leave a node


def name_streets(edges: Edges, drawn: Drawn, rng: np.random.Generator) -> tuple[Strings, Strings]:
    """Give edges the class of their line, and one name to lines that go straight on.

    Parameters
    ----------
    edges, drawn
        The network and the lines that it was cut from.
    rng
        Where chance comes from.

    Returns
    -------
    highway, name
        Shape (n_edges,). Invented names differ from street to street; short lanes have none.
    """
    street = _straight_on(edges, drawn)
    long = np.bincount(street, weights=shapely.length(drawn.lines))[street] > _WORTH_A_NAME_M
    wants = (drawn.name == "") & ~np.isin(drawn.highway, _NAMELESS) & long
    _, first, index = np.unique(street[wants], return_index=True, return_inverse=True)
    name = drawn.name.copy()
    name[wants] = _invent(drawn.highway[wants][first], drawn.name, rng)[index]
    return drawn.highway[edges.owner], name[edges.owner]


def _straight_on(edges: Edges, drawn: Drawn) -> Ints:
    """Give street numbers: lines of one class that meet and go straight on share a number."""
    n = len(drawn.lines)
    xy, edge = shapely.get_coordinates(edges.lines, return_index=True)
    first = np.searchsorted(edge, np.arange(len(edges.lines)))
    last = np.append(first[1:], len(xy)) - 1
    away = np.concatenate([xy[first + 1] - xy[first], xy[last - 1] - xy[last]])
    away /= np.hypot(*away.T)[:, None]
    table = pd.DataFrame(
        {
            "node": np.concatenate([edges.u, edges.v]),
            "line": np.tile(edges.owner, 2),
            "dx": away[:, 0],
            "dy": away[:, 1],
        }
    )
    table["highway"] = drawn.highway[table["line"]]
    table = table[(drawn.name == "")[table["line"]]]
    pairs = table.merge(table, on=["node", "highway"])
    turn = pairs["dx_x"] * pairs["dx_y"] + pairs["dy_x"] * pairs["dy_y"]
    pairs = pairs[(turn < _STRAIGHT_ON) & (pairs["line_x"] < pairs["line_y"])]
    links = coo_array(
        (np.ones(len(pairs), np.int8), (pairs["line_x"], pairs["line_y"])), shape=(n, n)
    )
    street: Ints = connected_components(links, directed=False)[1].astype(np.int64)
    return street


def _invent(highway: Strings, taken: Strings, rng: np.random.Generator) -> Strings:
    """Invent names for streets of the given OpenStreetMap classes; all differ."""
    stems = np.array([a + b for a in _FIRST for b in _SECOND if a != b])
    names = np.full(len(highway), "", dtype="<U24")
    used = np.unique(taken)
    for kind in np.unique(highway):
        mine = np.flatnonzero(highway == kind)
        endings = np.array(_ENDINGS.get(str(kind), ("街",)))
        plain = np.char.add(np.tile(stems, len(endings)), np.repeat(endings, len(stems)))
        pool = np.concatenate([np.char.add(way, rng.permutation(plain)) for way in _WAYS])
        free = pool[~np.isin(pool, used)]
        names[mine] = free[: len(mine)]
        used = np.concatenate([used, names[mine]])
    return names
