"""Links to map apps that lead to a station, each in its app's own frame; no script is needed.

Only the station is in them, never where somebody is: the app itself knows that. The same addresses
as ``static/finder/links.js``, which says where each is documented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from geodata.frames import from_wgs84

SOURCE = "yizhan"
APPS = ("amap", "baidu", "tencent", "system")
_MODES = {"walk": ("walk", "walk"), "ebike": ("ride", "bike")}
_PARTING = re.compile("[,，|;；]")
_AS_IN_SCRIPTS = "!~*'()"
"""Signs that ``encodeURIComponent`` leaves as they are, beside letters, digits and ``-_.``."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link: which app (one of `APPS`) and its address."""

    app: str
    href: str


def going_there(
    name: str, *, lon_deg: float, lat_deg: float, mode: str = "walk"
) -> tuple[Link, ...]:
    """Give the links to a place, one for each of `APPS`.

    Parameters
    ----------
    name
        What the app shows.
    lon_deg, lat_deg
        Of the place, WGS 84.
    mode
        One of `geodata.streets.MODES`.
    """
    gcj = _pair(lon_deg, lat_deg, "gcj02")
    bd = _pair(lon_deg, lat_deg, "bd09")
    # Commas and bars part the fields of these links, and a name may hold them.
    named = quote(_PARTING.sub(" ", name), safe=_AS_IN_SCRIPTS)
    amap, tencent = _MODES[mode]
    here = f"{lat_deg:.6f},{lon_deg:.6f}"
    bracketed = named.replace("(", "%28").replace(")", "%29")
    return (
        Link(
            "amap",
            f"https://uri.amap.com/navigation?to={gcj[0]},{gcj[1]},{named}"
            f"&mode={amap}&coordinate=gaode&callnative=1&src={SOURCE}",
        ),
        Link(
            "baidu",
            f"https://api.map.baidu.com/marker?location={bd[1]},{bd[0]}"
            f"&title={named}&content={named}&coord_type=bd09ll&output=html&src=webapp.{SOURCE}",
        ),
        Link(
            "tencent",
            f"https://apis.map.qq.com/uri/v1/routeplan?type={tencent}&to={named}"
            f"&tocoord={gcj[1]},{gcj[0]}&referer={SOURCE}",
        ),
        Link("system", f"geo:{here}?q={here}({bracketed})"),
    )


def _pair(lon_deg: float, lat_deg: float, frame: str) -> tuple[str, str]:
    """Give longitude and latitude in a frame, to 0.1 m."""
    lon, lat = from_wgs84(lon_deg=lon_deg, lat_deg=lat_deg, frame=frame)
    return f"{float(lon):.6f}", f"{float(lat):.6f}"
