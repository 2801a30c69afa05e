"""The bounded search itself: Dijkstra's algorithm on arrays, compiled.

A cost is one 64-bit whole number (`geodata.arcs`): milliseconds, and below them millimetres, so
that of two equally quick ways the shorter wins and no sum depends on the order of addition.

A node's label is what is *left* of the limit on arrival, plus one; zero means not reached. One
comparison then asks both whether a way is shorter and whether it is within the limit, a fresh
workspace is a block of zeros, and only labels that were touched are wiped, so that a search costs
what it settles and not what the city holds.

The queue is one of buckets (Dial 1969). Its buckets may be wider than the shortest arc: a node that
gets a shorter way while its bucket is being emptied is put back into it and looked at again (Meyer
and Sanders 2003, delta-stepping), so the labels are exact for any width.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geodata.arcs import FORBIDDEN, MS_SHIFT

_AT_NODE_M = 0.01
_U = np.uint64
_ONE = _U(1)


@njit(cache=True, nogil=True)
def targets_within(arcs, sources, targets, work, budget, shift):
    """Search from sources on edges to targets on edges.

    Parameters
    ----------
    arcs
        ``(offsets, links)`` of the graph in search direction (`geodata.arcs.Arcs`).
    sources
        ``(along, nodes, costs, access, length_m, along_ms, against_ms, own)``: position on the
        edge; the edge's end nodes and the cost to each, shape (n_sources, 2), access included,
        `FORBIDDEN` where an end is barred; cost of the access alone; length and milliseconds of
        the edge in either search direction, -1 where barred; ``own[s]:own[s + 1]`` of shape
        (n_sources, 2), the targets on the source's own edge.
    targets
        ``(along, nodes, costs, access, first, item)``: the like for targets, which are in the order
        of their edges; ``item[first[x]:first[x + 1]]`` are the ends ``2 t + end`` at node x.
    work
        What `workspace` gives, or the search before.
    budget
        The limit plus one millisecond, as a cost.
    shift
        Width of a bucket: 2 ** shift.

    Returns
    -------
    counts, n_out, work
        How many targets each source reaches, and how many all; the workspace, in which ``out`` and
        ``out_left`` hold, source by source, which targets and what is left of the budget.
    """
    s_along, s_nodes, s_costs, s_access, s_length_m, s_along_ms, s_against_ms, s_own = sources
    t_along, t_nodes, t_costs, t_access, first, item = targets
    left, touched, queue, buckets, out, out_left = work
    counts, n_out = np.zeros(s_along.shape[0], np.int64), 0
    for s in range(s_along.shape[0]):
        low, high = s_own[s, 0], s_own[s, 1]
        n_touched, queue = _spread(
            arcs, left, touched, queue, buckets, s_nodes[s], s_costs[s], budget, shift
        )
        before = n_out
        # Targets on the source's own edge are reached without passing a node, or round by its ends.
        while n_out + high - low > out.shape[0]:
            out, out_left = _doubled(out), _doubled(out_left)
        for t in range(low, high):
            part = t_along[t] - s_along[s]
            whole = s_along_ms[s] if part >= 0 else s_against_ms[s]
            metres = abs(part) * s_length_m[s]
            most = max(left[t_nodes[t, 0]] - t_costs[t, 0], left[t_nodes[t, 1]] - t_costs[t, 1])
            if whole >= 0 or metres <= _AT_NODE_M:
                step = np.int64(np.rint(abs(part) * max(whole, 0))) << MS_SHIFT
                way = step + np.int64(np.rint(metres * 1000))
                most = max(most, budget - s_access[s] - way - t_access[t])
            out[n_out], out_left[n_out] = t, most
            n_out += most > 0
        for i in range(n_touched):
            x = _U(touched[i])
            begin, stop = first[x], first[x + _ONE]
            while n_out + stop - begin > out.shape[0]:
                out, out_left = _doubled(out), _doubled(out_left)
            for k in range(begin, stop):
                t, end = item[k] >> 1, item[k] & 1
                other = t_nodes[t, 1 - end]
                beyond = left[other] - t_costs[t, 1 - end]
                # A target that hangs on two nodes in reach is met twice: its first end counts.
                is_met = end == 1 and left[other] > 0 and t_costs[t, 0] < FORBIDDEN
                most = max(left[x] - t_costs[t, end], beyond)
                out[n_out], out_left[n_out] = t, most
                n_out += most > 0 and not is_met and not low <= t < high
        for i in range(n_touched):
            left[_U(touched[i])] = 0
        counts[s] = n_out - before
    return counts, n_out, (left, touched, queue, buckets, out, out_left)


@njit(cache=True, nogil=True)
def nodes_within(arcs, starts, work, budget, shift):
    """Search from nodes to nodes; parameters and returns as `targets_within`.

    ``starts`` has shape (n_sources,); the start itself is among the nodes found.
    """
    left, touched, queue, buckets, out, out_left = work
    counts, n_out = np.zeros(starts.shape[0], np.int64), _U(0)
    nothing = np.zeros(1, np.int64)
    for s in range(starts.shape[0]):
        n_touched, queue = _spread(
            arcs, left, touched, queue, buckets, starts[s : s + 1], nothing, budget, shift
        )
        while n_out + n_touched > _U(out.shape[0]):
            out, out_left = _doubled(out), _doubled(out_left)
        for i in range(n_touched):
            x = _U(touched[i])
            out[n_out], out_left[n_out] = x, left[x]
            n_out += _ONE
            left[x] = 0
        counts[s] = n_touched
    return counts, n_out, (left, touched, queue, buckets, out, out_left)


@njit(cache=True, nogil=True)
def put_rows(counts, column, cost, begin, where, columns, costs):
    """Put rows that stand one after another from ``begin`` on to their places ``where``."""
    k = _U(begin)
    for row in range(counts.shape[0]):
        at = _U(where[row])
        for i in range(_U(counts[row])):
            columns[at + i], costs[at + i] = column[k], cost[k]
            k += _ONE


def workspace(n_nodes, n_buckets):
    """Give what one thread needs: labels, touched nodes, queue, buckets, columns and labels found.

    Labels and buckets are as every search finds and leaves them; the rest grows as needed.
    """
    return (
        np.zeros(n_nodes, np.int64),
        np.empty(n_nodes + 1, np.int32),
        np.empty((1024, 2), np.int32),
        np.full(n_buckets, -1, np.int32),
        np.empty(4096, np.int32),
        np.empty(4096, np.int64),
    )


@njit(cache=True, nogil=True)
def _spread(arcs, left, touched, queue, buckets, starts, costs, budget, shift):
    """Label all nodes within the budget; give their number and the queue, which may have grown.

    A bucket is a chain of entries (next, node); -1 ends it. Numbers that index arrays are unsigned:
    a signed one is tested at each access for counting from the end, a fifth of the time in all.
    """
    offsets, links = arcs
    n_touched, n_queued = _U(0), _U(0)
    for k in range(starts.shape[0]):
        x, r = _U(starts[k]), budget - costs[k]
        if r > left[x]:
            touched[n_touched] = x
            if left[x] == 0:
                n_touched += _ONE
            left[x] = r
            b = _U((budget - r) >> shift)
            queue[n_queued, 0], queue[n_queued, 1] = buckets[b], x
            buckets[b] = n_queued
            n_queued += _ONE
    last = _U(buckets.shape[0] - 1)
    for b in range(_U(buckets.shape[0])):
        while buckets[b] >= 0:
            entry = _U(buckets[b])
            buckets[b] = queue[entry, 0]
            x = _U(queue[entry, 1])
            r = left[x]
            if _U((budget - r) >> shift) != b:
                continue  # a shorter way came later; the node has been looked at in its bucket
            needed = n_queued + _U(offsets[x + _ONE] - offsets[x])
            if needed > _U(queue.shape[0]):
                queue = _doubled_rows(queue, needed)
            # Without branches, for whether a way is shorter is as good as chance to the processor:
            # all is written, and counts where it is. What is beyond the limit has no bucket; it
            # meets the last one, which stays as it is.
            for a in range(_U(offsets[x]), _U(offsets[x + _ONE])):
                y, rest = _U(links[a, 0]), r - links[a, 1]
                old = left[y]
                is_more = rest > old
                touched[n_touched] = y
                n_touched += _U(is_more & (old == 0))
                left[y] = max(rest, old)
                c = min(_U((budget - rest) >> shift), last)
                head = buckets[c]
                queue[n_queued, 0], queue[n_queued, 1] = head, y
                buckets[c] = np.int32(n_queued) if is_more else head
                n_queued += _U(is_more)
    return n_touched, queue


@njit(cache=True, nogil=True)
def _doubled(a):
    b = np.empty(a.shape[0] * 2, a.dtype)
    b[: a.shape[0]] = a
    return b


@njit(cache=True, nogil=True)
def _doubled_rows(a, needed):
    b = np.empty((max(a.shape[0] * 2, np.int64(needed)), 2), a.dtype)
    b[: a.shape[0]] = a
    return b
