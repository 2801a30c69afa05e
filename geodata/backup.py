"""Backups of a city: its register and its files in one ZIP that fits SQLite and PostgreSQL alike.

``tables/NAME.ndjson`` holds one row a line (`geodata.register.dump`), ``files/`` the city's own
files, and ``manifest.json`` the count, size and SHA-256 of each. Restoring writes beside the place
and moves it there at the end, so that a restore that is killed leaves no half city.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from geodata.city import City, open_city, sqlite_url
from geodata.city_settings import read_settings
from geodata.errors import InvalidInputError, UnavailableError
from geodata.migrations.tables import HEAD
from geodata.register.dump import NAMES, Summing
from geodata.store import Store, Sum, open_store

_KIND, _FORM = "yizhan backup", 1
_OWN = ("city.toml", "*.parquet", "*.pmtiles", "snapshots/**/*", "proposals/**/*")
_NAME = re.compile(r"city\.toml|[^/\\]+\.(parquet|pmtiles)|(snapshots|proposals)/[^\\]+")
_CHUNK = 1 << 20
_MOST_MANIFEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSum:
    """Size and SHA-256 of a file."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    made_at
        ISO moment.
    schema
        Step of `geodata.migrations.versions` that the tables are of.
    tables, files
        By name; names of files are relative to the city folder, with ``/``.
    """

    made_at: str
    schema: str
    tables: Mapping[str, Sum]
    files: Mapping[str, FileSum]


def back_up(city: City, file: Path, *, moment: datetime) -> Manifest:
    """Write a backup of a city; others may read and write meanwhile.

    Parameters
    ----------
    file
        Must not exist; it appears when it is complete, readable by its owner alone.
    moment
        For the manifest.

    Raises
    ------
    InvalidInputError
        When `file` exists.
    UnavailableError
        When the city cannot be read or the file cannot be written; no file is left then.
    """
    if file.exists():
        raise InvalidInputError("{path} exists already; give the backup another name", path=file)
    with _speaking(file), ExitStack() as stack:
        store = stack.enter_context(city.store())
        with store.holding():
            # Files are only ever replaced, so open ones stay as they are when writers go on.
            opened = {n: stack.enter_context(p.open("rb")) for n, p in _own_files(city.folder)}
            table_lines = stack.enter_context(store.dumping())
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        part = Path(name)
        stack.callback(part.unlink, missing_ok=True)
        with os.fdopen(handle, "wb") as raw, _writing_zip(raw) as archive:
            tables = {n: _write_table(archive, n, table_lines(n)) for n in NAMES}
            files = {n: _write_file(archive, n, opened[n]) for n in sorted(opened)}
            manifest = Manifest(made_at=moment.isoformat(), schema=HEAD, tables=tables, files=files)
            archive.writestr("manifest.json", _to_json(manifest))
        part.replace(file)
    return manifest


def restore(file: Path, folder: Path, *, database_url: str | None = None) -> City:
    """Bring a city back from a backup into an empty place.

    Parameters
    ----------
    file
        As `back_up` wrote it, from whichever database.
    folder
        Must be absent or empty.
    database_url
        Of the store, which must be empty; None means ``yizhan.sqlite`` in the folder.

    Returns
    -------
    City
        The city, opened; counts, hashes and the audit trail were found right.

    Raises
    ------
    InvalidInputError
        When the file is no backup, is damaged or of another version.
    UnavailableError
        When the folder or the database is not empty or cannot be written; nothing has changed then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnavailableError(
            "{folder} is not empty; a backup is restored into a new folder, never over a city",
            folder=folder,
        )
    with _speaking(folder), _opened_zip(file) as archive:
        manifest = _read_manifest(archive, file)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            made = beside / "city"
            made.mkdir()
            for name, expected in manifest.files.items():
                _extract(archive, name, made / name, expected)
            read_settings(made / "city.toml")
            with open_store(database_url or sqlite_url(made)) as store:
                _fill(store, archive, manifest)
            made.replace(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return open_city(folder, database_url=database_url)


def _fill(store: Store, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    def lines(name: str) -> Iterator[bytes]:
        with archive.open(f"tables/{name}.ndjson") as member:
            yield from member

    store.load(lines, manifest.tables)


def _own_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for pattern in _OWN:
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


@contextmanager
def _writing_zip(raw: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        yield archive
    raw.flush()
    os.fsync(raw.fileno())


def _write_table(archive: zipfile.ZipFile, name: str, lines: Any) -> Sum:
    counted = Summing()
    with archive.open(f"tables/{name}.ndjson", "w", force_zip64=True) as member:
        for line in counted.through(lines):
            member.write(line)
    return counted.total()


def _write_file(archive: zipfile.ZipFile, name: str, source: IO[bytes]) -> FileSum:
    digest, size = hashlib.sha256(), 0
    with archive.open(f"files/{name}", "w", force_zip64=True) as member:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            member.write(chunk)
    return FileSum(bytes=size, sha256=digest.hexdigest())


def _extract(archive: zipfile.ZipFile, name: str, target: Path, expected: FileSum) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(f"files/{name}") as member, target.open("wb") as out:
        while size <= expected.bytes and (chunk := member.read(_CHUNK)):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    if FileSum(bytes=size, sha256=digest.hexdigest()) != expected:
        raise InvalidInputError(
            "the backup is damaged: {name} is not as it was saved; take another backup", name=name
        )


def _to_json(manifest: Manifest) -> str:
    return json.dumps({"kind": _KIND, "form": _FORM, **asdict(manifest)}, indent=1)


def _read_manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        manifest = _parsed(json.loads(archive.read("manifest.json")))
        members = [f"tables/{name}.ndjson" for name in manifest.tables]
        for name in (*members, *(f"files/{name}" for name in manifest.files)):
            archive.getinfo(name)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            "{path} is no backup of a city; name a file that `yizhan database backup` wrote",
            path=file,
        ) from error
    if manifest.schema != HEAD or set(manifest.tables) != set(NAMES):
        raise InvalidInputError(
            "{path} was made by another version of Yizhan (schema {schema}, here {head}); restore "
            "it with that version, then update",
            path=file,
            schema=manifest.schema,
            head=HEAD,
        )
    strange = [name for name in manifest.files if not _is_own(name)]
    if strange or "city.toml" not in manifest.files:
        raise InvalidInputError(
            "{path} is no backup of a city: it holds the file {name} or lacks city.toml",
            path=file,
            name=strange[0] if strange else "-",
        )
    return manifest


def _parsed(found: dict[str, Any]) -> Manifest:
    if (found["kind"], found["form"]) != (_KIND, _FORM):
        raise ValueError(found["form"])
    return Manifest(
        made_at=found["made_at"],
        schema=found["schema"],
        tables={name: Sum(**of) for name, of in found["tables"].items()},
        files={name: FileSum(**of) for name, of in found["files"].items()},
    )


def _is_own(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and ".." not in PurePosixPath(name).parts


@contextmanager
def _opened_zip(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP; whatever is wrong with it, now or later, is one sentence."""
    if not file.is_file():
        raise InvalidInputError("there is no file {path}; name a backup", path=file)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InvalidInputError(
            "{path} is no ZIP file, or it is damaged ({cause}); take another backup",
            path=file,
            cause=error,
        ) from error


def _check_members(archive: zipfile.ZipFile) -> None:
    """Refuse what we never write: encrypted members, other ways of packing, a huge manifest."""
    for member in archive.infolist():
        is_huge = member.filename == "manifest.json" and member.file_size > _MOST_MANIFEST_BYTES
        if member.flag_bits & 1 or member.compress_type != zipfile.ZIP_DEFLATED or is_huge:
            raise zipfile.BadZipFile(member.filename)


@contextmanager
def _speaking(place: Path) -> Iterator[None]:
    """Turn what the disk says inside the block into one sentence of ours."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            "{path} cannot be written ({cause}); check its folder, permissions and disk space",
            path=place,
            cause=error.strerror or error,
        ) from error
