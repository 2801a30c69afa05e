"""Write the files that phones search: content-hashed, compressed, and never half.

Files are written first, each complete under a name of its own before it gets its own name; the
manifest that names them comes last, in one move. Whoever is killed in between leaves the old
manifest with all its files. What no manifest names any more is kept for a day from then on, for
phones that read the old manifest a moment ago.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # has no types
import orjson

from geodata.errors import NotFoundError, UnavailableError
from stations.snapshot import Content

MANIFEST, LIVE = "manifest.json", "live.json"
FOLDER = "snapshots"
"""Where the running server keeps the files, in the city folder."""

KEPT_S = 24 * 3600.0
"""How long files that are no longer named stay."""

HASH_DIGITS = 16
_LOCK = ".lock"
_TEMPORARY = ".new-"
_ENCODED: Mapping[str, Callable[[bytes], bytes]] = {
    ".br": lambda body: brotli.compress(body, quality=9),
    ".gz": lambda body: gzip.compress(body, 9, mtime=0),
}
"""What makes each of the compressed twins of a file."""

_DECODED: Mapping[str, Callable[[bytes], bytes]] = {
    ".br": brotli.decompress,
    ".gz": gzip.decompress,
}
_OURS = re.compile(r"(cells/[0-9a-f]{15}|places|stations)-[0-9a-f]{16}\.(json|pmtiles)(\.br|\.gz)?")
"""Names of files that may be cleared away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was written.

    Attributes
    ----------
    manifest
        As it lies there now.
    n_files, n_bytes, n_sent_bytes
        Files that it names, their bytes, and their bytes as a phone gets them (brotli).
    n_new, n_cleared
        Files that were not there before, and those that were cleared away.
    """

    manifest: dict[str, Any]
    n_files: int
    n_bytes: int
    n_sent_bytes: int
    n_new: int
    n_cleared: int


def write(
    out: Path,
    content: Content,
    places: Mapping[str, Any],
    live: Mapping[str, Any],
    *,
    now_s: float,
    write_tiles: Callable[[Path], object] | None = None,
) -> Published:
    """Write a snapshot into a folder; the caller holds `lock`.

    Parameters
    ----------
    out
        The folder; made when absent.
    content, places, live
        What `stations.snapshot.build`, `web.phone_places.content` and `web.live.content` give.
    now_s
        Seconds since 1970, for clearing away.
    write_tiles
        Writes the vector tiles to a path.

    Raises
    ------
    UnavailableError
        When the folder cannot be written.
    """
    with _speaking(out):
        writing = _Writing(out)
        rows = {row[0]: row for row in content.manifest["cells"]}
        paths = {
            cell: writing.put(f"cells/{cell}", _json(table))
            for cell, table in content.cells.items()
        }
        cells = [[*row[:4], paths.get(cell)] for cell, row in rows.items()]
        manifest = {
            **content.manifest,
            "cells": cells,
            "places": writing.put("places", _json(places)),
            "live": LIVE,
            "tiles": writing.put_tiles(write_tiles) if write_tiles is not None else None,
            "files": writing.files,
        }
        put_live(out, live)
        before = _named_before(out)
        for path in before - set(writing.files):
            _touch(out, path, now_s)
        _put_encoded(out, MANIFEST, _json(manifest))
        n_cleared = _clear(out, set(writing.files), now_s)
    return Published(
        manifest=manifest,
        n_files=len(writing.files),
        n_bytes=sum(file["bytes"] for file in writing.files.values()),
        n_sent_bytes=sum(_sent_bytes(out / path) for path in writing.files),
        n_new=writing.n_new,
        n_cleared=n_cleared,
    )


def put_live(out: Path, live: Mapping[str, Any]) -> None:
    """Put the live file in place; each of its three forms in one move."""
    _put_encoded(out, LIVE, _json(live))


def read_manifest(out: Path) -> dict[str, Any] | None:
    """Give the manifest of a folder; None when there is none, or it is damaged."""
    try:
        found = orjson.loads((out / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else None


def check(out: Path) -> list[str]:
    """Check every file that the manifest of a folder names, and its compressed twins.

    Returns
    -------
    list of str
        Paths of files that are missing or whose bytes are not those of their SHA-256.

    Raises
    ------
    NotFoundError
        When there is no manifest in the folder.
    """
    manifest = read_manifest(out)
    if manifest is None:
        raise NotFoundError(
            "there is no {name} in {folder}; write one with `yizhan publish`",
            name=MANIFEST,
            folder=out,
        )
    wrong = []
    for path, file in manifest["files"].items():
        wrong += [name for name in _forms(path) if not _is_right(out, path, name, file["sha256"])]
    for path in (MANIFEST, LIVE):
        wrong += [name for name in _forms(path) if not _is_twin(out, path, name)]
    return wrong


@contextmanager
def lock(out: Path, *, waits: bool = False) -> Iterator[bool]:
    """Keep other writers out of a folder for the length of a ``with``.

    Parameters
    ----------
    waits
        Whether to wait for a program that is writing.

    Yields
    ------
    bool
        Whether this is the one; False when another program is writing. A writer that is killed
        keeps nobody out.

    Raises
    ------
    UnavailableError
        When the folder cannot be written.
    """
    with _speaking(out):
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


class _Writing:
    """Puts content-hashed files into a folder and remembers their sums."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.files: dict[str, dict[str, Any]] = {}
        self.n_new = 0
        (out / "cells").mkdir(parents=True, exist_ok=True)
        for path in (*out.glob(f"{_TEMPORARY}*"), *out.glob(f"*/{_TEMPORARY}*")):
            path.unlink(missing_ok=True)  # of a writer that was killed: we hold the lock

    def put(self, stem: str, body: bytes) -> str:
        """Put a file with its twins; one that is there and right stays."""
        path = self._named(stem, "json", body)
        digest = self.files[path]["sha256"]
        if not all(_is_right(self._out, path, name, digest) for name in _forms(path)):
            _put_encoded(self._out, path, body)
            self.n_new += 1
        return path

    def put_tiles(self, write_tiles: Callable[[Path], object]) -> str:
        """Put the vector tiles, which are compressed inside."""
        drawn = self._out / f"{_TEMPORARY}stations.pmtiles"
        write_tiles(drawn)
        path = self._named("stations", "pmtiles", drawn.read_bytes())
        self.n_new += not (self._out / path).exists()
        drawn.replace(self._out / path)
        return path

    def _named(self, stem: str, kind: str, body: bytes) -> str:
        digest = hashlib.sha256(body).hexdigest()
        path = f"{stem}-{digest[:HASH_DIGITS]}.{kind}"
        self.files[path] = {"sha256": digest, "bytes": len(body)}
        return path


