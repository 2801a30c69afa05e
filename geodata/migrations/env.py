"""Run by Alembic on the connection that `geodata.migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from geodata.migrations import tables


def run() -> None:
    """Take the steps that were asked for, inside the caller's transaction."""
    context.configure(
        connection=context.config.attributes["connection"], target_metadata=tables.metadata
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic executes this file
    run()
