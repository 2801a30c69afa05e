"""What the phone keeps and says, in Node: favourites, waiting reports, whether it is near, sharing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import small_city

SCRIPTS = Path(__file__).resolve().parents[3] / "web" / "static" / "finder"

_STORAGE = """
class Storage { constructor(full = false) { this.map = new Map(); this.full = full; }
  getItem(k) { return this.map.has(k) ? this.map.get(k) : null; }
  setItem(k, v) { if (this.full) throw new Error("full"); this.map.set(k, v); } }
const storage = new Storage();
const station = (id, more = {}) => ({ id, name: "站 " + id, lon_deg: 113.6, lat_deg: 34.7, phone: "1", ...more });
"""


def _run(code: str, *modules: str) -> Any:
    """Run statements that leave ``out``, with the modules under their names."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    imports = "".join(
        f'import * as {name} from "{(SCRIPTS / f"{name}.js").as_uri()}";\n' for name in modules
    )
    program = f"{imports}{_STORAGE}let out;\n{code}\nconsole.log(JSON.stringify(out));"
    done = subprocess.run(
        ["node", "--no-warnings", "--input-type=module", "-e", program],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_favourites_are_kept_newest_first_and_once() -> None:
    """Added, asked for, removed; the same station twice is one."""
    out = _run(
        """
        const { add, has, list, remove } = favourites;
        out = [add(station("a"), storage), add(station("b"), storage), add(station("a"), storage),
               list(storage).map((s) => s.id), has("b", storage)];
        remove("b", storage);
        out.push(list(storage).map((s) => s.id), has("b", storage));
        """,
        "favourites",
    )
    assert out == [True, True, True, ["a", "b"], True, ["a"], False]


def test_favourites_of_a_damaged_or_full_phone() -> None:
    """Garbage in the storage is an empty list; a full one says that nothing was kept."""
    out = _run(
        """
        const { add, list } = favourites;
        out = ["{", "[1, null, {}]", "{}", '[{"id": "x", "name": 5}]'].map((text) => {
          storage.map.set("yizhan.favourites", text);
          return list(storage);
        });
        out.push(add(station("a"), new Storage(true)));
        out.push(["lon_deg", "lat_deg", "id", "name"].map((k) => add(station("a", { [k]: undefined }), new Storage())));
        """,
        "favourites",
    )
    assert out == [[], [], [], [], False, [False] * 4]


def test_favourites_travel_in_a_file() -> None:
    """What one phone exports another takes in, once; other files are refused and change nothing."""
    out = _run(
        """
        const { add, exported, imported, list } = favourites;
        add(station("a", { secret: 1 }), storage); add(station("b"), storage);
        const file = exported(storage);
        const other = new Storage(); add(station("b"), other);
        out = { n: imported(file, other), again: imported(file, other), ids: list(other).map((s) => s.id),
                keys: Object.keys(JSON.parse(file).stations[0]).sort(),
                refused: ["", "{", "[]", "{}", '{"format": "x", "stations": []}'].map((t) => imported(t, other)),
                after: list(other).length };
        """,
        "favourites",
    )
    assert (out["n"], out["again"], out["ids"]) == (1, 0, ["b", "a"])
    assert out["keys"] == [
        "address", "code", "id", "is_synthetic", "lat_deg", "lon_deg", "name", "phone",
    ]  # fmt: skip
    assert out["refused"] == [None] * 5
    assert out["after"] == 2


def test_a_waiting_report_says_how_long_ago_it_was_in_tens_of_minutes() -> None:
    """9:59 minutes are none, ten are ten, a day is the most, a clock set back is none."""
    out = _run(
        """
        const min = 60000;
        out = [0, 9.99, 10, 19.9, 20, 1439, 1440, 1449.9, 1450, -5].map((m) => outbox.minutesAgo(0, m * min));
        """,
        "outbox",
    )
    assert out == [0, 0, 10, 10, 20, 1430, 1440, 1440, None, 0]


def test_what_is_sent_is_what_the_server_reads_and_nothing_more() -> None:
    """The names are those of the API; no position, no moment, no id of the phone."""
    out = _run(
        """
        const report = { stationId: "s", kind: "broken", about: "toilet", nearness: "near",
                         saidAt_ms: 0, notBefore_ms: 5, lon_deg: 1, lat_deg: 2 };
        const how = { now_ms: 25 * 60000, token: "t".repeat(16), lang: "zh" };
        out = [outbox.bodyOf(report, how), outbox.bodyOf({ kind: "open", saidAt_ms: 25 * 60000 }, how)];
        """,
        "outbox",
    )
    assert out[0] == {
        "kind": "broken", "about": "toilet", "nearness": "near", "minutes_ago": 20,
        "token": "t" * 16, "lang": "zh",
    }  # fmt: skip
    assert out[1] == {"kind": "open", "nearness": "unknown", "token": "t" * 16, "lang": "zh"}


def test_a_phone_draws_its_token_once() -> None:
    """32 hexadecimal digits, kept; a damaged one is drawn anew; a phone that keeps nothing too."""
    out = _run(
        """
        const full = new Storage(true);
        const one = outbox.token(storage);
        out = [one, outbox.token(storage), outbox.token(new Storage()), outbox.token(full), outbox.token(full)];
        storage.map.set("yizhan.token", "<script>");
        out.push(outbox.token(storage));
        """,
        "outbox",
    )
    assert out[0] == out[1]
    assert out[3] == out[4]
    assert len({out[0], out[2], out[3], out[5]}) == 4
    assert all(len(token) == 32 and int(token, 16) >= 0 for token in out)


def test_reports_are_sent_in_order_and_kept_until_they_are(tmp_path: Path) -> None:
    """201 and refusals leave, a dead network or a broken server keeps, and too old ones are dropped."""
    out = _run(
        """
        Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
        globalThis.localStorage = storage;
        const { flush, queue, waiting, amend, take } = outbox;
        const hour = 3600000;
        const now = () => 30 * hour;
        await queue({ stationId: "old/one", kind: "open", saidAt_ms: 0 });
        await queue({ stationId: "a/b 1", kind: "open", saidAt_ms: 29 * hour });
        const key = await queue({ stationId: "c", kind: "open", saidAt_ms: 29 * hour });
        await amend(key, { nearness: "near" });
        await queue({ stationId: "later", kind: "open", saidAt_ms: 29 * hour, notBefore_ms: 31 * hour });
        const back = await queue({ stationId: "taken back", kind: "open", saidAt_ms: 29 * hour });
        await take(back);
        const asked = [];
        const answers = (...codes) => async (url, options) => {
          const status = codes.shift();
          if (!status) throw new TypeError("no network");
          asked.push([url, JSON.parse(options.body).nearness, options.credentials]);
          return { status, json: async () => ({ trust: { p: 1 } }) };
        };
        const outcomes = async (...codes) => (await flush({ fetch: answers(...codes), now })).map((d) => [d.report.stationId, d.outcome]);
        out = [await outcomes(0), (await waiting()).length, await outcomes(500), await outcomes(429, 201), await outcomes(),
               (await waiting()).map(([, r]) => r.stationId), asked];
        """,
        "outbox",
    )
    assert out[0] == [["old/one", "late"], ["a/b 1", "kept"]]
    assert out[1] == 3
    assert out[2] == [["a/b 1", "kept"]]
    assert out[3] == [["a/b 1", "often"], ["c", "sent"]]
    assert out[4] == []
    assert out[5] == ["later"]
    assert [a[0] for a in out[6]] == ["/api/v1/stations/a/b%201/reports"] * 2 + [
        "/api/v1/stations/c/reports"
    ]
    assert out[6][-1][1:] == ["near", "omit"]


def test_near_is_150_metres_and_a_blurred_fix_is_no_witness() -> None:
    """Metres of latitude, taken from the ellipsoid in Python, on both sides of the bound."""
    lon_deg, lat_deg = small_city.position(6, 6.2)

    def north(metres: float, accuracy_m: float) -> dict[str, float]:
        step = metres / 110_929  # metres of a degree of latitude at 34.7° on WGS 84
        return {"lon_deg": lon_deg, "lat_deg": lat_deg + step, "accuracy_m": accuracy_m}

    cases = [
        (north(0, 10), "near"), (north(148, 20), "near"), (north(153, 1), "far"),
        (north(149, 151), "unknown"), (north(160, 50), "unknown"), (north(500, 300), "far"),
        (north(0, 3000), "unknown"), (north(90_000, 3000), "far"), (None, "unknown"),
    ]  # fmt: skip
    fixes = json.dumps([fix for fix, _ in cases])
    here = json.dumps({"lon_deg": lon_deg, "lat_deg": lat_deg})
    out = _run(f"out = {fixes}.map((fix) => report.nearness({here}, fix));", "report")
    assert out == [expected for _, expected in cases]


def test_what_can_break_is_a_thing() -> None:
    """Of the facilities of a station: no hours, no programmes, nothing digital."""
    out = _run(
        """
        const manifest = { services: ["toilet", "legal_aid", "open_24h", "wifi", "app"], service_classes: ["B", "P", "A", "X", "D"] };
        out = [report.kitOf(["toilet", "legal_aid", "open_24h", "wifi", "app", "new"], manifest), report.kitOf(["toilet", "open_24h"], null)];
        """,
        "report",
    )
    assert out == [["toilet", "wifi"], ["toilet"]]


def test_a_shared_address_holds_the_station_alone() -> None:
    """By its code where it has one; ids are escaped; nothing of the reader's page is in it."""
    out = _run(
        """
        globalThis.location = { origin: "https://example.org", search: "?place=me", hash: "#x" };
        const device = (more) => ({ clipboard: { writeText: async (t) => { out.push(t); } }, ...more });
        out = [share.shareAddress({ id: "a/b?c#d", code: "" }), share.shareAddress({ id: "x", code: "4101-7" })];
        const one = { id: "x", name: "n" };
        out.push(await share.share(one, { device: device({}) }));
        out.push(await share.share(one, { device: device({ share: async (what) => { out.push(what); } }) }));
        out.push(await share.share(one, { device: device({ share: async () => { throw Object.assign(new Error(), { name: "AbortError" }); } }) }));
        out.push(await share.share(one, { device: {} }));
        """,
        "share",
    )
    page = "https://example.org/stations/x"
    assert out == [
        "https://example.org/stations/a/b%3Fc%23d", "https://example.org/s/4101-7", page, "copied",
        {"title": "n", "url": page}, "shared", "dismissed", "shown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "1 min"), (59, "59 min"), (60, "1 hours"), (47 * 60, "47 hours"), (48 * 60, "2 days")],
)
def test_the_offline_line_says_how_old_the_data_are(minutes: int, said: str) -> None:
    """In minutes, then hours, then days with a warning."""
    text = _run(f"out = offline.offlineText(1000, 1000 + {minutes} * 60000);", "offline")
    assert said in text
    assert ("may have changed" in text) is (minutes >= 48 * 60)
