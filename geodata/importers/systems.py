"""Understand the names of coordinate systems in files, without letting them name a file."""

from __future__ import annotations

import re

from pyproj import CRS
from pyproj.exceptions import CRSError

_NAME = re.compile(
    r"(?:(?:urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"(?:EPSG|OGC|ESRI)[:/][\w.]*[:/]*\w+)",
    re.IGNORECASE,
)
_WKT = re.compile(r"\s*[A-Z_]{6,20}\s*\[", re.IGNORECASE)
_MAX_WKT = 20_000


def system_of(text: object) -> CRS:
    """Read a name such as ``EPSG:4490`` or ``urn:ogc:def:crs:OGC:1.3:CRS84``, or a WKT.

    Other texts are refused unread: PROJ would open the file that some of them name.

    Raises
    ------
    CRSError
        When it is not known.
    """
    if not isinstance(text, str) or len(text) > _MAX_WKT:
        raise CRSError("not known")
    if _WKT.match(text):
        return CRS.from_wkt(text)
    if _NAME.fullmatch(text.strip()):
        return CRS.from_user_input(text.strip())
    raise CRSError(text[:100])


def frame_name(crs: CRS | None) -> str | None:
    """Give our name of a coordinate system, or ``epsg:N``; None when it is undefined.

    Raises
    ------
    CRSError
        When it is defined, but none that EPSG knows.
    """
    if crs is None or crs.name.lower().startswith(("undefined", "unknown")):
        return None
    number = crs.to_epsg()
    if number == 4490:
        return "cgcs2000"
    if number == 4326 or crs == CRS("OGC:CRS84"):
        return "wgs84"
    if number is not None:
        return f"epsg:{number}"
    raise CRSError(crs.name)
