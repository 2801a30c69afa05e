"""The bounded search itself: Dijkstra's algorithm on arrays, compiled.

Each source starts at up to two nodes with an offset; targets hang on nodes with an offset of their
own. Labels are reset only where they were touched, so a search costs what it settles. All times are
whole milliseconds, so results do not depend on the order of addition.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_FAR = 2**62
_AT_NODE_M = 0.01


@njit(cache=True, nogil=True)
def bounded_searches(arcs, sources, targets, hung_on_nodes, hung_on_edges, edge_ms, limit_ms):
    """Search from every source up to a limit.

    Parameters
    ----------
    arcs
        ``(offsets, heads, ms, metres)`` of the graph in search direction, CSR by node.
    sources
        ``(edge, along, nodes, ms, metres, access_ms, access_m, length_m)``: nodes, ms and metres of
        shape (n_sources, 2), the offsets to both ends of the source's edge, ms -1 where an end is
        barred.
    targets
        ``(along, ms, metres, access_ms, access_m)``: ms and metres flat, item ``2 t + end``.
    hung_on_nodes, hung_on_edges
        ``(first, item)``: items of node x, targets of edge e, in CSR form.
    edge_ms
        ``(along, against)``: milliseconds over each whole edge in search direction, -1 where
        barred.
    limit_ms
        Longest total, inclusive.

    Returns
    -------
    counts, target, ms, metres
        Number of targets found by each source, then source by source what was found.
    """
    s_edge, s_along, s_nodes, s_ms, s_m, s_access_ms, s_access_m, s_length_m = sources
    t_along, t_ms, t_m, t_access_ms, t_access_m = targets
    n_nodes, n_targets = arcs[0].shape[0] - 1, t_along.shape[0]
    label, label_m, touched = _labels(n_nodes)
    best, best_m, reached = _labels(n_targets)
    key, val = np.empty(n_nodes + 16, np.int64), np.empty(n_nodes + 16, np.int32)
    counts = np.zeros(s_edge.shape[0], np.int64)
    out_t, out_ms, out_m = (
        np.empty(4096, np.int32),
        np.empty(4096, np.int64),
        np.empty(4096, np.float32),
    )
    n_out = 0
    for s in range(s_edge.shape[0]):
        if s_edge[s] < 0:
            continue
        n_touched, n_reached, size = 0, 0, 0
        for k in range(2):
            if s_ms[s, k] >= 0:
                d, m = s_access_ms[s] + s_ms[s, k], s_access_m[s] + s_m[s, k]
                x = s_nodes[s, k]
                if d <= limit_ms and d < label[x]:
                    n_touched = _improve(label, label_m, touched, n_touched, x, d, m)
                    size = _push(key, val, size, d, x)
        # Targets on the source's own edge are reached without passing a node.
        first, item = hung_on_edges
        for i in range(first[s_edge[s]], first[s_edge[s] + 1]):
            t = item[i]
            part = t_along[t] - s_along[s]
            whole = edge_ms[0][s_edge[s]] if part >= 0 else edge_ms[1][s_edge[s]]
            metres = abs(part) * s_length_m[s]
            if whole < 0 and metres > _AT_NODE_M:
                continue
            step = np.int64(np.rint(abs(part) * whole)) if whole > 0 else np.int64(0)
            d = s_access_ms[s] + step + t_access_ms[t]
            if d <= limit_ms and d < best[t]:
                m = s_access_m[s] + metres + t_access_m[t]
                n_reached = _improve(best, best_m, reached, n_reached, t, d, m)
        first, item = hung_on_nodes
        while size > 0:
            d, x = key[0], val[0]
            size = _pop(key, val, size)
            if d > label[x]:
                continue
            for i in range(first[x], first[x + 1]):
                t = item[i] // 2
                total = d + t_ms[item[i]] + t_access_ms[t]
                if total <= limit_ms and total < best[t]:
                    m = label_m[x] + t_m[item[i]] + t_access_m[t]
                    n_reached = _improve(best, best_m, reached, n_reached, t, total, m)
            for a in range(arcs[0][x], arcs[0][x + 1]):
                y, dy = arcs[1][a], d + arcs[2][a]
                if dy <= limit_ms and dy < label[y]:
                    n_touched = _improve(
                        label, label_m, touched, n_touched, y, dy, label_m[x] + arcs[3][a]
                    )
                    if size >= key.shape[0]:
                        key, val = _doubled(key), _doubled(val)
                    size = _push(key, val, size, dy, y)
        while n_out + n_reached > out_t.shape[0]:
            out_t, out_ms, out_m = _doubled(out_t), _doubled(out_ms), _doubled(out_m)
        for i in range(n_reached):
            t = reached[i]
            out_t[n_out], out_ms[n_out], out_m[n_out] = t, best[t], best_m[t]
            n_out += 1
            best[t] = _FAR
        for i in range(n_touched):
            label[touched[i]] = _FAR
        counts[s] = n_reached
    return counts, out_t[:n_out].copy(), out_ms[:n_out].copy(), out_m[:n_out].copy()


@njit(cache=True, nogil=True)
def _labels(n):
    return np.full(n, _FAR, np.int64), np.zeros(n, np.float32), np.empty(n, np.int32)


@njit(cache=True, nogil=True)
def _improve(label, label_m, touched, n_touched, x, d, m):
    """Lower the label of x and note the first touch; give the number of touched."""
    if label[x] == _FAR:
        touched[n_touched] = x
        n_touched += 1
    label[x], label_m[x] = d, m
    return n_touched


@njit(cache=True, nogil=True)
def _doubled(a):
    b = np.empty(a.shape[0] * 2, a.dtype)
    b[: a.shape[0]] = a
    return b


@njit(cache=True, nogil=True)
def _push(key, val, size, k, v):
    """Add to the binary heap; give its new size."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if key[up] <= k:
            break
        key[i], val[i] = key[up], val[up]
        i = up
    key[i], val[i] = k, v
    return size + 1


@njit(cache=True, nogil=True)
def _pop(key, val, size):
    """Remove the least entry, at position 0; give the new size."""
    size -= 1
    k, v = key[size], val[size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and key[down + 1] < key[down]:
            down += 1
        if key[down] >= k:
            break
        key[i], val[i] = key[down], val[down]
        i = down
    key[i], val[i] = k, v
    return size
