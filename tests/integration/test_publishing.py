"""Files for phones are whole, named by what they hold, and never half there."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner
from support import small_city

from geodata.city import City
from geodata.errors import NotFoundError, UnavailableError, YizhanError
from stations.catalogue import Catalogue
from stations.detours import Detours, measure
from web import publishing, snapshots
from web.cli import cli
from web.places import collect

NOW = datetime(2026, 9, 21, 10, 0)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Give the tiny city."""
    return small_city.write(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def source(city: City) -> snapshots.Source:
    """Give what there is to publish."""
    with city.store() as store:
        stations, hotspots = store.stations(), store.hotspots()
    catalogue = Catalogue.from_frame(stations, network=city.network, version="1-a")
    return snapshots.Source(
        folder=city.folder,
        settings=city.settings,
        is_synthetic=True,
        catalogue=catalogue,
        places=collect(hotspots, city.areas, catalogue.stations),
        told={},
        moment=NOW,
    )


@pytest.fixture(scope="module")
def detours(source: snapshots.Source) -> Detours:
    """Give the city's detours."""
    return measure(source.catalogue, limit_s=snapshots.LIMIT_S)


def put(source: snapshots.Source, detours: Detours, out: Path) -> publishing.Published:
    """Publish."""
    with publishing.lock(out) as is_ours:
        assert is_ours
        return snapshots.write(source, out, snapshots.content_of(source, detours))


def of_day(source: snapshots.Source, days: int) -> snapshots.Source:
    """Give the same some days later."""
    return replace(source, moment=source.moment + timedelta(days=days))


def read(out: Path) -> dict[str, Any]:
    """Read the manifest."""
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))
    return found


def test_every_file_holds_the_bytes_of_its_name(
    source: snapshots.Source, detours: Detours, tmp_path: Path
) -> None:
    """Each named file has its SHA-256 and size; its first 16 digits are in the name, thrice."""
    put(source, detours, tmp_path)
    manifest = read(tmp_path)
    assert len(manifest["files"]) == sum(r[4] is not None for r in manifest["cells"]) + 2
    for path, file in manifest["files"].items():
        body = (tmp_path / path).read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        assert file == {"sha256": digest, "bytes": len(body)}
        assert f"-{digest[:16]}." in path
        if not path.endswith(".pmtiles"):
            assert gzip.decompress((tmp_path / f"{path}.gz").read_bytes()) == body
            assert brotli.decompress((tmp_path / f"{path}.br").read_bytes()) == body
    assert publishing.check(tmp_path) == []
    named = {row[4] for row in manifest["cells"]} - {None}
    assert named | {manifest["places"], manifest["tiles"]} == set(manifest["files"])


def test_the_same_data_make_the_same_files(
    source: snapshots.Source, detours: Detours, tmp_path: Path
) -> None:
    """Publishing again writes nothing new; only the manifest says when it was made."""
    put(source, detours, tmp_path)
    before = read(tmp_path)
    again = put(replace(source, moment=NOW + timedelta(minutes=5)), detours, tmp_path)
    assert (again.n_new, again.n_cleared) == (0, 0)
    after = read(tmp_path)
    assert after.pop("made_at") != before.pop("made_at")
    assert after == before


def test_files_stay_for_a_day_after_they_were_named_last(
    source: snapshots.Source, detours: Detours, tmp_path: Path
) -> None:
    """However old a file is: its day begins when a manifest stops naming it."""
    put(source, detours, tmp_path)
    first = set(read(tmp_path)["files"])
    put(of_day(source, 3), detours, tmp_path)
    old = first - set(read(tmp_path)["files"])
    assert old
    just_before = replace(source, moment=NOW + timedelta(days=4) - timedelta(seconds=1))
    put(just_before, detours, tmp_path)
    assert all((tmp_path / path).exists() for path in old)
    just_after = replace(source, moment=NOW + timedelta(days=4, seconds=1))
    assert put(just_after, detours, tmp_path).n_cleared == len(old)
    assert not any((tmp_path / f"{path}{end}").exists() for path in old for end in ("", ".br"))
    assert publishing.check(tmp_path) == []


def test_strange_files_are_left_alone(
    source: snapshots.Source, detours: Detours, tmp_path: Path
) -> None:
    """What is not ours is not cleared away, however old."""
    put(source, detours, tmp_path)
    for name in ("notes.txt", "cells/readme.md"):
        (tmp_path / name).write_text("mine", "utf-8")
        os.utime(tmp_path / name, (0, 0))
    put(of_day(source, 9), detours, tmp_path)
    assert (tmp_path / "notes.txt").exists()
    assert (tmp_path / "cells/readme.md").exists()


