"""A file that appears as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from geodata.errors import InvalidInputError, NotFoundError, UnavailableError


@contextmanager
def finished(path: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, the file moves to `path`.

    The draft lies in a folder of its own beside `path`, so that moving it is one step and files
    that a database leaves beside it are gone with it. When the block raises, `path` is as it was.

    Raises
    ------
    NotFoundError
        When the folder of `path` is missing.
    InvalidInputError
        When `path` is a folder.
    UnavailableError
        When the file cannot be written.
    """
    if not path.parent.is_dir():
        raise NotFoundError(
            "the folder {folder} does not exist; make it, or write elsewhere", folder=path.parent
        )
    if path.is_dir():
        raise InvalidInputError("{path} is a folder; name a file in it", path=path)
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".draft-") as folder:
            draft = Path(folder, path.name)
            yield draft
            draft.replace(path)
    except OSError as error:
        raise UnavailableError(
            "{path} cannot be written ({reason}); check permissions and disk space",
            path=path,
            reason=error.strerror or error,
        ) from error
