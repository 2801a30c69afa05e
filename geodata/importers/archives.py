"""Look into ZIP archives that a stranger packed: workbooks, KMZ and zipped Shapefiles.

Nothing is ever unpacked to a name that an archive gives, and archives inside archives stay closed.
An archive that tries either, or claims sizes that cannot be, is refused as a whole.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from geodata.errors import InvalidInputError
from geodata.importers import limits

BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, OSError, EOFError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What `zipfile` raises when an archive is damaged."""

_MAX_DIRECTORY_BYTES = 2_000_000  # some 20,000 parts; each takes about 1 kB of memory
_END, _LARGE_END = b"PK\x05\x06", b"PK\x06\x06"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def opened(path: Path, file: IO[bytes]) -> zipfile.ZipFile:
    """Open an archive after a look at what it claims.

    Raises
    ------
    InvalidInputError
        When it is damaged, packed with a password, or made to do harm.
    """
    size = file.seek(0, 2)
    try:
        has_room = _directory_bytes(file, size) <= _MAX_DIRECTORY_BYTES
        archive = zipfile.ZipFile(file) if has_room else None
    except BROKEN as error:
        raise damaged(path) from error
    if archive is None:
        raise InvalidInputError(
            "{path} holds far too many parts; unpack it and send the table alone", path=path.name
        )
    for part in archive.infolist():
        if not _is_safe(part):
            raise InvalidInputError(
                "{path} holds a part called {name}, which leads out of the archive; "
                "pack it again without links and paths",
                path=path.name,
                name=part.filename,
            )
    # Parts that share their bytes unpack to any size.
    if sum(part.compress_size for part in archive.infolist()) > size:
        raise damaged(path)
    return archive


def check_parts(path: Path, archive: zipfile.ZipFile, names: Iterable[str]) -> None:
    """Check that parts can be read: without a password, by a usual method, and not too large.

    Raises
    ------
    InvalidInputError
        When one cannot, or they are too large together.
    """
    parts = [archive.getinfo(name) for name in names]
    if any(part.flag_bits & 0x1 for part in parts):
        raise locked(path)
    if any(part.compress_type not in _METHODS for part in parts):
        raise damaged(path)
    # A part is never read beyond the size it claims: what is longer fails its check sum.
    if sum(part.file_size for part in parts) > limits.MAX_UNPACKED_BYTES:
        raise InvalidInputError("{path} is too large once unpacked; split it", path=path.name)


def damaged(path: Path) -> InvalidInputError:
    """Give the refusal of an archive that cannot be read."""
    return InvalidInputError(
        "{path} is damaged or was cut off; ask for it again or save it again", path=path.name
    )


def locked(path: Path) -> InvalidInputError:
    """Give the refusal of a file with a password."""
    return InvalidInputError(
        "{path} is locked with a password; save it again without one", path=path.name
    )


def _directory_bytes(file: IO[bytes], size: int) -> int:
    """Give the size of the list of parts, as the end of the archive claims it."""
    at = max(size - 66_000, 0)
    file.seek(at)
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile
    claimed = int(struct.unpack_from("<L", tail, end + 12)[0])
    large = tail.rfind(_LARGE_END, 0, end)
    if large >= 0:  # then `zipfile` goes by the larger record
        claimed = max(claimed % 0xFFFFFFFF, struct.unpack_from("<Q", tail, large + 40)[0])
    return claimed


def _is_safe(part: zipfile.ZipInfo) -> bool:
    name = part.orig_filename.replace("\\", "/")
    if stat.S_ISLNK(part.external_attr >> 16):
        return False
    if name.startswith("/") or "\0" in name or name[1:2] == ":":
        return False
    return ".." not in name.split("/")
