"""Hostile text for every field that a stranger can fill."""

from __future__ import annotations

from dataclasses import replace

from support import small_city

from geodata.records import Station

PAYLOADS = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE stations; --",
    "</script><svg onload=window.pwned=1>",
    "`${window.pwned=1}`",
    "javascript:window.pwned=1",
    "%(name)s {name} %s",
)
TEXT_FIELDS = ("name", "hours_text", "host", "address", "district", "phone", "source")


def stations(like: Station) -> list[Station]:
    """Give one station for each payload, with the payload in every text field."""
    return [
        replace(
            like,
            id=f"x{k}",
            lon_deg=like.lon_deg + k * 1e-4,
            **{field: f"{field} {payload}" for field in TEXT_FIELDS},
        )
        for k, payload in enumerate(PAYLOADS)
    ]


def city_stations() -> list[Station]:
    """Give the stations of the tiny city, and hostile ones in its south-east corner."""
    lon_deg, lat_deg = small_city.position(11.5, 0.5)
    usual = small_city.stations()
    model = replace(usual[0], id="x", lon_deg=lon_deg, lat_deg=lat_deg)
    return [*usual, *stations(model), with_hostile_id(model)]


def with_hostile_id(like: Station) -> Station:
    """Give a station whose id itself is hostile."""
    return replace(like, id='"><img src=x onerror="window.pwned=1">/../x?a=1#b')
