"""The register: facts, histories, merges, codes, reports, and the audit trail of it all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXTS = ("code", "staff_hours", "status_reason", "status_since", "district_code")
_LISTS = ("closures", "offers")
_NEW_TABLES: dict[str, tuple[str, ...]] = {
    "audit": ("moment", "who", "action", "table_name", "key", "before?", "after?", "reason",
              "import_number#", "previous_hash", "hash"),
    "facts": ("station_id", "source", "stated_on", "who", "verified_by", "verified_on",
              "import_number#", "said"),
    "merges": ("keep_id", "absorb_id", "moment", "who", "reason", "before", "after"),
    "apart": ("one_id", "other_id", "moment", "who", "reason"),
    "statuses": ("station_id", "status", "reason", "since", "moment", "who"),
    "district_codes": ("station_id", "code", "since"),
    "codes": ("code", "station_id", "since"),
    "mappings": ("sender", "header", "field"),
    "reports": ("station_id", "moment", "kind", "about", "nearness", "device"),
    "cases": ("station_id", "opened_on", "due_on", "reason", "step", "closed_on", "outcome",
              "who"),
    "inspections": ("station_id", "inspected_on", "who", "result", "note"),
}  # fmt: skip
"""Texts that are never null, beside a number: ``?`` may be null, ``#`` is a number that may be."""

_UNIQUE = (
    ("merges", "absorb_id"),
    ("apart", "one_id", "other_id"),
    ("codes", "code"),
    ("mappings", "sender", "header"),
)
_INDEXES = (
    ("audit", "key"),
    ("facts", "station_id"),
    ("statuses", "station_id"),
    ("district_codes", "station_id"),
    ("reports", "station_id", "moment"),
    ("reports", "moment"),
    ("cases", "station_id"),
    ("inspections", "station_id"),
)
_POINTS = ("stations", "hotspots")
_REFUSED = "the audit trail only grows: its lines are neither changed nor deleted"


def upgrade() -> None:
    """Add columns to stations, imports and state; make the tables, the trail and the geometry."""
    _add_columns()
    for table, names in _NEW_TABLES.items():
        unique = [
            sa.UniqueConstraint(*columns, name="_".join(("uq", table, *columns)))
            for of, *columns in _UNIQUE
            if of == table
        ]
        op.create_table(
            table,
            sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
            *(_column(name) for name in names),
            *unique,
        )
    for table, *columns in _INDEXES:
        op.create_index("_".join(("ix", table, *columns)), table, columns)
    op.execute(
        "INSERT INTO statuses (number, station_id, status, reason, since, moment, who) "
        "SELECT row_number() OVER (ORDER BY seq), id, status, '', '', '', '' FROM stations"
    )
    _guard_audit()
    if op.get_bind().dialect.name == "postgresql":
        _add_geometry()


def downgrade() -> None:
    """Drop it all again, with what it holds."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _POINTS:
            op.drop_index(f"ix_{table}_geom", table)
            op.drop_column(table, "geom")
    for table in _NEW_TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change()")
    op.drop_index("ix_stations_code", "stations")
    dropped = {
        "stations": (*_TEXTS, *_LISTS, "row_version", "merged_into"),
        "imports": ("who", "undone_at", "first_line", "last_line"),
        "state": ("audit_lines", "audit_hash"),
    }
    for name, columns in dropped.items():
        with op.batch_alter_table(name) as changed:
            for column in columns:
                changed.drop_column(column)


def _add_columns() -> None:
    for name in _TEXTS:
        op.add_column("stations", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in _LISTS:
        op.add_column("stations", sa.Column(name, sa.JSON, nullable=False, server_default="[]"))
    _add_number("stations", "row_version")
    op.add_column("stations", sa.Column("merged_into", sa.Text))
    filled = sa.text("code <> ''")
    op.create_index(
        "ix_stations_code",
        "stations",
        ["code"],
        unique=True,
        sqlite_where=filled,
        postgresql_where=filled,
    )
    for name in ("who", "undone_at"):
        op.add_column("imports", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("first_line", "last_line"):
        _add_number("imports", name)
    _add_number("state", "audit_lines")
    op.add_column("state", sa.Column("audit_hash", sa.Text, nullable=False, server_default=""))


def _add_number(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def _column(name: str) -> sa.Column[object]:
    if name.endswith("#"):
        return sa.Column(name[:-1], sa.Integer)
    return sa.Column(name.rstrip("?"), sa.Text, nullable=name.endswith("?"))


def _guard_audit() -> None:
    """Let the database itself refuse changes, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )


def _add_geometry() -> None:
    """Add a point that PostGIS makes of the coordinates, for queries by box and for QGIS."""
    for table in _POINTS:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN geom geometry(Point, 4326) "
            "GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon_deg, lat_deg), 4326)) STORED"
        )
        op.execute(f"CREATE INDEX ix_{table}_geom ON {table} USING gist (geom)")
