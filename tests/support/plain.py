"""Plain Dijkstra on the graph in which every edge is split where a place stands: the slow, sure way."""

from __future__ import annotations

import heapq
import math

import numpy as np

from geodata.network import Network
from geodata.snap import Snapped
from geodata.streets import WALK_M_PER_S


def travel_s(
    network: Network, origin: Snapped, destination: Snapped, i: int, j: int, mode: str
) -> float:
    """Give the seconds from origin i to destination j, infinite when there is no way."""
    if origin.edge[i] < 0 or destination.edge[j] < 0:
        return math.inf
    graph: dict[object, list[tuple[object, float]]] = {}
    arcs = network.modes[mode].arcs
    for x in range(network.n_nodes):
        for a in range(arcs.offsets[x], arcs.offsets[x + 1]):
            graph.setdefault(x, []).append((int(arcs.heads[a]), arcs.ms[a] / 1000))
    places = {
        "origin": (origin.edge[i], origin.along[i]),
        "end": (destination.edge[j], destination.along[j]),
    }
    for edge in {int(e) for e, _ in places.values()}:
        _split(graph, network, mode, edge, places)
    walked = (origin.access_m[i] + destination.access_m[j]) / WALK_M_PER_S
    return walked + _dijkstra(graph, "origin", "end")


def _split(graph, network, mode, edge, places):
    there = network.modes[mode].edge_ms[edge] / 1000
    back = network.modes[mode].edge_back_ms[edge] / 1000
    stops = [(0.0, int(network.tail[edge])), (1.0, int(network.head[edge]))]
    stops += [(along, name) for name, (e, along) in places.items() if e == edge]
    stops.sort(key=lambda stop: stop[0])
    for (a, x), (b, y) in zip(stops, stops[1:], strict=False):
        is_same = (b - a) * network.length_m[edge] <= 0.01
        if there >= 0 or is_same:
            graph.setdefault(x, []).append((y, max(there, 0) * (b - a)))
        if back >= 0 or is_same:
            graph.setdefault(y, []).append((x, max(back, 0) * (b - a)))


def _dijkstra(graph, start, end):
    seen: dict[object, float] = {}
    heap: list[tuple[float, int, object]] = [(0.0, 0, start)]
    count = 0
    while heap:
        d, _, x = heapq.heappop(heap)
        if x in seen:
            continue
        seen[x] = d
        if x == end:
            return d
        for y, w in graph.get(x, []):
            if y not in seen:
                count += 1
                heapq.heappush(heap, (d + w, count, y))
    return math.inf


def choose(rng: np.random.Generator, n: int, half_m: float) -> np.ndarray:
    """Choose n places in a square."""
    return rng.uniform(-half_m, half_m, (n, 2))