def _json(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value)


def _forms(path: str) -> tuple[str, ...]:
    return (path,) if path.endswith(".pmtiles") else (path, *(path + end for end in _ENCODED))


def _put_encoded(out: Path, path: str, body: bytes) -> None:
    """Put a file and its twins, the plain one last."""
    for end, encode in _ENCODED.items():
        _put(out / (path + end), encode(body))
    _put(out / path, body)


def _put(path: Path, body: bytes) -> None:
    temporary = path.with_name(f"{_TEMPORARY}{path.name}")
    temporary.write_bytes(body)
    temporary.replace(path)


def _named_before(out: Path) -> set[str]:
    manifest = read_manifest(out)
    return set(manifest["files"]) if manifest else set()


def _touch(out: Path, path: str, now_s: float) -> None:
    """Let the day for which a file is kept begin now."""
    for name in _forms(path):
        if (out / name).exists():
            os.utime(out / name, (now_s, now_s))


def _clear(out: Path, named: set[str], now_s: float) -> int:
    """Remove our files that are not named and have not been for a day."""
    n_cleared = 0
    for path in (*out.iterdir(), *(out / "cells").iterdir()):
        name = path.relative_to(out).as_posix()
        plain = name.removesuffix(".br").removesuffix(".gz")
        if plain in named or not _OURS.fullmatch(name):
            continue
        if path.stat().st_mtime < now_s - KEPT_S:
            path.unlink(missing_ok=True)
            n_cleared += plain == name
    return n_cleared


def _is_right(out: Path, path: str, name: str, sha256: str) -> bool:
    """Tell whether a form of a file holds the bytes of a sum."""
    body = _plain_body(out, path, name)
    return body is not None and hashlib.sha256(body).hexdigest() == sha256


def _is_twin(out: Path, path: str, name: str) -> bool:
    """Tell whether a form of a file that changes says what the plain one says."""
    body = _plain_body(out, path, name)
    return body is not None and body == _plain_body(out, path, path)


def _plain_body(out: Path, path: str, name: str) -> bytes | None:
    try:
        body = (out / name).read_bytes()
        return _DECODED[name.removeprefix(path)](body) if name != path else body
    except (OSError, EOFError, brotli.error, ValueError):
        return None


def _sent_bytes(path: Path) -> int:
    twin = path.with_name(path.name + ".br")
    return (twin if twin.exists() else path).stat().st_size


@contextmanager
def _speaking(out: Path) -> Iterator[None]:
    """Turn what the system says about a folder into a sentence of ours."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            "{folder} cannot be written ({cause}); check its owner and the space on the disk",
            folder=out,
            cause=error.strerror or type(error).__name__,
        ) from error
