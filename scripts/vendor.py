"""Bring the browser libraries named in ``web/vendor.toml`` into ``web/static/vendor``.

Run it from the project's root, with npm on the path::

    python scripts/vendor.py            fetch every package, copy the files, refuse a wrong checksum
    python scripts/vendor.py --check    compare the files that are here with the manifest
    python scripts/vendor.py --accept   fetch, and print the checksums found, to put in the manifest
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "web" / "vendor.toml"


def main(arguments: list[str]) -> int:
    """Do what the arguments ask; give the exit code."""
    libraries = tomllib.loads(MANIFEST.read_text("utf-8"))["library"]
    if "--check" in arguments:
        wrong = [line for library in libraries for line in _differences(library)]
    else:
        wrong = [line for library in libraries for line in _fetch(library)]
        if "--accept" in arguments:
            print("\n".join(wrong))
            return 0
    print("\n".join(wrong) or f"{len(libraries)} libraries agree with the manifest")
    return 1 if wrong else 0


def _folder(library: dict[str, Any]) -> Path:
    return ROOT / library["folder"] / f"{library['name']}-{library['version']}"


def _differences(library: dict[str, Any]) -> list[str]:
    """Name the files that are missing or have another checksum."""
    folder = _folder(library)
    wrong = []
    for name, entry in library["files"].items():
        path = folder / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
        if found != entry["sha256"]:
            wrong.append(f"{path.relative_to(ROOT)}: {found}")
    return wrong


def _fetch(library: dict[str, Any]) -> list[str]:
    """Copy the files of one package out of its npm archive; name those that differ."""
    package = f"{library['name']}@{library['version']}"
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["npm", "pack", "--silent", package], cwd=scratch, check=True)
        (archive,) = Path(scratch).glob("*.tgz")
        with tarfile.open(archive) as tar:
            for name, entry in library["files"].items():
                member = tar.extractfile(f"package/{entry['from']}")
                if member is None:
                    return [f"{package}: no file {entry['from']}"]
                target = _folder(library) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(member.read())
    return _differences(library)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
