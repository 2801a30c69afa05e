"""The small modules of the phone: frames, links, moments, places, words."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pyproj import Geod
from support import node

from geodata.frames import from_wgs84, to_wgs84
from web.phone_words import words_of
from web.words import when

GEOD = Geod(ellps="WGS84")


def _apart_m(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> float:
    return float(np.max(np.abs(GEOD.inv(*one, *other)[2])))


@pytest.mark.parametrize(("frame", "name"), [("gcj02", "toGcj02"), ("bd09", "toBd09")])
def test_frames_are_those_of_the_server(tmp_path: Path, frame: str, name: str) -> None:
    """A thousand places in and around China, on both sides of the formula's box: within 0.1 m."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(70, 140, 1000), rng.uniform(-2, 58, 1000)
    lon[:4], lat[:4] = [72.004, 137.8347, 72.0039, 137.8348], [0.8293, 55.8271, 30, 30]
    script = f"""
    import {{ {name} }} from "./finder/frames.js";
    const moved = given.map(([lon_deg, lat_deg]) => {name}({{ lon_deg, lat_deg }}));
    answer(moved.map(({{ lon_deg, lat_deg }}) => [lon_deg, lat_deg]));
    """
    got = np.array(node.run(tmp_path, script, np.column_stack([lon, lat]).tolist()))
    expected = from_wgs84(lon_deg=lon, lat_deg=lat, frame=frame)
    assert _apart_m((got[:, 0], got[:, 1]), expected) <= 0.1


LINKS = """
import { goingThere } from "./finder/links.js";
answer(given.map(([place, mode]) => goingThere(place, { mode })));
"""


def test_links_to_map_apps_are_these(tmp_path: Path) -> None:
    """Golden: Amap and Tencent in GCJ-02, Baidu in BD-09, the system's map in WGS 84."""
    place = {"name": "二七广场，驿站(东)", "lon_deg": 113.6597, "lat_deg": 34.7536}
    [links, riding] = node.run(tmp_path, LINKS, [[place, "walk"], [place, "ebike"]])
    named = "%E4%BA%8C%E4%B8%83%E5%B9%BF%E5%9C%BA%20%E9%A9%BF%E7%AB%99(%E4%B8%9C)"
    assert {link["app"]: link["href"] for link in links} == {
        "amap": f"https://uri.amap.com/navigation?to=113.665794,34.752477,{named}"
        "&mode=walk&coordinate=gaode&callnative=1&src=yizhan",
        "baidu": f"https://api.map.baidu.com/marker?location=34.758548,113.672260&title={named}"
        f"&content={named}&coord_type=bd09ll&output=html&src=webapp.yizhan",
        "tencent": f"https://apis.map.qq.com/uri/v1/routeplan?type=walk&to={named}"
        "&tocoord=34.752477,113.665794&referer=yizhan",
        "system": "geo:34.753600,113.659700?q=34.753600,113.659700("
        + named.replace("(", "%28").replace(")", "%29")
        + ")",
    }
    assert "mode=ride" in riding[0]["href"]
    assert "type=bike" in riding[2]["href"]


def test_links_read_back_lead_to_the_place(tmp_path: Path) -> None:
    """Read as each app reads them, 300 links of each kind are within a metre of the place."""
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(75, 134, 300), rng.uniform(19, 53, 300)
    asked = [
        [{"name": "a|b,c", "lon_deg": x, "lat_deg": y}, "walk"]
        for x, y in zip(lon, lat, strict=True)
    ]
    found = node.run(tmp_path, LINKS, asked)
    read = {app: np.array([_place_of(links[k]["href"]) for links in found]) for k, app in enumerate(
        ("amap", "baidu", "tencent", "system"))}  # fmt: skip
    frames = {"amap": "gcj02", "baidu": "bd09", "tencent": "gcj02", "system": "wgs84"}
    for app, frame in frames.items():
        back = to_wgs84(lon_deg=read[app][:, 0], lat_deg=read[app][:, 1], frame=frame)
        assert _apart_m(back, (lon, lat)) <= 1.0, app


def _place_of(href: str) -> tuple[float, float]:
    parts = urlsplit(href)
    query = parse_qs(parts.query)
    if parts.scheme == "geo":
        lat, lon = parts.path.split(",")
        assert unquote(parts.query).startswith(f"q={parts.path}(")
    elif "to" in query and "tocoord" not in query:
        lon, lat, _ = query["to"][0].split(",")
    else:
        lat, lon = query.get("location", query.get("tocoord", [""]))[0].split(",")
    return float(lon), float(lat)


@pytest.mark.parametrize("phone", ["America/New_York", "Asia/Kathmandu"])
def test_minutes_are_of_the_city_wherever_the_phone_is(tmp_path: Path, phone: str) -> None:
    """Any time zone of the phone, a change of clocks in the city, moments with and without zone."""
    first = datetime(2026, 3, 27, 15, tzinfo=ZoneInfo("UTC"))
    moments = [first + timedelta(minutes=97 * k + 0.25) for k in range(60)]
    script = """
    import { minuteNow, minuteOf } from "./finder/moments.js";
    answer(given.map(({ time_zone, rows }) => {
      const manifest = { start: "2026-03-28", time_zone };
      return rows.map(([epoch_ms, naive, zoned]) => [
        minuteNow(manifest, epoch_ms), minuteOf(manifest, naive), minuteOf(manifest, zoned),
      ]);
    }));
    """
    given, expected = [], []
    for zone in ("Asia/Shanghai", "Europe/Berlin"):
        local = [m.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for m in moments]
        zoned = [m.astimezone(ZoneInfo(zone)).isoformat() for m in moments]
        rows = [
            [m.timestamp() * 1000, naive.isoformat(), iso]
            for m, naive, iso in zip(moments, local, zoned, strict=True)
        ]
        given.append({"time_zone": zone, "rows": rows})
        expected.append([(m - datetime(2026, 3, 28)) / timedelta(minutes=1) for m in local])
    found = node.run(tmp_path, script, given, time_zone=phone)
    for rows, minutes in zip(found, expected, strict=True):
        for got in zip(*rows, strict=True):
            assert got == pytest.approx(minutes, abs=1e-6)


