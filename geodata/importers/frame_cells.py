"""A column that names the coordinate frame of each row."""

from __future__ import annotations

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.cells import says_nothing
from geodata.importers.framing import overridden
from geodata.importers.how import Texts
from geodata.importers.mapping import COORDINATES, ColumnMap
from geodata.importers.raw import RawTable

_FRAME_HEADERS = (
    "坐标系", "坐标系统", "坐标系类型", "坐标类型", "坐标标准", "坐标来源", "坐标系名称",
    "参考坐标系", "空间参考", "crs", "coordtype", "coordinatesystem", "datum",
)  # fmt: skip


def frame_in_cells(
    table: RawTable, columns: ColumnMap, *, frame: str, file_name: str
) -> tuple[str, list[Finding]]:
    """Take the frame that a column such as 坐标系 names throughout.

    Parameters
    ----------
    table
        Raw rows.
    columns
        What the columns say; where a coordinate header names a frame, the cells are not asked.
    frame
        Frame that a person named, or ``auto``.
    file_name
        How messages name the file.

    Returns
    -------
    str, list of Finding
        The frame to read the rows in, and what was found.

    Raises
    ------
    InvalidInputError
        When the cells name several frames.
    """
    used = {c.header for c in columns.columns}
    if any(c.field in COORDINATES and words.frame_of(c.header) for c in columns.columns):
        return frame, []
    for header in map(str, table.rows.columns):
        if words.plain(header) not in _FRAME_HEADERS or header in used:
            continue
        said = {t for t in Texts.of(table.rows[header]).distinct if not says_nothing(t)}
        named = sorted({words.frame_of(t) or "" for t in said})
        if len(named) > 1 and any(named):
            raise InvalidInputError(
                "{path}: column {column} names several coordinate frames ({frames}); "
                "make a file for each of them",
                path=file_name,
                column=header,
                frames=", ".join(sorted(said)),
            )
        if not any(named) or table.frame is not None or frame == named[0]:
            continue
        if frame != "auto":
            return frame, [overridden(named[0], frame)]
        template = "column {column} says that the coordinates are in {frame}; they were read so"
        details = {"column": header, "frame": named[0]}
        return named[0], [Finding("frame_in_cells", template, details, "file", severity="note")]
    return frame, []
