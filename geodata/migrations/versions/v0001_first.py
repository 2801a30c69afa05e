"""Stations, hotspots, the log of imports and the data version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables, with the data version at zero."""
    _stations()
    _hotspots()
    op.create_table(
        "imports",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("n_new", sa.Integer, nullable=False),
        sa.Column("n_changed", sa.Integer, nullable=False),
        sa.Column("n_same", sa.Integer, nullable=False),
    )
    state = op.create_table(
        "state",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("writes", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.bulk_insert(state, [{"name": "data", "writes": 0, "digest": ""}])


def downgrade() -> None:
    """Drop everything."""
    for table in ("state", "imports", "hotspots", "stations"):
        op.drop_table(table)


def _stations() -> None:
    op.create_table(
        "stations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("lon_deg", sa.Double, nullable=False),
        sa.Column("lat_deg", sa.Double, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("hours_text", sa.Text, nullable=False),
        sa.Column("facilities", sa.JSON, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("area_m2", sa.Double),
        sa.Column("seats", sa.Double),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("district", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_frame", sa.Text, nullable=False),
        sa.Column("source_x", sa.Double),
        sa.Column("source_y", sa.Double),
        sa.Column("verified_on", sa.Text, nullable=False),
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
    )
    op.create_index("ix_stations_lon_deg_lat_deg", "stations", ["lon_deg", "lat_deg"])


def _hotspots() -> None:
    op.create_table(
        "hotspots",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("lon_deg", sa.Double, nullable=False),
        sa.Column("lat_deg", sa.Double, nullable=False),
        sa.Column("group", sa.Text, nullable=False),
        sa.Column("people", sa.Double, nullable=False),
        sa.Column("presence", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
        sa.UniqueConstraint("id", "group", name="uq_hotspots_id_group"),
    )
    op.create_index("ix_hotspots_lon_deg_lat_deg", "hotspots", ["lon_deg", "lat_deg"])
