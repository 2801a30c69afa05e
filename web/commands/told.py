"""How the command line speaks: results on standard output, all else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from geodata.checks import Finding
from geodata.city import City, open_city
from geodata.errors import YizhanError
from web.i18n import Translate, say, translator
from web.settings import Settings

_WIDE = 120


@dataclass(frozen=True, slots=True)
class Told:
    """What every command is told from outside.

    Attributes
    ----------
    settings
        From the environment.
    language
        ``zh`` or ``en``, for tables and pages.
    """

    settings: Settings
    language: str

    @property
    def translate(self) -> Translate:
        """Give the function that translates our sentences."""
        return translator(self.language)

    def city(self, folder: Path | None) -> City:
        """Open the city that a command names, or the one of the settings."""
        return open_city(folder or self.settings.city, database_url=self.settings.database_url)

    def folder(self, folder: Path | None) -> Path:
        """Give the folder that a command names, or the one of the settings."""
        return folder or self.settings.city


def results() -> Console:
    """Give the console of results; wide when it is not a terminal, so that nothing is cut."""
    width = None if sys.stdout.isatty() else _WIDE
    return Console(width=width, highlight=False, soft_wrap=True, markup=False, emoji=False)


def remarks() -> Console:
    """Give the console of everything that is not a result."""
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Print a result for programs."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(value, option=options).decode())


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a result for people; numbers stand right."""
    table = Table(title=_plain(title) if title else None, title_justify="left", title_style="bold")
    for k, column in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[k]) for row in rows)
        table.add_column(_plain(column), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    results().print(table)


def print_error(error: YizhanError) -> None:
    """Say what went wrong, in Chinese first and English second, on standard error."""
    for language, style in (("zh", "bold red"), ("en", "red")):
        sentence = translator(language)("Error: {message}").format(message=say(error, language))
        remarks().print(_plain(sentence), style=style)


def finding_words(finding: Finding, translate: Translate) -> str:
    """Give what a check or an importer found, in the reader's language."""
    return str(YizhanError(translate(finding.template), **finding.details))


def print_usage(error: click.ClickException) -> None:
    """Say that a command was called wrongly, in Chinese first, then how it is called."""
    _ = translator("zh")
    remarks().print(_plain(_("The command was not called as it is meant to be; see below.")))
    error.show()


@contextmanager
def stages(total: int, first: str) -> Iterator[Stages]:
    """Show a progress bar over named stages; nothing but the end is shown off a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=remarks(), transient=False) as bar:
        yield Stages(bar, bar.add_task(first, total=total))


@dataclass(slots=True)
class Stages:
    """A progress bar that knows how many stages there are."""

    bar: Progress
    task: Any

    def reached(self, stage: str, done: int, total: int) -> bool:
        """Take the progress of a long step; what it calls its stage is for programs."""
        del stage, total
        self.bar.update(self.task, completed=done)
        return True

    def say(self, description: str) -> None:
        """Say how far the present stage is."""
        self.bar.update(self.task, description=description)

    def next(self, description: str) -> None:
        """Finish a stage and name the one that begins."""
        self.bar.update(self.task, advance=1, description=description)

    def done(self, description: str) -> None:
        """Finish the last stage."""
        self.bar.update(self.task, advance=1, description=description)


def _is_number(cell: object) -> bool:
    return str(cell).replace(",", "").replace(".", "").replace("%", "").strip("+- ").isdigit()


def _plain(cell: object) -> Text:
    """Keep data from being read as markup, and control characters from reaching the terminal."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(cell))
    return Text(text)
