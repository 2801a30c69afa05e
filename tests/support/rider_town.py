"""The tiny city as a rider meets it: programmes, a door that shuts on the way, telephones."""

from __future__ import annotations

from dataclasses import replace

from support import small_app, small_city

from geodata.records import Offer, Station
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find

HERE = small_city.position(6.05, 6.1)
"""Where the rider stands: longitude, latitude."""

DEVICE = {
    "geolocation": {"longitude": HERE[0], "latitude": HERE[1]},
    "permissions": ["geolocation"],
}
"""Options of a browser that tells where it is."""


def stations() -> list[Station]:
    """Give the stations of the tiny city, and three that shut, serve breakfast or help with law."""
    usual = small_city.stations()
    first = usual[0]
    programmes = (
        Offer(key="free_breakfast", hours="Mo-Su 05:00-10:30"),
        Offer(key="legal_aid", hours="Mo 14:00-16:00"),
        Offer(key="health_check", hours="Su 09:00-11:00"),
    )
    keys = tuple(offer.key for offer in programmes)
    kitchen = replace(first, facilities=(*first.facilities, *keys), offers=programmes)
    early = _near(first, "s13", "早市驿站", (6, 9.4), hours="Mo-Su 05:00-10:05")
    swap = _near(first, "s14", "换电驿站", (7.6, 6.2), facilities=("battery_swap", "ebike_parking"))
    law = _near(
        first, "s15", "律所驿站", (4.6, 6.6), facilities=("seating", "legal_aid"), entry="ask_staff"
    )
    return [kitchen, *usual[1:], early, swap, law]


def _near(like: Station, key: str, name: str, at: tuple[float, float], **more: object) -> Station:
    lon_deg, lat_deg = small_city.position(*at)
    moved = {"id": key, "name": name, "lon_deg": lon_deg, "lat_deg": lat_deg, "offers": ()}
    return replace(like, **{**moved, "address": "", "phone": "", **more})  # type: ignore[arg-type]


def expected(**question: object) -> list[str]:
    """Give the ids that the finder of Python lists for the rider on Monday at ten."""
    catalogue = Catalogue.from_frame(
        small_city.stations_frame(stations()), network=small_app.make_network()
    )
    asked = {"limit": 50, "limit_s": 900.0, "open_only": True, **question}
    lon_deg, lat_deg = HERE
    request = NearRequest(
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        moment=small_app.MONDAY_MORNING,
        **asked,  # type: ignore[arg-type]
    )
    return [hit.station.id for hit in find(catalogue, request).hits]
