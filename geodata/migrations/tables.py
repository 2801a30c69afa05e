"""The tables of the store in their newest form, such as SQLite and PostgreSQL both understand."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0001"
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
    Index(None, "lon_deg", "lat_deg"),
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
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("writes", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)
