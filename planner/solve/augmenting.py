"""Ways on which more people can be served within capacities: maximum flow, compiled.

Facilities send places to the demand points they reach. The people left at a demand point take them;
a point without people left can still take a place by giving back one of another facility, which
then looks for people in its turn. Shortest such ways are used up length by length (Dinic 1970,
Algorithm for solution of a problem of maximum flow in networks with power estimation, Soviet
Mathematics Doklady 11), which ends for any capacities, whole or not. Nobody who is served loses
that on the way, so a flow can be built up in steps.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def send_more(pairs, sent, left, spare, facilities, least):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Send as many more people as can be to the spare places of some facilities.

    Parameters
    ----------
    pairs, sent, left, spare, least
        As in `planner.solve.flow.Flow`; the arrays are changed.
    facilities
        Numbers of facilities, each with or without spare places.
    """
    by_facility, _, by_row, _, _ = pairs
    level_j = np.full(spare.shape[0], -1, np.int64)
    level_i = np.full(left.shape[0], -1, np.int64)
    next_j, next_i = np.empty_like(level_j), np.empty_like(level_i)
    queue = np.empty(spare.shape[0], np.int64)
    touched = np.empty(left.shape[0], np.int64)
    way = np.empty(spare.shape[0] + 1, np.int64)
    back = np.empty(spare.shape[0] + 1, np.int64)
    levels = (level_j, level_i, next_j, next_i)
    while True:
        n_queue, n_touched, is_found = _levels(
            pairs, sent, left, spare, facilities, least, levels, queue, touched
        )
        for q in range(n_queue):
            next_j[queue[q]] = by_facility[queue[q]]
        for t in range(n_touched):
            next_i[touched[t]] = by_row[touched[t]]
        if is_found:
            for j in facilities:
                while spare[j] > least and _push(
                    pairs, sent, left, spare, least, levels, j, way, back
                ):
                    pass
        for q in range(n_queue):
            level_j[queue[q]] = -1
        for t in range(n_touched):
            level_i[touched[t]] = -1
        if not is_found:
            return


@njit(cache=True, nogil=True)
def _levels(pairs, sent, left, spare, facilities, least, levels, queue, touched):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Write how many steps facilities and demand points are from spare places, breadth first.

    Ends with the level at which people are left.
    """
    by_facility, rows, by_row, columns, arcs = pairs
    level_j, level_i, _, _ = levels
    head = tail = n_touched = 0
    for j in facilities:
        if spare[j] > least and level_j[j] < 0:
            level_j[j] = 0
            queue[tail] = j
            tail += 1
    last = np.int64(2**62)
    while head < tail and level_j[queue[head]] < last:
        j = queue[head]
        head += 1
        for at in range(by_facility[j], by_facility[j + 1]):
            i = rows[at]
            if level_i[i] >= 0:
                continue
            level_i[i] = level_j[j]
            touched[n_touched] = i
            n_touched += 1
            if left[i] > least:
                last = level_j[j] + 1  # finish this level, begin no other
                continue
            for k in range(by_row[i], by_row[i + 1]):
                other = columns[k]
                if level_j[other] < 0 and sent[arcs[k]] > least:
                    level_j[other] = level_j[j] + 1
                    queue[tail] = other
                    tail += 1
    return tail, n_touched, last < 2**62


@njit(cache=True, nogil=True)
def _push(pairs, sent, left, spare, least, levels, source, way, back):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Fill spare places of a facility along one way from people left, if there is one.

    ``way[d]`` is the arc by which the facility at depth d takes people, ``back[d]`` the one by
    which the next facility gives them up. Arcs that led nowhere are not looked at again.
    """
    by_facility, rows, by_row, columns, arcs = pairs
    level_j, level_i, next_j, next_i = levels
    depth, j = 0, source
    while True:
        if next_j[j] >= by_facility[j + 1]:
            level_j[j] = -2  # a dead end; -2 is wiped like any level
            if depth == 0:
                return False
            depth -= 1
            j = _owner(by_facility, way[depth])
            continue
        at = next_j[j]
        i = rows[at]
        if level_i[i] != level_j[j]:
            next_j[j] += 1
            continue
        if left[i] > least:
            way[depth] = at
            _move(sent, left, spare, source, i, way, back, depth)
            return True
        is_open = False
        while next_i[i] < by_row[i + 1]:
            k = next_i[i]
            other = columns[k]
            if sent[arcs[k]] > least and level_j[other] == level_j[j] + 1:
                is_open = True
                break
            next_i[i] += 1
        if is_open:
            way[depth], back[depth] = at, arcs[next_i[i]]
            depth += 1
            j = columns[next_i[i]]
        else:
            next_j[j] += 1


@njit(cache=True, nogil=True)
def _move(sent, left, spare, source, i, way, back, depth):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Move as many people along a way as its narrowest step allows."""
    most = min(spare[source], left[i])
    for d in range(depth):
        most = min(most, sent[back[d]])
    for d in range(depth):
        sent[way[d]] += most
        sent[back[d]] -= most
    sent[way[depth]] += most
    left[i] -= most
    spare[source] -= most


@njit(cache=True, nogil=True)
def _owner(by_facility, arc):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the facility whose arc this is."""
    return np.searchsorted(by_facility, arc, side="right") - 1
