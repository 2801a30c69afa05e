"""Small random webs of streets, and plain Dijkstra on them."""

from __future__ import annotations

import heapq

import numpy as np
from support.towns import PLANE

from geodata.network import Network, from_arrays


def web(
    rng: np.random.Generator, n_nodes: int, n_edges: int, *, most_ms: int, least_ms: int = 0
) -> Network:
    """Join random nodes by edges of some ms; a third one-way; loops and twins happen."""
    xy_m = rng.uniform(-500, 500, (n_nodes, 2))
    tail, head = rng.integers(0, n_nodes, (2, n_edges))
    there, back = rng.integers(least_ms, most_ms + 1, (2, n_edges)) / 1000.0
    back[rng.random(n_edges) < 0.3] = np.nan
    length_m = rng.integers(0, 3, n_edges).astype(float)
    times_s = {"walk": (there, back), "ebike": (there, there)}
    return from_arrays(xy_m, tail, head, plane=PLANE, times_s=times_s, length_m=length_m)


def links(network: Network, mode: str = "walk") -> dict[int, list[tuple[int, int, int]]]:
    """List (node, milliseconds, millimetres) from each node, out of the times by edge."""
    graph = network.modes[mode]
    out: dict[int, list[tuple[int, int, int]]] = {x: [] for x in range(network.n_nodes)}
    for k, (u, v) in enumerate(zip(network.tail.tolist(), network.head.tolist(), strict=True)):
        mm = round(network.length_m[k] * 1000)
        if graph.edge_ms[k] >= 0:
            out[u].append((v, int(graph.edge_ms[k]), mm))
        if graph.edge_back_ms[k] >= 0:
            out[v].append((u, int(graph.edge_back_ms[k]), mm))
    return out


def dijkstra(
    out: dict[int, list[tuple[int, int, int]]], starts: dict[int, tuple[int, int]], limit_ms: int
) -> dict[int, tuple[int, int]]:
    """Give (milliseconds, millimetres) of the least way to each node within the limit."""
    done: dict[int, tuple[int, int]] = {}
    heap = [(ms, mm, x) for x, (ms, mm) in starts.items()]
    heapq.heapify(heap)
    while heap:
        ms, mm, x = heapq.heappop(heap)
        if x in done or ms > limit_ms:
            continue
        done[x] = ms, mm
        for y, more_ms, more_mm in out[x]:
            heapq.heappush(heap, (ms + more_ms, mm + more_mm, y))
    return done
