"""Registers with stations recorded twice, and the truth about which they are.

Made from how offices and map providers name one place, without a look at how names are compared:
what a place is (host, road, number, position) is drawn first, then it is written down once or
twice, each time by another hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from geodata.frames import LocalMetres, from_wgs84
from geodata.records import STATION_COLUMNS, Station

PLANE = LocalMetres(lon_deg=113.66, lat_deg=34.75)
SIGNS = "建设文化花园农业丰庆南阳嵩山桐柏伊河陇海航海长江淮河大学黄河红旗纬五经三优胜政通东明玉凤商鼎福寿熊儿顺河永平和惠康宁安泰祥瑞锦绣"
ROADS = ("路", "街", "大街", "大道", "路", "路")
TURNS = ("东", "西", "南", "北")
BANKS = {
    "中国工商银行": "工行", "中国建设银行": "建行", "中国农业银行": "农行", "中国银行": "中行",
    "郑州银行": "郑州银行", "中原银行": "中原银行", "交通银行": "交行", "洛阳农商银行": "洛阳农商行",
    "焦作中旅银行": "中旅银行",
}  # fmt: skip
CHAINS = (
    "张仲景大药房",
    "百姓大药房",
    "大润发",
    "德克士",
    "丹尼斯",
    "京东便利店",
    "美团骑手之家",
    "中国移动",
    "中国邮政",
)
COMMUNITY = ("社区党群服务中心", "社区便民服务中心", "社区居委会", "社区")
STREET = ("街道办事处", "街道便民服务大厅", "办事处", "街道党群服务中心")
HOMOPHONES = (
    "建健",
    "花华",
    "园苑",
    "农浓",
    "丰峰",
    "庆清",
    "阳扬",
    "山珊",
    "河合",
    "海还",
    "江姜",
    "大达",
    "学雪",
    "文闻",
    "政正",
    "通同",
    "明名",
    "玉育",
    "福富",
    "平萍",
    "康糠",
    "安岸",
    "祥翔",
    "瑞睿",
    "红洪",
    "设社",
    "胜圣",
    "和何",
    "惠会",
    "宁凝",
    "泰太",
    "锦金",
    "绣秀",
    "东冬",
    "商伤",
    "顺瞬",
    "永勇",
)
LOOKALIKES = (
    "农衣",
    "大太",
    "平干",
    "玉王",
    "明朋",
    "园圆",
    "文交",
    "未末",
    "己已",
    "工土",
    "阳阴",
    "河何",
    "海悔",
    "江红",
)
FRAMES_OF_NAMES = (
    "工会驿站({})", "{}工会驿站", "{}户外劳动者爱心驿站", "郑州市{}工会驿站", "郑州市{}区{{}}爱心驿站", "{}暖新驿站",
    "{}工会户外劳动者驿站", "工会爱心驿站·{}", "{}户外劳动者服务站点", "户外劳动者驿站（{}）",
)  # fmt: skip
DISTRICTS = ("金水", "中原", "二七", "管城回族", "惠济")


@dataclass(frozen=True)
class Place:
    """What a station really is."""

    sort: str
    brand: str
    road: str
    house: int
    own: str
    number: str
    district: str
    phone: str
    xy_m: tuple[float, float]


@dataclass(frozen=True)
class Labelled:
    """A register and the truth: for each row its place, and what was done to a second writing."""

    frame: gpd.GeoDataFrame
    place: np.ndarray
    done: np.ndarray


def make(n: int, *, seed: int = 0, share: float = 0.3, radius_m: float = 6000.0) -> Labelled:
    """Make a register of n places, a share of which is written down twice."""
    rng = np.random.default_rng(seed)
    places: list[Place] = []
    while len(places) < n:
        first = _place(rng, radius_m)
        places.append(first)
        if rng.random() < 0.35:
            places.append(_neighbour(first, rng))
    places = places[:n]
    rows, xy, of, done = [], [], [], []
    for k, place in enumerate(places):
        rows.append(_written(place, rng))
        xy.append(np.add(place.xy_m, rng.normal(0, 4, 2)))
        of.append(k)
        done.append("")
        if rng.random() < share:
            row, at, what = _again(place, rng)
            rows.append(row)
            xy.append(at)
            of.append(k)
            done.append(what)
    lon, lat = PLANE.to_lon_lat_deg(np.array(xy))
    for frame in ("gcj02", "bd09"):
        wrong = np.array([what == f"shift_{frame}" for what in done])
        lon[wrong], lat[wrong] = from_wgs84(lon_deg=lon[wrong], lat_deg=lat[wrong], frame=frame)
    plain = Station(id="x", name="x", lon_deg=0, lat_deg=0)
    base = {field: getattr(plain, field) for field in STATION_COLUMNS}
    table = [{**base, **row, "id": f"r{i}"} for i, row in enumerate(rows)]
    geometry = list(shapely.points(lon, lat))
    return Labelled(
        gpd.GeoDataFrame(table, geometry=geometry, crs="EPSG:4326"), np.array(of), np.array(done)
    )


def _word(rng: np.random.Generator, n: int = 2) -> str:
    return "".join(rng.choice(list(SIGNS), n, replace=False))


def _road(rng: np.random.Generator) -> str:
    turn = str(rng.choice(TURNS)) if rng.random() < 0.3 else ""
    return f"{_word(rng)}{turn}{rng.choice(ROADS)}"


def _place(rng: np.random.Generator, radius_m: float) -> Place:
    sort = str(
        rng.choice(
            ["bank", "chain", "community", "street", "own", "park"],
            p=[0.3, 0.15, 0.3, 0.1, 0.1, 0.05],
        )
    )
    return Place(
        sort=sort,
        brand=_brand(sort, rng),
        road=_road(rng),
        house=int(rng.integers(1, 300)),
        own=_word(rng, int(rng.integers(2, 4))),
        number="",
        district=str(rng.choice(DISTRICTS)),
        phone=f"0371-{rng.integers(55_000_000, 88_000_000)}",
        xy_m=tuple(rng.uniform(-radius_m, radius_m, 2)),
    )


def _brand(sort: str, rng: np.random.Generator) -> str:
    return (
        str(rng.choice(list(BANKS) if sort == "bank" else CHAINS))
        if sort in ("bank", "chain")
        else ""
    )


def _neighbour(place: Place, rng: np.random.Generator) -> Place:
    """Give another station in the same house, or one a few doors on with nearly the same name."""
    phone = f"0371-{rng.integers(55_000_000, 88_000_000)}"
    kind = rng.random()
    if kind < 0.5:  # another host in the same house
        other = _place(rng, 1.0)
        while other.sort == place.sort and other.brand == place.brand:
            other = _place(rng, 1.0)
        at = tuple(np.add(place.xy_m, rng.normal(0, 8, 2)))
        return replace(other, road=place.road, house=place.house, district=place.district, xy_m=at)
    at = tuple(np.add(place.xy_m, rng.uniform(-120, 120, 2)))
    if kind < 0.7:  # second station of the same host
        return replace(place, number="2", phone=phone, xy_m=at, house=place.house + 2)
    if kind < 0.85 and place.brand:  # next branch of the chain, in another road
        return replace(
            place, road=_road(rng), phone=phone, house=int(rng.integers(1, 300)), xy_m=at
        )
    turned = "东" if "西" in place.own else "西"
    own = place.own.replace("西" if turned == "东" else "东", turned)
    own = own if own != place.own else place.own + turned
    return replace(place, own=own, road=_road(rng), phone=phone, xy_m=at)


def _host(place: Place, rng: np.random.Generator, *, short: bool = False) -> str:
    number = (
        f"{'一二三四'[int(place.number) - 1]}号"
        if place.number and rng.random() < 0.5
        else (f"{place.number}号" if place.number else "")
    )
    if place.sort == "bank":
        brand = BANKS[place.brand] if short else place.brand
        return f"{brand}{place.road}支行{number}"
    if place.sort == "chain":
        return f"{place.brand}{place.road}店{number}"
    if place.sort == "community":
        return f"{place.own}{rng.choice(COMMUNITY)}{number}"
    if place.sort == "street":
        return f"{place.own}路{rng.choice(STREET)}{number}"
    if place.sort == "park":
        return f"{place.own}公园{number}"
    return f"{place.own}{rng.choice(['广场', '文化广场'])}{number}"


def _written(place: Place, rng: np.random.Generator, *, host: str = "") -> dict[str, str]:
    """Write a place down once."""
    host = host or _host(place, rng)
    pattern = str(rng.choice(FRAMES_OF_NAMES))
    name = (
        pattern.format(place.district).format(host) if "区{{}}" in pattern else pattern.format(host)
    )
    number = f"{place.house}号" if rng.random() < 0.6 else ""
    front = str(rng.choice(["郑州市{}区", "河南省郑州市{}区", "{}区", ""])).format(place.district)
    return {
        "name": name,
        "address": f"{front}{place.road}{number}" if rng.random() < 0.9 else "",
        "phone": place.phone if rng.random() < 0.5 else "",
        "host": host if rng.random() < 0.3 else "",
    }


def _again(place: Place, rng: np.random.Generator) -> tuple[dict[str, str], np.ndarray, str]:
    """Write a place down a second time, by another hand."""
    what = str(
        rng.choice(
            [
                "other_words",
                "abbreviated",
                "homophone",
                "lookalike",
                "dropped_sign",
                "renamed",
                "shift_gcj02",
                "shift_bd09",
                "far",
            ],
            p=[0.25, 0.12, 0.12, 0.08, 0.08, 0.08, 0.1, 0.07, 0.1],
        )
    )
    host = _host(place, rng, short=what == "abbreviated")
    if what in ("homophone", "lookalike"):
        host = _swapped(host, HOMOPHONES if what == "homophone" else LOOKALIKES, rng)
    elif what == "dropped_sign":
        at = int(rng.integers(len(host)))
        host = host[:at] + host[at + 1 :]
    row = _written(place, rng, host=host)
    if what == "renamed":
        other = replace(
            _place(rng, 1.0), road=place.road, house=place.house, district=place.district
        )
        row = _written(replace(other, phone=place.phone), rng)
    spread = {"far": 55.0, "shift_gcj02": 10.0, "shift_bd09": 10.0}.get(what, 15.0)
    return row, np.add(place.xy_m, rng.normal(0, spread, 2)), what


def _swapped(text: str, pairs: tuple[str, ...], rng: np.random.Generator) -> str:
    """Put one sign for another that sounds or looks like it, where the text has one."""
    swaps = {a: b for pair in pairs for a, b in ((pair[0], pair[1]), (pair[1], pair[0]))}
    at = [i for i, sign in enumerate(text) if sign in swaps]
    if not at:
        return text
    i = int(rng.choice(at))
    return text[:i] + swaps[text[i]] + text[i + 1 :]
