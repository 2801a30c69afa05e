"""Vendored browser libraries."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES: list[dict[str, Any]] = tomllib.loads((ROOT / "web" / "vendor.toml").read_text("utf-8"))[
    "library"
]


def _folder(library: dict[str, Any]) -> Path:
    return ROOT / library["folder"] / f"{library['name']}-{library['version']}"


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: str(library["name"]))
def test_files_are_what_the_manifest_says(library: dict[str, Any]) -> None:
    """Each file has the checksum of the manifest, and each library brings its licence."""
    found = {
        name: hashlib.sha256((_folder(library) / name).read_bytes()).hexdigest()
        for name in library["files"]
    }
    assert found == {name: entry["sha256"] for name, entry in library["files"].items()}
    assert any(name.upper().startswith("LICEN") for name in library["files"])
    assert library["licence"]
    assert "AGPL" not in library["licence"]


def test_nothing_is_there_that_the_manifest_does_not_name() -> None:
    """A file under static/vendor is in the manifest, or is the readme."""
    named = {_folder(one) / name for one in LIBRARIES for name in one["files"]}
    there = {p for p in (ROOT / "web" / "static" / "vendor").rglob("*") if p.is_file()}
    assert there - named == {ROOT / "web" / "static" / "vendor" / "README.md"}


def test_our_own_pages_name_no_outside_host() -> None:
    """Outside addresses: tile services that configuration chooses, and links a worker taps."""
    ours = [
        p
        for folder in ("templates", "static")
        for p in (ROOT / "web" / folder).rglob("*")
        if p.suffix in (".html", ".js", ".css") and "vendor" not in p.parts
    ]
    loading = {p.name for p in ours if "https://" in p.read_text("utf-8")}
    assert len(ours) > 10
    assert loading == {"basemap.js", "links.js"}
