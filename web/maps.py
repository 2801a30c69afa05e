"""What the map in the browser needs to know."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from web.places import Place
from web.served import Snapshot
from web.settings import Settings

_EDGE_SHARE = 0.05
"""Share of stations on each side that may lie outside the first view."""

_CHINA_DEG = (73.0, 18.0, 135.0, 54.0)


def map_config(snapshot: Snapshot, place: Place | None = None) -> dict[str, Any]:
    """Give what the map in the browser needs to know."""
    settings: Settings = current_app.config["YIZHAN_SETTINGS"]
    own = snapshot.city.settings
    west, south, east, north = _bounds(snapshot)
    return {
        "tiles": settings.tiles,
        "tiandituKey": settings.tianditu_key if settings.tiles == "tianditu" else "",
        "basemap": url_for("service.basemap") if snapshot.city.basemap_path.is_file() else "",
        "bounds": [[south, west], [north, east]],
        "attribution": own.attribution,
        "approval": settings.map_approval_number or own.map_approval_number,
        "place": {"lon_deg": place.lon_deg, "lat_deg": place.lat_deg, "name": place.name}
        if place
        else None,
    }


def _bounds(snapshot: Snapshot) -> tuple[float, float, float, float]:
    """Give west, south, east, north of where most stations are, or of the streets without any."""
    frame = snapshot.catalogue.frame
    if frame.empty and snapshot.city.streets is not None:
        frame = snapshot.city.streets
    if frame.empty:
        return _CHINA_DEG
    boxes = frame.geometry.bounds
    west, south = boxes[["minx", "miny"]].quantile(_EDGE_SHARE)
    east, north = boxes[["maxx", "maxy"]].quantile(1 - _EDGE_SHARE)
    return (float(west), float(south), float(east), float(north))
