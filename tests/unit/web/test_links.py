"""Links to map apps: each leads to the station in its app's own frame."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest

from geodata.frames import to_wgs84
from web.links import APPS, going_there

ROOT = Path(__file__).resolve().parents[3]
NAMES = (
    "中原路工会驿站",
    "东, 西；站|1",
    "a&to=0,0#x?y",
    "(二)号\"'<b>",
    "100% 好",
    "javascript:alert(1)",
)
_EARTH_M = 6371008.8


def _apart_m(lon: float, lat: float, lon_deg: float, lat_deg: float) -> float:
    east = math.radians(lon - lon_deg) * math.cos(math.radians(lat_deg))
    return _EARTH_M * math.hypot(east, math.radians(lat - lat_deg))


def _places(lon_deg: float, lat_deg: float, name: str = "站") -> dict[str, tuple[float, float]]:
    """Give longitude and latitude in each link, taken out by hand."""
    links = {link.app: link.href for link in going_there(name, lon_deg=lon_deg, lat_deg=lat_deg)}
    assert tuple(links) == APPS
    amap = parse_qs(urlsplit(links["amap"]).query)["to"][0].split(",")
    baidu = parse_qs(urlsplit(links["baidu"]).query)["location"][0].split(",")
    tencent = parse_qs(urlsplit(links["tencent"]).query)["tocoord"][0].split(",")
    system = re.match(r"geo:([-\d.]+),([-\d.]+)\?", links["system"])
    assert system is not None
    return {
        "amap": (float(amap[0]), float(amap[1])),
        "baidu": (float(baidu[1]), float(baidu[0])),
        "tencent": (float(tencent[1]), float(tencent[0])),
        "system": (float(system[2]), float(system[1])),
    }


def test_each_link_is_within_a_metre_in_its_own_frame() -> None:
    """Taken back to WGS 84 by the inverse, which is exact to 1 mm, 500 places in China."""
    rng = np.random.default_rng(0)
    frames = {"amap": "gcj02", "baidu": "bd09", "tencent": "gcj02", "system": "wgs84"}
    for lon_deg, lat_deg in zip(rng.uniform(80, 130, 500), rng.uniform(20, 50, 500), strict=True):
        for app, (lon, lat) in _places(lon_deg, lat_deg).items():
            back_lon, back_lat = to_wgs84(lon_deg=lon, lat_deg=lat, frame=frames[app])
            assert _apart_m(float(back_lon), float(back_lat), lon_deg, lat_deg) <= 1.0


def test_golden_addresses_at_zhengzhou() -> None:
    """Written down once; GCJ-02 lies 557 m east and 125 m south, as the reference computed."""
    found = going_there("工会驿站", lon_deg=113.66, lat_deg=34.755)
    amap, baidu, tencent, system = (link.href for link in found)
    name = "%E5%B7%A5%E4%BC%9A%E9%A9%BF%E7%AB%99"
    assert amap == (
        f"https://uri.amap.com/navigation?to=113.666095,34.753879,{name}"
        "&mode=walk&coordinate=gaode&callnative=1&src=yizhan"
    )
    assert baidu == (
        f"https://api.map.baidu.com/marker?location=34.759945,113.672561&title={name}"
        f"&content={name}&coord_type=bd09ll&output=html&src=webapp.yizhan"
    )
    assert tencent == (
        f"https://apis.map.qq.com/uri/v1/routeplan?type=walk&to={name}"
        "&tocoord=34.753879,113.666095&referer=yizhan"
    )
    assert system == f"geo:34.755000,113.660000?q=34.755000,113.660000({name})"
    lon, lat = _places(113.66, 34.755)["amap"]
    east_m = math.radians(lon - 113.66) * math.cos(math.radians(34.755)) * _EARTH_M
    north_m = math.radians(lat - 34.755) * _EARTH_M
    assert (round(east_m), round(north_m)) == (557, -125)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_a_name(name: str) -> None:
    """Whatever it holds, it adds no parameter and moves no place; no app is asked for a start."""
    assert _places(113.66, 34.755, name) == _places(113.66, 34.755)
    for link in going_there(name, lon_deg=113.66, lat_deg=34.755):
        query = parse_qs(urlsplit(link.href).query, keep_blank_values=True)
        assert not {"from", "origin", "fromcoord", "saddr"} & set(query)
        assert urlsplit(link.href).fragment == ""
        assert unquote(link.href).count("113.6") <= 2


def test_the_phone_gives_the_same_links() -> None:
    """A second way: the script of the page, in Node, over names and places."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    places = [(113.66, 34.755), (87.6, 43.8), (121.5, 31.2), (139.0, 35.0)]
    asked = [
        (name, lon, lat, m) for name in NAMES for lon, lat in places for m in ("walk", "ebike")
    ]
    code = (
        f'import {{ goingThere }} from "{(ROOT / "web/static/finder/links.js").as_uri()}";'
        f"const asked = {json.dumps(asked)};"
        "console.log(JSON.stringify(asked.map(([name, lon_deg, lat_deg, mode]) => "
        "goingThere({ name, lon_deg, lat_deg }, { mode }).map((l) => [l.app, l.href]))))"
    )
    done = subprocess.run(
        ["node", "--no-warnings", "--input-type=module", "-e", code],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    ours = [
        [[link.app, link.href] for link in going_there(n, lon_deg=lon, lat_deg=lat, mode=mode)]
        for n, lon, lat, mode in asked
    ]
    assert json.loads(done.stdout) == ours
