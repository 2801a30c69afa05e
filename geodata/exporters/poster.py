"""Write posters (PDF) that hang at the doors of stations: one A4 page each, Chinese first.

A poster says what does not change from day to day: name, code, hours, how to get in, what is inside
and when the programmes are; the QR leads to the station's page, which says the rest. What is broken
or suspended is not promised on paper.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import segno
import typst

from geodata.errors import InvalidInputError, UnavailableError
from geodata.exporters.draft import finished
from geodata.exporters.headers import SAMPLE_NOTE
from geodata.hours_words import hours_in_words
from geodata.records import Offer, Station
from geodata.services import services

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
)  # fmt: skip
"""Families that can set a poster, the first one that is there is taken."""

_ENTRY = {
    "walk_in": ("直接进门", "Walk straight in"),
    "ask_staff": ("跟工作人员说一声", "Ask the staff"),
    "qr": ("扫门口的二维码开门", "Scan the code at the door"),
    "id_card": ("刷身份证开门", "ID card at the door"),
    "app": ("用手机应用开门", "Needs an app"),
    "phone": ("先打电话", "Call first"),
    "unknown": ("以现场为准", "See the door"),
}
_STATUS = {
    "planned": ("规划中，还没有开放", "Planned, not open yet"),
    "building": ("建设中，还没有开放", "Being built, not open yet"),
    "suspended": ("暂停开放", "Out of service for now"),
    "moved": ("已经搬走", "Moved away"),
    "revoked": ("已经不是工会驿站", "No longer a station"),
}
_NO_HOURS = ("以现场公示为准", "See the notice at the door")
_TOLD_ELSEWHERE = ("open_24h", "unattended_entry", "hotline_12351")


def write_posters(
    path: Path,
    stations: Sequence[Station],
    *,
    link: str,
    city: str = "",
    font_folders: Sequence[Path] = (),
) -> None:
    """Write one page for each station.

    Parameters
    ----------
    path
        File to write; replaced as a whole when it exists.
    stations
        In the order of the pages.
    link
        Address of the site, as ``https://example.org``; the QR leads to ``/s/CODE`` below it, or
        to ``/stations/ID`` for a station without a code.
    city
        Stands at the top of each page.
    font_folders
        Where fonts are looked for, beside the system's.

    Raises
    ------
    InvalidInputError
        When there is no station, or the link is no web address.
    UnavailableError
        When there is no Chinese font, or the file cannot be written.
    NotFoundError
        When the folder of `path` is missing.
    """
    if not stations:
        raise InvalidInputError("there is no station to make a poster of; name one that exists")
    if urlsplit(link).scheme not in ("http", "https") or not urlsplit(link).netloc:
        raise InvalidInputError(
            "{link!s} is no address of a site; give it like https://example.org", link=link
        )
    fonts = typst.Fonts(font_paths=[str(folder) for folder in font_folders])
    family = next((f for f in CHINESE_FONTS if f in set(fonts.families())), None)
    if family is None:
        raise UnavailableError(
            "there is no Chinese font for the posters; install one, such as {example}",
            example="fonts-noto-cjk (Noto Sans CJK SC)",
        )
    posters = [poster_of(station, link=link, city=city) for station in stations]
    inputs = {
        "posters": orjson.dumps(posters).decode(),
        "fonts": orjson.dumps([family]).decode(),
    }
    with TemporaryDirectory() as folder, finished(path) as draft:
        main = Path(folder, "poster.typ")  # alone in its folder, so that nothing else can be read
        main.write_bytes(files("geodata.exporters").joinpath(main.name).read_bytes())
        draft.write_bytes(
            typst.compile(
                main, root=Path(folder), font_paths=fonts, format="pdf", sys_inputs=inputs
            )
        )


def poster_of(station: Station, *, link: str, city: str = "") -> Mapping[str, Any]:
    """Give what stands on the poster of a station."""
    more = {offer.key: offer for offer in station.offers}
    there = [k for k in station.facilities if k not in more or more[k].state == "working"]
    known = services()
    inside = [k for k in known if k in there and known[k].kind in "BXA"]
    inside = [k for k in inside if k not in _TOLD_ELSEWHERE]
    programmes = [k for k in known if k in there and known[k].kind == "P"]
    programmes = [k for k in programmes if k not in _TOLD_ELSEWHERE]
    address = link.rstrip("/") + (
        f"/s/{station.code}" if station.code else f"/stations/{quote(station.id, safe='')}"
    )
    return {
        "name": station.name,
        "code": station.code or station.id,
        "city": city,
        "address": station.address,
        "hours": _hours(station),
        "entry": _entry(station),
        "notice": _notice(station),
        "offers": [_label(key) for key in inside],
        "programmes": [{**_label(key), "when": _when(more.get(key))} for key in programmes],
        "foot": _foot(station),
        "qr": _qr(address),
        "sample": SAMPLE_NOTE if station.is_synthetic else "",
    }


def _hours(station: Station) -> dict[str, str]:
    zh, en = hours_in_words(station.hours, "zh"), hours_in_words(station.hours, "en")
    if zh is None or en is None:
        return _both((station.hours_text or _NO_HOURS[0], _NO_HOURS[1]))
    return _both((zh, en))


def _entry(station: Station) -> dict[str, str]:
    zh, en = _ENTRY[station.entry]
    return _both((f"{zh} {station.phone}".strip() if station.entry == "phone" else zh, en))


def _when(offer: Offer | None) -> dict[str, str]:
    hours = offer.hours if offer is not None else ""
    return _both((hours_in_words(hours, "zh") or "", hours_in_words(hours, "en") or ""))


def _notice(station: Station) -> dict[str, str]:
    zh, en = _STATUS.get(station.status, ("", ""))
    return _both((f"{zh}：{station.status_reason}" if zh and station.status_reason else zh, en))


def _foot(station: Station) -> list[str]:
    rows = [f"主办 {station.host}" if station.host else ""]
    rows.append(f"本站电话 {station.phone}" if station.phone else "")
    rows.append(f"{station.verified_on} 现场核实" if station.verified_on else "")
    return [row for row in rows if row]


def _label(key: str) -> dict[str, str]:
    service = services()[key]
    return _both((service.zh, service.en))


def _both(texts: tuple[str, str]) -> dict[str, str]:
    return {"zh": texts[0], "en": texts[1]}


def _qr(address: str) -> str:
    """Draw a QR as SVG, with its quiet zone; it can be read with a quarter of it dirty."""
    drawn = io.BytesIO()
    segno.make(address, error="q", micro=False).save(drawn, kind="svg", border=4, light="white")
    return drawn.getvalue().decode()