def test_moments_are_said_as_on_the_server(tmp_path: Path) -> None:
    """Today, tomorrow, a weekday, a date; midnight is the end of a day; in both languages."""
    start = datetime(2026, 9, 14)
    pairs = [
        (seen, minute)
        for seen in (0, 725, 1439, 5 * 1440 + 600)
        for minute in range(0, 24 * 1440, 487)
    ] + [(600, 1440), (600, 2880), (1440, 1440)]
    script = """
    import { whenText } from "./finder/moments.js";
    import { useWords } from "./finder/words.js";
    answer(given.words.map((words) => {
      useWords(words);
      return given.pairs.map(([seen, minute]) => whenText(minute, seen, "2026-09-14"));
    }));
    """
    words = [json.loads(words_of(language)) for language in ("zh", "en")]
    found = node.run(tmp_path, script, {"words": words, "pairs": pairs})
    for language, texts in zip(("zh", "en"), found, strict=True):
        assert texts == [
            when(
                start + timedelta(minutes=minute),
                seen_from=start + timedelta(minutes=seen),
                language=language,
            )
            for seen, minute in pairs
        ]


PLACES = [
    ["二七广场", "er qi guang chang", "eqgc"],
    ["二里岗", "er li gang", "elg"],
    ["郑州站", "zheng zhou zhan", "zzz"],
    ["郑州东站", "zheng zhou dong zhan", "zzdz"],
    ["北二七路", "bei er qi lu", "belq"],
    ["大学城 Campus", "da xue cheng campus", "dxcc"],
    ["长安路", "chang an lu", "cal"],
]


FOUND = {
    "二七广场": ["二七广场"],
    "二": ["二七广场", "二里岗", "北二七路"],
    "二七": ["二七广场", "北二七路"],
    "eqgc": ["二七广场"],
    "erqigc": ["二七广场"],
    "erq": ["二七广场", "北二七路"],
    "er": ["二七广场", "二里岗", "北二七路"],
    "zz": ["郑州站", "郑州东站"],
    "zzdz": ["郑州东站"],
    "zhengzhou dong": ["郑州东站"],
    "zhengzhoudongzhan": ["郑州东站"],
    "ZhengZhou": ["郑州站", "郑州东站"],
    "ＺＺＺ": ["郑州站"],
    "chang'an": ["长安路"],
    "郑州 东": ["郑州东站"],
    "campus": ["大学城 Campus"],
    "  ": [],
    "火星": [],
    "constructor": [],
}


def test_a_place_is_found_by_name_pinyin_and_initials(tmp_path: Path) -> None:
    """What begins with the text first, what holds it last; else the order of the list."""
    rows = [[*names, "hotspot", 113.6, 34.7, f"p:{k}"] for k, names in enumerate(PLACES)]
    script = """
    import { findPlaces } from "./finder/places.js";
    answer(given.texts.map((text) => findPlaces(given.rows, text).map(([name]) => name)));
    """
    found = node.run(tmp_path, script, {"rows": rows, "texts": list(FOUND)})
    assert dict(zip(FOUND, found, strict=True)) == FOUND


def test_typing_costs_little_however_many_places_there_are(tmp_path: Path) -> None:
    """A name of many equal syllables is no trap: letters are tried in few ways."""
    rows = [
        ["啊" * 40, " ".join(["aa"] * 40), "a" * 40, "hotspot", 0, 0, str(k)] for k in range(50)
    ]
    script = """
    import { findPlaces } from "./finder/places.js";
    answer(findPlaces(given, "a".repeat(60) + "b").length);
    """
    assert node.run(tmp_path, script, rows) == 0


def test_sentences_are_filled_and_missing_ones_stay_english(tmp_path: Path) -> None:
    """Values go in as they are, also those that look like placeholders or names of the language."""
    script = """
    import { entryWords, loadWords, say, serviceName, useWords } from "./finder/words.js";
    const before = [say("Open"), serviceName("toilet")];
    const failed = await loadWords("x", { fetch: async () => { throw new Error("offline"); } });
    useWords(given);
    answer([before, failed, say("Open"), say("{a} and {b}", { a: "{b}", b: "$&" }), say("{toString}", {}),
            say("constructor"), serviceName("toilet"), serviceName("toString"), entryWords("walk_in")]);
    """
    given = json.loads(words_of("zh"))
    found = node.run(tmp_path, script, given)
    assert found == [
        ["Open", "toilet"], False, given["sentences"].get("Open", "Open"), "{b} and $&",
        "{toString}", "constructor", "卫生间", "toString", "直接进",
    ]  # fmt: skip


def test_no_pure_module_knows_the_time_the_network_or_the_page() -> None:
    """Searching, words, frames and the rest can be asked in Node, with everything as arguments."""
    pure = (
        "search", "table", "schedule", "hits", "state", "moments", "places", "frames", "links",
    )  # fmt: skip
    for name in pure:
        source = (node.FINDER / f"{name}.js").read_text("utf-8")
        code = re.sub(r"//.*", "", source)
        assert not re.search(
            r"\b(document|window|navigator|localStorage|fetch|Date\.now|performance|Math\.random)\b",
            code,
        ), name
        assert "new Date()" not in code
