"""The tables of the store in their newest form, such as SQLite and PostgreSQL both understand."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

HEAD = "0002"
"""Newest step in `geodata.migrations.versions`."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

stations = Table(
    "stations",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "seq", Integer, nullable=False
    ),  # order in which stations came, which is the order shown
    Column("name", Text, nullable=False),
    Column("lon_deg", Double, nullable=False),
    Column("lat_deg", Double, nullable=False),
    Column("hours", Text, nullable=False),
    Column("hours_text", Text, nullable=False),
    Column("facilities", JSON, nullable=False),
    Column("entry", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("area_m2", Double),
    Column("seats", Double),
    Column("host", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_frame", Text, nullable=False),
    Column("source_x", Double),
    Column("source_y", Double),
    Column("verified_on", Text, nullable=False),
    Column("is_synthetic", Boolean, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("staff_hours", Text, nullable=False, server_default=""),
    Column("closures", JSON, nullable=False, server_default="[]"),
    Column("offers", JSON, nullable=False, server_default="[]"),
    Column("status_reason", Text, nullable=False, server_default=""),
    Column("status_since", Text, nullable=False, server_default=""),
    Column("district_code", Text, nullable=False, server_default=""),
    Column(
        "row_version", Integer, nullable=False, server_default="0"
    ),  # write that last touched it
    Column("merged_into", Text),  # id of the station that stands for it; null for most
    Index(None, "lon_deg", "lat_deg"),
    Index(
        None,
        "code",
        unique=True,
        sqlite_where=text("code <> ''"),
        postgresql_where=text("code <> ''"),
    ),
)

hotspots = Table(
    "hotspots",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("lon_deg", Double, nullable=False),
    Column("lat_deg", Double, nullable=False),
    Column("group", Text, nullable=False),
    Column("people", Double, nullable=False),
    Column("presence", LargeBinary, nullable=False),  # 168 little-endian float32
    Column("source", Text, nullable=False),
    Column("is_synthetic", Boolean, nullable=False),
    UniqueConstraint("id", "group"),
    Index(None, "lon_deg", "lat_deg"),
)

imports = Table(
    "imports",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("moment", Text, nullable=False),  # ISO 8601, with its offset where it has one
    Column("source", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("n_new", Integer, nullable=False),
    Column("n_changed", Integer, nullable=False),
    Column("n_same", Integer, nullable=False),
    Column("who", Text, nullable=False, server_default=""),
    Column("undone_at", Text, nullable=False, server_default=""),
    # Its lines in the audit trail, both inclusive; 0 for imports older than the trail.
    Column("first_line", Integer, nullable=False, server_default="0"),
    Column("last_line", Integer, nullable=False, server_default="0"),
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("writes", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("audit_lines", Integer, nullable=False, server_default="0"),
    Column("audit_hash", Text, nullable=False, server_default=""),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("moment", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("key", Text, nullable=False),  # id of the station, or what else names the row
    Column("before", Text),  # JSON, byte for byte as it was hashed
    Column("after", Text),
    Column("reason", Text, nullable=False),
    Column("import_number", Integer),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "key"),
)

facts = Table(
    "facts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("stated_on", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("verified_by", Text, nullable=False),
    Column("verified_on", Text, nullable=False),
    Column("import_number", Integer),
    Column("said", Text, nullable=False),  # JSON: value by field
    Index(None, "station_id"),
)

merges = Table(
    "merges",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("keep_id", Text, nullable=False),
    Column("absorb_id", Text, nullable=False, unique=True),
    Column("moment", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Text, nullable=False),  # JSON: the kept station, whole
    Column("after", Text, nullable=False),
)

apart = Table(
    "apart",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("one_id", Text, nullable=False),
    Column("other_id", Text, nullable=False),
    Column("moment", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("one_id", "other_id"),
)

statuses = Table(
    "statuses",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("moment", Text, nullable=False),
    Column("who", Text, nullable=False),
    Index(None, "station_id"),
)

district_codes = Table(
    "district_codes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("since", Text, nullable=False),
    Index(None, "station_id"),
)

codes = Table(
    "codes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False, unique=True),
    Column("station_id", Text, nullable=False),
    Column("since", Text, nullable=False),
)

mappings = Table(
    "mappings",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sender", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("field", Text, nullable=False),
    UniqueConstraint("sender", "header"),
)

reports = Table(
    "reports",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("moment", Text, nullable=False),  # of fixed width, so that text sorts as time
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("nearness", Text, nullable=False),
    Column("device", Text, nullable=False),
    Index(None, "station_id", "moment"),
    Index(None, "moment"),
)

cases = Table(
    "cases",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("opened_on", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("closed_on", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("who", Text, nullable=False),
    Index(None, "station_id"),
)

inspections = Table(
    "inspections",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("inspected_on", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index(None, "station_id"),
)


def geometry(table: Table) -> ColumnElement[object]:
    """Give the point that PostGIS makes of the coordinates; SQLite has none."""
    return literal_column(f"{table.name}.geom")
