"""What a station is where nobody says anything, and the id of one that states none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from geodata.importers import words
from geodata.records import STATION_COLUMNS, Station

DEFAULT_SOURCE = "import"
"""Source of stations whose file and sender name none."""

UNSAID: Mapping[str, Any] = {
    f.name: f.default for f in fields(Station) if f.name in STATION_COLUMNS
}
"""What a station is where nobody says anything."""


def made_id(name: str, *, lon_deg: float, lat_deg: float) -> str:
    """Give the id of a place that states none: the same for the same name and rounded position."""
    place = f"{lon_deg:.4f},{lat_deg:.4f}"
    return "s" + hashlib.sha256(f"{words.plain(name)}|{place}".encode()).hexdigest()[:10]
