"""Who does something, for the audit trail."""

from __future__ import annotations

import getpass

import click

who_option = click.option(
    "--who", envvar="YIZHAN_WHO", help="Who does this; default $YIZHAN_WHO, else your login name."
)


def person(who: str | None) -> str:
    """Give who does something: as said, else the login name, else nobody."""
    if who and who.strip():
        return who.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, as in some containers
        return ""
