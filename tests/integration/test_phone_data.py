"""What a phone asks for: nothing finer than its coarse cell; and what it takes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import node, phone_city

from web.publishing import MANIFEST

SPY = """
import { openData } from "./finder/data.js";
const asked = [];
const spy = (log) => async (url, options = {}) => {
  log.push([url.slice(given.base.length), options.cache || "", options.credentials || "", options.body || ""]);
  try {
    return new Response(readFileSync(url));
  } catch {
    return new Response("", { status: 404 });
  }
};
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish seventy stations; give the folder."""
    folder = tmp_path_factory.mktemp("published") / "snapshot"
    return phone_city.publish(folder, phone_city.catalogue(phone_city.stations()))


@pytest.fixture
def snapshot(published: Path, tmp_path: Path) -> Path:
    """Give a copy that a test may damage."""
    return Path(shutil.copytree(published, tmp_path / "snapshot"))


def _run(folder: Path, snapshot: Path, script: str, **given: object) -> Any:
    return node.run(folder, SPY + script, {"base": f"{snapshot}/", **given})


def _manifest(snapshot: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((snapshot / MANIFEST).read_text("utf-8"))
    return found


def test_all_places_of_a_coarse_cell_ask_for_exactly_the_same(
    tmp_path: Path, published: Path
) -> None:
    """Five hundred positions that have the same nearest centre: same files, same order, no body."""
    script = """
    import { coarseCell } from "./finder/data.js";
    const opened = await openData({ base: given.base, fetch: spy([]) });
    const { manifest } = opened;
    const home = coarseCell(manifest, given.home);
    const logs = new Set();
    let n = 0;
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    while (n < 500) {
      const place = { lon_deg: home[1] + (random() - 0.5) * 0.1, lat_deg: home[2] + (random() - 0.5) * 0.1 };
      if (coarseCell(manifest, place)[0] !== home[0]) continue;
      const log = [];
      const data = await openData({ base: given.base, fetch: spy(log) });
      await data.cellsFor(place, { mode: "walk" });
      await data.cellsFor(place);
      await data.places();
      logs.add(JSON.stringify(log));
      n += 1;
    }
    answer([...logs].map((log) => JSON.parse(log)));
    """
    [log] = _run(tmp_path, published, script, home={"lon_deg": 113.61, "lat_deg": 34.71})
    manifest = _manifest(published)
    assert [path for path, *_ in log[:2]] == ["manifest.json", "live.json"]
    assert {path for path, *_ in log[2:]} <= set(manifest["files"])
    assert all((credentials, body) == ("omit", "") for _, _, credentials, body in log)


def test_every_station_that_a_journey_can_reach_is_in_the_cells_that_are_loaded(
    tmp_path: Path, published: Path
) -> None:
    """From anywhere, also from the rim of a coarse cell, no station within reach is missing."""
    script = """
    const data = await openData({ base: given.base, fetch: spy([]) });
    const missing = [];
    let seed = 7;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const { manifest } = data;
    const all = manifest.cells.filter((cell) => cell[4])
      .flatMap((cell) => JSON.parse(readFileSync(given.base + cell[4], "utf-8")).stations);
    for (let k = 0; k < 300; k += 1) {
      const place = { lon_deg: 113.6 + (random() - 0.5) * 0.4, lat_deg: 34.7 + (random() - 0.5) * 0.4 };
      for (const mode of [null, "walk", "ebike"]) {
        const reach_m = mode ? manifest.limit_s * manifest.speeds_m_per_s[mode] : manifest.reach_m;
        const cells = await data.cellsFor(place, { mode });
        const loaded = new Set(cells.flatMap((cell) => cell.stations.map((s) => s.id)));
        for (const s of all) {
          const east = (s.lon_deg - place.lon_deg) * Math.cos((place.lat_deg * Math.PI) / 180) * 111320;
          const away = Math.hypot(east, (s.lat_deg - place.lat_deg) * 110950);
          if (away <= reach_m && !loaded.has(s.id)) missing.push([place, mode, s.id, away]);
        }
      }
    }
    answer(missing);
    """
    assert _run(tmp_path, published, script) == []


HEAL = """
const log = [];
let broken = given.broken;
const plain = spy(log);
const fetch = async (url, options = {}) => {
  const response = await plain(url, options);
  if (!url.includes("cells/") || broken === 0) return response;
  broken -= 1;
  const text = await response.text();
  return new Response(given.cut ? text.slice(0, text.length / 2) : text.replace("驿", "骗"));
};
try {
  const data = await openData({ base: given.base, fetch });
  const cells = await data.cellsFor({ lon_deg: 113.61, lat_deg: 34.71 });
  answer({ n: cells.length, log });
} catch (error) {
  answer({ error: error.message, log });
}
"""


@pytest.mark.parametrize("cut", [True, False])
def test_a_file_that_came_broken_is_fetched_again_past_every_cache(
    tmp_path: Path, snapshot: Path, cut: bool
) -> None:
    """Half written or altered: the sum tells, and the second request says ``reload``."""
    found = _run(tmp_path, snapshot, HEAL, broken=1, cut=cut)
    assert found["n"] == sum(1 for cell in _manifest(snapshot)["cells"] if cell[4])
    again = [path for path, cache, *_ in found["log"] if cache == "reload"]
    assert len(again) == 1


def test_a_file_that_stays_broken_is_never_used(tmp_path: Path, snapshot: Path) -> None:
    """Two wrong answers in a row are an error, not stations."""
    found = _run(tmp_path, snapshot, HEAL, broken=99, cut=False)
    assert "broken" in found["error"]


def test_without_a_network_the_cells_that_are_there_are_used_and_the_gap_is_known(
    tmp_path: Path, snapshot: Path
) -> None:
    """Some missing: the rest, said to be partial, and tried again; none there: an error."""
    script = """
    let isOnline = true;
    let allowed = 0;
    const files = spy([]);
    const fetch = async (url, options) => {
      if (url.includes("cells/") && !isOnline && allowed-- <= 0) throw new TypeError("offline");
      return files(url, options);
    };
    const place = { lon_deg: 113.61, lat_deg: 34.71 };
    const data = await openData({ base: given.base, fetch });
    isOnline = false;
    const none = await data.cellsFor(place).catch((error) => error.message);
    allowed = 1;
    const some = await data.cellsFor(place);
    isOnline = true;
    const all = await data.cellsFor(place);
    answer([none, some.length, data.isPartial(some), all.length, data.isPartial(all)]);
    """
    n = sum(1 for cell in _manifest(snapshot)["cells"] if cell[4])
    assert n > 1
    assert _run(tmp_path, snapshot, script) == ["offline", 1, True, n, False]


def test_cells_of_an_older_manifest_lead_to_the_new_one(tmp_path: Path, snapshot: Path) -> None:
    """A file that is gone means that the stations were published again: read what is there now."""
    script = """
    const log = [];
    const files = spy(log);
    let isOld = true;
    const fetch = async (url, options) => {
      const response = await files(url, options);
      if (!url.endsWith("manifest.json") || !isOld) return response;
      isOld = false;
      const old = await response.json();
      old.version = "old";
      for (const cell of old.cells) if (cell[4]) cell[4] = cell[4].replace(/-.*/, "-0000000000000000.json");
      return new Response(JSON.stringify(old));
    };
    const data = await openData({ base: given.base, fetch });
    const place = { lon_deg: 113.61, lat_deg: 34.71 };
    const cells = await data.cellsFor(place);
    answer({ n: cells.length, version: data.manifest.version, same: cells === (await data.cellsFor(place)), log });
    """
    found = _run(tmp_path, snapshot, script)
    assert found["n"] > 0
    assert found["version"] == "1"
    assert [path for path, *_ in found["log"]].count("manifest.json") == 2


def test_the_same_cells_are_the_same_list_and_are_fetched_once(
    tmp_path: Path, published: Path
) -> None:
    """Searching again asks for nothing."""
    script = """
    const log = [];
    const data = await openData({ base: given.base, fetch: spy(log) });
    const place = { lon_deg: 113.61, lat_deg: 34.71 };
    const [one, other] = await Promise.all([data.cellsFor(place), data.cellsFor(place)]);
    const n = log.length;
    const third = await data.cellsFor({ lon_deg: 113.612, lat_deg: 34.711 });
    answer([one === other && other === third, log.length - n]);
    """
    assert _run(tmp_path, published, script) == [True, 0]


def test_what_people_say_is_old_after_ten_minutes_and_may_be_missing(
    tmp_path: Path, snapshot: Path
) -> None:
    """A live file that cannot be read leaves the posted hours; its age counts in the city's time."""
    live = {"made_at": "2026-09-14T10:00:00+08:00", "weather": None, "stations": {}}
    (snapshot / "live.json").write_text(json.dumps(live), "utf-8")
    script = """
    const data = await openData({ base: given.base, fetch: spy([]) });
    const at = (iso) => Date.parse(iso);
    const ages = ["2026-09-14T10:09:59+08:00", "2026-09-14T10:10:01+08:00"].map((iso) => data.isStale(at(iso)));
    const over = ["2026-09-27T23:59:59+08:00", "2026-09-28T00:00:00+08:00"].map((iso) => data.isOver(at(iso)));
    const none = await openData({
      base: given.base,
      fetch: async (url, options) => (url.endsWith("live.json") ? new Response("{", { status: 200 }) : spy([])(url, options)),
    });
    answer({ ages, over, none: [none.live, none.isStale(0), (await none.cellsFor({ lon_deg: 113.61, lat_deg: 34.71 })).length > 0] });
    """
    found = _run(tmp_path, snapshot, script)
    assert found == {"ages": [False, True], "over": [False, True], "none": [None, True, True]}
