"""What machines ask: is it alive, how busy is it, and the basemap's bytes."""

from __future__ import annotations

from time import perf_counter

import orjson
from flask import Blueprint, Flask, Response, current_app, g, request, send_file
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from geodata.errors import NotFoundError
from web.maps import map_config
from web.served import served

probes = Blueprint("service", __name__)


@probes.get("/healthz")
def healthz() -> Response:
    """Say that the city can be served, and whether its database is away.

    ``stale`` is not an error: workers still find stations, by what was known at ``made_at``.
    """
    snapshot = served().snapshot()
    body = {
        "status": "stale" if snapshot.is_stale else "ok",
        "stations": len(snapshot.catalogue.stations),
        "data_version": snapshot.version,
        "made_at": snapshot.made_at.isoformat(timespec="seconds"),
    }
    return Response(
        orjson.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


@probes.get("/metrics")
def metrics() -> Response:
    """Give counts and times by route, never by query: no position gets in here."""
    registry: CollectorRegistry = current_app.extensions["yizhan_metrics"]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@probes.get("/basemap.pmtiles")
def basemap() -> Response:
    """Give the offline basemap, also in parts (HTTP Range)."""
    path = served().snapshot().city.basemap_path
    if not path.is_file():
        raise NotFoundError("this city has no offline basemap; build the city anew to make one")
    return send_file(path.resolve(), mimetype="application/vnd.pmtiles", conditional=True)


@probes.get("/favicon.ico")
def icon() -> Response:
    """Give the mark to browsers that ask for it unasked, as they do for bare map documents."""
    return current_app.send_static_file("icon.svg")


@probes.get("/map.json")
def map_json() -> Response:
    """Give what a map needs to know of the basemap."""
    return Response(orjson.dumps(map_config(served().snapshot())), mimetype="application/json")


def install_metrics(app: Flask) -> None:
    """Count the requests of one app in a registry of its own."""
    registry = CollectorRegistry()
    requests = Counter(
        "yizhan_requests", "Requests answered", ("route", "method", "status"), registry=registry
    )
    seconds = Histogram("yizhan_request_seconds", "Time to answer", ("route",), registry=registry)
    app.extensions["yizhan_metrics"] = registry

    def start() -> None:
        g.started = perf_counter()

    def count(response: Response) -> Response:
        # The rule, not the path: ids and whatever people type stay out of the metrics.
        route = request.url_rule.rule if request.url_rule else "unknown"
        requests.labels(route, request.method, str(response.status_code)).inc()
        seconds.labels(route).observe(perf_counter() - g.get("started", perf_counter()))
        return response

    app.before_request(start)
    app.after_request(count)
