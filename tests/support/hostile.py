"""Hostile text for every field that a stranger can fill."""

from __future__ import annotations

from dataclasses import fields, replace

import geopandas as gpd
import pandas as pd
import shapely
from support import small_city

from geodata.records import Closure, Offer, Station

PAYLOADS = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE stations; --",
    "</script><svg onload=window.pwned=1>",
    "`${window.pwned=1}`",
    "javascript:window.pwned=1",
    "%(name)s {name} %s",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "<body onload=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    '<a href="javascript:window.pwned=1">x</a>',
    "' onmouseover='window.pwned=1",
    '" autofocus onfocus="window.pwned=1',
    "--><script>window.pwned=1</script><!--",
    "]]><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "</template><img src=x onerror=window.pwned=1>",
    "</option></select><img src=x onerror=window.pwned=1>",
    "<style>*{display:none!important}</style>",
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "<link rel=stylesheet href=//evil.example/x.css>",
    '<form action="https://evil.example/"><button>x</button></form>',
    '<object data="data:text/html,<script>parent.pwned=1</script>"></object>',
    "<math><mtext><mglyph><style><img src=x onerror=window.pwned=1>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=1&#62;",
    r"\u003cimg src=x onerror=window.pwned=1\u003e",
    r"\";window.pwned=1;//",
    r"\');window.pwned=1;//",
    "#{7*7}{%print(7*7)%}",
    "{{constructor.constructor('window.pwned=1')()}}",
    '=HYPERLINK("https://evil.example/","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202egnp.exe\u202c",
    "👩\u200d🚒\u200bZ\u0335\u0321a\u0344\u200b驿",
    "%0d%0aSet-Cookie:pwned=1",
    "../../../../etc/passwd",
    "//evil.example/%2e%2e/?a=1#b",
    "驿" * 300,
    "w" * 300,
)
"""Each must be shown as it is, whatever field it is in, and do nothing."""

TEXT_FIELDS = ("name", "hours_text", "host", "address", "district", "phone", "source")

_ROW = 24


def stations(like: Station) -> list[Station]:
    """Give one station for each payload, with the payload in every text field."""
    return [
        replace(
            like,
            id=f"x{k}",
            lon_deg=like.lon_deg + k % _ROW * 1e-4,
            lat_deg=like.lat_deg - k // _ROW * 1e-4,
            **{field: f"{field} {payload}" for field in TEXT_FIELDS},
        )
        for k, payload in enumerate(PAYLOADS)
    ]


def told(like: Station) -> list[Station]:
    """Give the same stations, with their payload also in reasons, closures and offers."""
    return [
        replace(
            one,
            status_reason=f"reason {payload}",
            closures=(
                Closure(first_day="2026-09-01", last_day="2026-09-02", reason=f"past {payload}"),
                Closure(first_day="2026-09-23", last_day="2026-09-24", reason=f"closed {payload}"),
            ),
            offers=(
                Offer(key="drinking_water", state="broken", note=f"broken {payload}"),
                Offer(key="haircut", hours="Mo-Fr 09:00-11:00", note=f"offer {payload}"),
            ),
            facilities=tuple(sorted({*one.facilities, "drinking_water", "haircut"})),
            status="suspended" if k % 5 == 4 else "open",
        )
        for k, (one, payload) in enumerate(zip(stations(like), PAYLOADS, strict=True))
    ]


def hotspots() -> gpd.GeoDataFrame:
    """Give the hotspots of the tiny city, and one with each payload for its name."""
    usual = small_city.hotspots()
    model = usual.iloc[[0]]
    more = [
        model.assign(id=f"hx{k}", name=f"hotspot {payload}", source=f"source {payload}")
        for k, payload in enumerate(PAYLOADS)
    ]
    return gpd.GeoDataFrame(pd.concat([usual, *more], ignore_index=True), crs=usual.crs)


def areas() -> gpd.GeoDataFrame:
    """Give the districts of the tiny city, and beside it a strip with each payload for its name."""
    usual = small_city.areas()
    _, south = small_city.position(0, 0)
    east, north = small_city.position(small_city.SIDE, small_city.SIDE)
    strips = gpd.GeoDataFrame(
        {
            "id": [f"ax{k}" for k in range(len(PAYLOADS))],
            "name": [f"area {payload}" for payload in PAYLOADS],
            "is_synthetic": True,
        },
        geometry=[
            shapely.box(east + k * 1e-3, south, east + (k + 1) * 1e-3, north)
            for k in range(len(PAYLOADS))
        ],
        crs=usual.crs,
    )
    return gpd.GeoDataFrame(pd.concat([usual, strips], ignore_index=True), crs=usual.crs)


def streets() -> gpd.GeoDataFrame:
    """Give the streets of the tiny city under hostile names."""
    usual = small_city.streets()
    names = [f"street {PAYLOADS[k % len(PAYLOADS)]}" for k in range(len(usual))]
    return usual.assign(name=names)


def city_stations() -> list[Station]:
    """Give the stations of the tiny city, and hostile ones in its south-east corner."""
    usual = small_city.stations()
    model = corner(usual[0])
    return [*usual, *stations(model), with_hostile_id(model)]


def corner(like: Station) -> Station:
    """Put a station into the south-east corner of the tiny city."""
    lon_deg, lat_deg = small_city.position(11.0, 0.5)
    return replace(like, id="x", lon_deg=lon_deg, lat_deg=lat_deg)


def with_hostile_id(like: Station) -> Station:
    """Give a station whose id itself is hostile."""
    return replace(like, id='"><img src=x onerror="window.pwned=1">/../x?a=1#b')


def text_fields() -> set[str]:
    """Give the fields of a station that hold free text; the others are words of ours, or numbers."""
    ours = {
        "id", "code", "hours", "staff_hours", "entry", "kind", "status", "status_since",
        "district_code", "source_frame", "verified_on",
    }  # fmt: skip
    return {f.name for f in fields(Station) if f.type == "str"} - ours
