"""Lines that touch, made into edges that meet at shared nodes.

Lines end on one another but do not cross elsewhere. Where several lines end on a line within a few
metres, they are drawn together into one crossing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOUCH_M = 0.05
_STRAIGHT_M = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges between nodes.

    Attributes
    ----------
    u, v
        Node numbers, shape (n,); never equal.
    owner
        Number of the line that each edge is part of.
    lines
        Shapely lines from u to v, in the units of the input.
    """

    u: Ints
    v: Ints
    owner: Ints
    lines: Objects


def join(lines: Objects, *, together_m: float) -> Edges:
    """Cut lines where others end on them, and draw near ends together.

    Parameters
    ----------
    lines
        Shapely lines, most important first: crossings stay on the first line of those that meet.
    together_m
        Ends nearer than this along a line become one crossing.

    Returns
    -------
    Edges
        Sorted by owner and then along the owner.
    """
    length = shapely.length(lines)
    line, at, is_end, met = _sites(lines, length)
    order = np.lexsort((at, line))
    cluster = np.empty(len(line), np.int64)
    apart = np.ones(len(line), dtype=bool)
    apart[1:] = (np.diff(line[order]) != 0) | (np.diff(at[order]) > together_m)
    cluster[order] = np.cumsum(apart) - 1
    first, last = at[order][apart], at[order][np.append(np.flatnonzero(apart)[1:] - 1, -1)]
    cluster_line = line[order][apart]
    place = np.where(
        first == 0, 0.0, np.where(last >= length[cluster_line], last, (first + last) / 2)
    )
    node = _same_nodes(cluster, is_end, met)
    xy = _node_places(lines, cluster_line, place, node)
    begin = np.flatnonzero(cluster_line[1:] == cluster_line[:-1])
    u, v, owner = node[begin], node[begin + 1], cluster_line[begin]
    drawn = _draw(lines, owner, last[begin], first[begin + 1], xy[u], xy[v])
    real = u != v
    return Edges(u[real], v[real], owner[real], drawn[real])


def _sites(lines: Objects, length: Floats) -> tuple[Ints, Floats, NDArray[np.bool_], Ints]:
    """List the places on lines where something happens.

    Gives line, metres along it, whether the place is the line's own end, and for the others the
    place that is the same point.
    """
    n = len(lines)
    number = np.arange(n)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    end_line = np.concatenate([number, number])
    end_at = np.concatenate([np.zeros(n), length])
    end, other = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=_TOUCH_M)
    # a closed line meets itself at its ends
    foreign = (other != end_line[end]) | shapely.is_closed(lines[other])
    end, other = end[foreign], other[foreign]
    at = shapely.line_locate_point(lines[other], ends[end])
    line = np.concatenate([end_line, other]).astype(np.int64)
    is_end = np.arange(len(line)) < 2 * n
    return line, np.concatenate([end_at, at]), is_end, np.concatenate([np.full(2 * n, -1), end])


def _same_nodes(cluster: Ints, is_end: NDArray[np.bool_], met: Ints) -> Ints:
    """Give node numbers: clusters on different lines that are one point share a number."""
    n = int(cluster.max()) + 1
    a, b = cluster[~is_end], cluster[met[~is_end]]
    links = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    node: Ints = connected_components(links, directed=False)[1].astype(np.int64)
    return node


def _node_places(lines: Objects, cluster_line: Ints, place: Floats, node: Ints) -> Floats:
    """Put each node on the first of the lines that meet in it."""
    _, first = np.unique(node, return_index=True)  # clusters are sorted by line
    points = shapely.line_interpolate_point(lines[cluster_line[first]], place[first])
    return shapely.get_coordinates(points)


def _draw(
    lines: Objects, owner: Ints, after_m: Floats, before_m: Floats, start: Floats, end: Floats
) -> Objects:
    """Draw each edge: its start, the bends of its owner on the way, its end."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    first = np.searchsorted(line, np.arange(len(lines)))
    step[first] = 0
    total = np.cumsum(step)
    at = total - total[first][line]
    key = np.cumsum(np.append(0.0, shapely.length(lines) + 10.0))[:-1]
    vertex_key = key[line] + at
    low = np.searchsorted(vertex_key, key[owner] + after_m + 2.0)
    high = np.maximum(np.searchsorted(vertex_key, key[owner] + before_m - 2.0), low)
    count = high - low
    size = count + 2
    offset = np.append(0, np.cumsum(size))
    points = np.empty((offset[-1], 2))
    points[offset[:-1]], points[offset[1:] - 1] = start, end
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    points[np.repeat(offset[:-1] + 1, count) + within] = xy[np.repeat(low, count) + within]
    drawn = shapely.linestrings(points, indices=np.repeat(np.arange(len(owner)), size))
    return np.array(shapely.simplify(drawn, _STRAIGHT_M))
