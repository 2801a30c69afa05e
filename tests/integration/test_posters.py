"""Posters: one A4 page a station, readable by people and by phones, and no text is ever evaluated."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typst
import zxingcpp
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from geodata.codes import StationCode
from geodata.errors import InvalidInputError, NotFoundError, UnavailableError
from geodata.exporters import poster
from geodata.exporters.poster import CHINESE_FONTS, poster_of, write_posters
from geodata.records import ENTRY_MODES, STATION_STATUSES, Offer, Station
from geodata.services import services

LINK = "https://yizhan.example.org"
A4_MM = (210, 297)

pytestmark = [
    pytest.mark.skipif(
        not set(typst.Fonts().families()) & set(CHINESE_FONTS), reason="no Chinese font here"
    ),
    pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no poppler-utils here"),
]


def station(**values: Any) -> Station:
    plain = {"id": "s1", "name": "中原路工会驿站", "lon_deg": 113.6, "lat_deg": 34.7}
    return Station(**(plain | values))


def written(folder: Path, *stations: Station, **more: Any) -> Path:
    path = folder / "posters.pdf"
    write_posters(path, stations, link=LINK, **more)
    return path


def text_of(path: Path, page: int = 1) -> str:
    """Give the text of a page without blanks and line ends."""
    asked = ["pdftotext", "-f", str(page), "-l", str(page), "-layout", str(path), "-"]
    said = subprocess.run(asked, capture_output=True, check=True).stdout.decode()
    return "".join(said.split())


def codes_on(path: Path, page: int = 1, *, dpi: int = 80) -> list[str]:
    """Read the QR codes of a page as a phone would, from a picture of it."""
    asked = ["pdftoppm", "-gray", "-r", str(dpi), "-f", str(page), "-l", str(page), str(path)]
    picture = subprocess.run(asked, capture_output=True, check=True).stdout
    kind, size, _, pixels = picture.split(b"\n", 3)
    assert kind == b"P5"
    width, height = map(int, size.split())
    image = np.frombuffer(pixels, np.uint8).reshape(height, width)
    return [found.text for found in zxingcpp.read_barcodes(image)]


def fonts_of(path: Path) -> list[dict[str, Any]]:
    """Give the descriptors of all fonts of a PDF."""
    reader = PdfReader(path)
    found = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            (inner,) = font.get_object()["/DescendantFonts"]
            inner = inner.get_object() if isinstance(inner, IndirectObject) else inner
            found.append(inner["/FontDescriptor"])
    return found


FULL = station(
    code=str(StationCode("410102", 12)),
    hours="Mo-Fr 08:30-12:00,14:30-18:00; PH off",
    facilities=("drinking_water", "free_breakfast", "legal_aid", "microwave", "toilet"),
    offers=(
        Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00"),
        Offer(key="microwave", state="broken"),
    ),
    entry="ask_staff",
    host="中原银行",
    address="郑州市中原区中原路1号",
    phone="0371-00000001",
    verified_on="2026-08-02",
)


def test_a_poster_says_what_a_worker_needs(tmp_path: Path) -> None:
    """Name, code, hours and breakfast in words, way in, hotline; not what is broken."""
    path = written(tmp_path, FULL, city="郑州市")
    text = text_of(path)
    for said in (
        "中原路工会驿站", FULL.code, "周一至周五08:30–12:00", "14:30–18:00", "法定节假日不开放",
        "跟工作人员说一声", "饮用水", "卫生间", "爱心早餐", "周一至周五05:00–07:00", "法律援助", "12351",
        "郑州市中原区中原路1号", "0371-00000001", "2026-08-02现场核实", "中原银行", "Drinkingwater",
    ):  # fmt: skip
        assert said in text
    assert "微波炉" not in text
    assert "示例" not in text
    assert "Mo-Fr" not in text


def test_it_is_one_a4_page_with_its_fonts_inside(tmp_path: Path) -> None:
    """The page is A4 and every font is embedded, so that any printer prints it alike."""
    path = written(tmp_path, FULL)
    (page,) = PdfReader(path).pages
    size_mm = (float(page.mediabox.width) * 25.4 / 72, float(page.mediabox.height) * 25.4 / 72)
    assert size_mm == pytest.approx(A4_MM, abs=0.2)
    fonts = fonts_of(path)
    assert any("CJK" in f["/FontName"] or "Hei" in f["/FontName"] for f in fonts)
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(f) for f in fonts)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"code": "410102-0012-1", "id": "a b"}, "/s/410102-0012-1"),
        ({"id": "站/1?x=#&"}, "/stations/%E7%AB%99%2F1%3Fx%3D%23%26"),
    ],
)
def test_the_qr_leads_to_the_page(tmp_path: Path, values: dict[str, str], path: str) -> None:
    """A phone that reads the printed page gets the address of the station, and only that."""
    assert codes_on(written(tmp_path, station(**values))) == [LINK + path]


def test_the_qr_survives_dirt(tmp_path: Path) -> None:
    """With a spot over a sixteenth of its area the code can still be read."""
    picture = poster_of(FULL, link=LINK)["qr"]
    side = int(picture.split('width="')[1].split('"')[0])
    spot = side / 4
    dirty = picture.replace(
        "</svg>",
        f'<rect x="{side - spot - 4}" y="{side - spot - 4}" width="{spot}" height="{spot}" fill="#777"/></svg>',
    )
    source = '#set page(width: 80mm, height: 80mm, margin: 5mm)\n#image(bytes(sys.inputs.qr), format: "svg", width: 70mm)'
    (tmp_path / "a.pdf").write_bytes(typst.compile(source.encode(), sys_inputs={"qr": dirty}))
    assert codes_on(tmp_path / "a.pdf", dpi=150) == [f"{LINK}/s/{FULL.code}"]


HOSTILE = [
    '#read("/etc/passwd")', '#read("poster.typ")', '#eval("1+1")', "*fett* _em_ `raw` $x^2$", "\\ \\u{41} #sym.arrow",
    '#import "@preview/x:1.0.0": *', "= 标题", "- Liste", "<label> @ref", '"}]', '#image("/etc/hostname")', "// weg",
    "/* weg */ da", "{{7*7}}", "</svg><script>",
]  # fmt: skip


def test_hostile_text_is_shown_as_it_is(tmp_path: Path) -> None:
    """Markup and code in any field are printed literally; no file is read, nothing is computed."""
    fields = ("name", "address", "host", "phone", "hours_text", "status_reason")
    stations = [
        station(id=f"x{i}", status="suspended", **dict.fromkeys(fields, text))
        for i, text in enumerate(HOSTILE)
    ]
    path = written(tmp_path, *stations, city=HOSTILE[0])
    assert len(PdfReader(path).pages) == len(HOSTILE)
    for page, text in enumerate(HOSTILE, start=1):
        shown = text_of(path, page)
        assert shown.count("".join(text.split())) >= len(fields) - 1  # one may break over two lines
        assert "root:" not in shown


def test_a_sample_station_says_so(tmp_path: Path) -> None:
    """Posters of invented stations are marked at the top and at the bottom."""
    path = written(tmp_path, station(is_synthetic=True), station(id="s2"))
    assert text_of(path, 1).count("示例数据，非真实站点") == 2
    assert "示例" not in text_of(path, 2)


LONG = "郑州市中原区棉纺路街道三棉东社区党群服务中心户外劳动者综合服务站点" * 12


@pytest.mark.parametrize(
    "values",
    [
        {"name": LONG},
        {"name": "W" * 300, "address": "x" * 2000},
        {"hours": "", "hours_text": LONG, "address": LONG},
        {"status": "moved", "status_reason": LONG, "facilities": tuple(sorted(services()))},
        {"host": LONG, "phone": LONG, "id": "x" * 400},
        {
            "facilities": tuple(sorted(services())),
            "offers": tuple(Offer(key=k, hours="Mo,We,Fr 05:00-07:00; Jul-Aug Mo-Su 16:00-18:00; PH off") for k in sorted(services()) if services()[k].kind == "P"),
        },
    ],
)  # fmt: skip
def test_much_text_stays_on_one_page(tmp_path: Path, values: dict[str, Any]) -> None:
    """However much there is to say: one page, with its code, QR and hotline."""
    code = str(StationCode("410102", 7))
    path = written(tmp_path, station(**({"code": code} | values)))
    assert len(PdfReader(path).pages) == 1
    assert codes_on(path) == [f"{LINK}/s/{code}"]
    assert "12351" in text_of(path)
    assert code in text_of(path)


def test_each_station_has_its_page(tmp_path: Path) -> None:
    """Forty stations are forty pages in their order, each with its own code."""
    stations = [
        station(id=f"s{k}", name=f"第{k}驿站", code=str(StationCode("410102", k)))
        for k in range(1, 41)
    ]
    path = written(tmp_path, *stations)
    assert len(PdfReader(path).pages) == 40
    for page in (1, 20, 40):
        assert f"第{page}驿站" in text_of(path, page)
        assert codes_on(path, page) == [f"{LINK}/s/{stations[page - 1].code}"]


@pytest.mark.parametrize("status", STATION_STATUSES)
def test_a_station_that_is_not_open_says_so(status: str) -> None:
    """The notice names the state and why; an open station has none."""
    notice = poster_of(station(status=status, status_reason="门禁改造"), link=LINK)["notice"]
    assert (notice["zh"] == "") == (status == "open")
    assert status == "open" or notice["zh"].endswith("：门禁改造")


@pytest.mark.parametrize("entry", ENTRY_MODES)
def test_every_way_in_has_words(entry: str) -> None:
    """No way to get in is shown as our own key."""
    said = poster_of(station(entry=entry), link=LINK)["entry"]
    assert all(said.values())
    assert entry not in said.values()


def test_hours_that_have_no_words_are_as_the_source_wrote_them() -> None:
    """Rare hours are shown in the words of the source; without those the poster points to the door."""
    rare = "Mo-Su sunrise-sunset"
    assert (
        poster_of(station(hours=rare, hours_text="日出到日落"), link=LINK)["hours"]["zh"]
        == "日出到日落"
    )
    assert poster_of(station(hours=rare), link=LINK)["hours"]["zh"] == "以现场公示为准"
    assert poster_of(station(), link=LINK)["hours"]["zh"] == "以现场公示为准"


def test_what_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No station, no address, no folder and no Chinese font each give a sentence, and no file."""
    with pytest.raises(InvalidInputError, match="no station to make a poster of"):
        written(tmp_path)
    for link in ("", "yizhan.example.org", "javascript:alert(1)", "https://"):
        with pytest.raises(InvalidInputError, match="no address of a site"):
            write_posters(tmp_path / "a.pdf", [FULL], link=link)
    with pytest.raises(NotFoundError, match="absent"):
        write_posters(tmp_path / "absent" / "a.pdf", [FULL], link=LINK)
    monkeypatch.setattr(poster, "CHINESE_FONTS", ("No Such Font",))
    with pytest.raises(UnavailableError, match="no Chinese font"):
        written(tmp_path, FULL)
    assert list(tmp_path.iterdir()) == []