def killed_at(work: Any, n: int) -> bool:
    """Run something in a process that kills itself before its n-th move; tell whether it did."""
    child = os.fork()
    if child == 0:
        real, moves = publishing._put, iter(range(10**6))

        def move(path: Path, body: bytes) -> None:
            if next(moves) == n:
                path.with_name(".new-half").write_bytes(body[: len(body) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            real(path, body)

        publishing._put = move
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def forms(out: Path) -> Iterator[dict[str, Any]]:
    """Give the manifest in its three forms."""
    yield json.loads((out / "manifest.json").read_bytes())
    yield json.loads(gzip.decompress((out / "manifest.json.gz").read_bytes()))
    yield json.loads(brotli.decompress((out / "manifest.json.br").read_bytes()))


def test_who_is_killed_leaves_a_whole_snapshot(
    source: snapshots.Source, detours: Detours, tmp_path: Path
) -> None:
    """At any move: each form of the manifest names whole files, and the next run puts all right."""
    n = 0
    while True:
        out = tmp_path / str(n)
        put(source, detours, out)
        later = of_day(source, 1)
        if not killed_at(lambda out=out, later=later: put(later, detours, out), n):
            break
        for manifest in forms(out):
            for path, file in manifest["files"].items():
                body = (out / path).read_bytes()
                assert hashlib.sha256(body).hexdigest() == file["sha256"]
        assert read(out)["start"] == "2026-09-21"
        put(later, detours, out)
        assert publishing.check(out) == []
        assert read(out)["start"] == "2026-09-22"
        assert not list(out.glob("**/.new-*"))
        n += 1
    assert n >= 9


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """Who comes second is told so; a writer that is gone keeps nobody out."""
    with publishing.lock(tmp_path) as first, publishing.lock(tmp_path) as second:
        assert (first, second) == (True, False)
    with publishing.lock(tmp_path) as again:
        assert again


def test_a_damaged_file_is_found_and_written_anew(
    source: snapshots.Source, detours: Detours, tmp_path: Path
) -> None:
    """The check names each form that is wrong; publishing again mends it."""
    put(source, detours, tmp_path)
    path = next(row[4] for row in read(tmp_path)["cells"] if row[4])
    (tmp_path / path).write_bytes(b"{}")
    (tmp_path / f"{path}.br").write_bytes(b"no brotli")
    (tmp_path / f"{path}.gz").unlink()
    assert publishing.check(tmp_path) == [path, f"{path}.br", f"{path}.gz"]
    assert put(source, detours, tmp_path).n_new == 1
    assert publishing.check(tmp_path) == []


def test_a_folder_without_manifest_cannot_be_checked(tmp_path: Path) -> None:
    """There is nothing to check; that is said, and what to do."""
    with pytest.raises(NotFoundError, match="yizhan publish"):
        publishing.check(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file in the way is a sentence, not a traceback."""
    (tmp_path / "out").write_text("", "utf-8")
    with pytest.raises(UnavailableError, match="cannot be written"):
        publishing.lock(tmp_path / "out").__enter__()


def run(*words: str) -> Any:
    """Run the command."""
    return CliRunner().invoke(cli, list(words))


def test_command_writes_and_checks(city: City, tmp_path: Path) -> None:
    """The command publishes, tells what it wrote as JSON, and its check fails on a damaged file."""
    out = tmp_path / "public"
    done = run("publish", "--city", str(city.folder), "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["stations"] == 11
    assert told["files"] == len(read(out)["files"])
    assert json.loads(run("publish", "--check", str(out), "--json").stdout)["wrong"] == []
    (out / "live.json").unlink()
    damaged = run("publish", "--check", str(out))
    assert isinstance(damaged.exception, YizhanError)
    assert damaged.exception.exit_code == 5
    assert "live.json" in damaged.stdout


@pytest.mark.parametrize("words", [[], ["--out", "a", "--check", "a"]])
def test_command_wants_one_of_two(words: list[str]) -> None:
    """Writing and checking are two things; none or both is a wrong call."""
    assert run("publish", *words).exit_code == 2


def test_places_are_found_by_sound() -> None:
    """Pinyin without tones and initials, polyphones by their word, foreign letters as they are."""
    from web.phone_places import pinyin

    assert pinyin("重庆路") == ("chong qing lu", "cql")
    assert pinyin("二七广场（东）A1") == ("er qi guang chang dong a1", "eqgcda1")
    assert pinyin("Dan 安") == ("dan an", "dana")
    assert pinyin("") == ("", "")
