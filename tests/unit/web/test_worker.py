"""What the service worker keeps, and that it looks at nothing that holds a position or writes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import small_app

from web.routes import pwa

WORKER = Path(pwa.__file__).parents[1] / "static" / "finder" / "worker.js"
_HASH = "0123456789abcdef"

_STUBS = """
const SHELL = { version: "v", files: { "/static/app.css": "x" }, pages: ["/", "/favourites"] };
const self = { addEventListener() {}, location: { origin: "https://example.org" } };
"""


def _run(code: str) -> Any:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    program = (
        f"{_STUBS}{WORKER.read_text('utf-8')}\nlet out;\n{code}\nconsole.log(JSON.stringify(out));"
    )
    done = subprocess.run(
        ["node", "--no-warnings", "-e", f"(async () => {{{program}}})()"],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def _ways(requests: list[dict[str, Any]]) -> list[str]:
    """Give the name of what answers each request; empty when the worker leaves it alone."""
    return list(
        _run(
            f"""
            const asked = {json.dumps(requests)};
            out = asked.map(({{ url, method = "GET", mode = "cors", range }}) => {{
              const way = wayOf({{ url: new URL(url, "https://example.org").href, method, mode,
                                   headers: new Headers(range ? {{ range }} : {{}}) }});
              return way ? way.name : "";
            }});
            """
        )
    )


def test_what_is_kept_is_known_by_its_path() -> None:
    """Pages, the app's files, snapshot files, words, parts of the two maps."""
    asked = [
        {"url": "/", "mode": "navigate"},
        {"url": "/?lang=en", "mode": "navigate"},
        {"url": "/favourites", "mode": "navigate"},
        {"url": "/stations/a/b", "mode": "navigate"},
        {"url": "/static/app.css"},
        {"url": "/snapshot/manifest.json"},
        {"url": "/snapshot/live.json"},
        {"url": f"/snapshot/cells/8631-{_HASH}.json"},
        {"url": f"/snapshot/places-{_HASH}.json"},
        {"url": f"/snapshot-words/zh-{_HASH}.json"},
        {"url": "/basemap.pmtiles", "range": "bytes=0-9"},
        {"url": f"/snapshot/stations-{_HASH}.pmtiles", "range": "bytes=0-9"},
    ]
    assert (
        _ways(asked)
        == ["page"] * 4 + ["shell"] + ["newest"] * 2 + ["unchanging"] * 3 + ["part"] * 2
    )


def test_nothing_else_is_even_looked_at() -> None:
    """Writes, the API, other hosts, whatever carries parameters, other pages, whole map files."""
    asked = [
        {"url": "/api/v1/stations/near", "method": "POST"},
        {"url": "/api/v1/stations/near?lon_deg=113.6&lat_deg=34.7"},
        {"url": "/api/v1/stations/s01/reports", "method": "POST"},
        {"url": "/api/v1/stations"},
        {"url": "/snapshot/manifest.json?lon_deg=113.6"},
        {"url": f"/snapshot/cells/8631-{_HASH}.json?at=113.6"},
        {"url": "/static/app.css?x=1"},
        {"url": "/static/planner.js"},
        {"url": "/planner", "mode": "navigate"},
        {"url": "/stations/s01/qr.svg"},
        {"url": "/stations/s01/qr.svg", "mode": "navigate"},
        {"url": "/stations/s01"},
        {"url": "/healthz"},
        {"url": "/metrics"},
        {"url": "/basemap.pmtiles"},
        {"url": "https://evil.example/static/app.css"},
        {"url": "/", "method": "HEAD"},
        {"url": "/sw.js"},
    ]
    assert _ways(asked) == [""] * len(asked)


def test_a_page_is_kept_without_what_was_asked_on_it() -> None:
    """By path and language alone; the place, the needs and the view are in no key."""
    out = _run(
        """
        const key = (path) => pageKey(new URL(path, "https://example.org"));
        out = ["/?place=hotspot:h1&need=toilet&lang=en", "/?view=large", "/stations/s%201?lang=zh&x=1", "/?lang=%22%3E"].map(key);
        """
    )
    assert out == ["/?lang=en", "/", "/stations/s%201?lang=zh", "/?lang=%22%3E"]


def test_the_list_of_the_shell_is_what_the_server_gives(tmp_path: Path) -> None:
    """Each file is there with the SHA-256 of the bytes that its address answers with."""
    client = small_app.make(tmp_path / "city").test_client()
    body = client.get("/sw.js").text
    head, rest = body.split(";\n", 1)
    shell = json.loads(head.removeprefix("const SHELL = "))
    assert rest == WORKER.read_text("utf-8")
    assert {"/static/app.css", "/static/finder/report.js", "/static/map.js"} <= set(shell["files"])
    assert "/static/finder/worker.js" not in shell["files"]
    for path, sha in shell["files"].items():
        with client.get(path) as answer:
            assert answer.status_code == 200
            assert hashlib.sha256(answer.data).hexdigest() == sha
    for path in shell["pages"]:
        assert client.get(path).headers[pwa.SHELL_HEADER] == shell["version"]


def test_a_changed_file_makes_another_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of any file of the shell, or of the worker itself, changes ``/sw.js``."""
    static = tmp_path / "static"
    shutil.copytree(WORKER.parents[1], static)
    monkeypatch.setattr(pwa, "_STATIC", static)
    monkeypatch.setattr(pwa, "_WORKER", static / "finder" / "worker.js")
    client = small_app.make(tmp_path / "city").test_client()
    seen = [client.get("/sw.js").data]
    for name in ("app.css", "finder/report.js", "finder/worker.js"):
        path = static / name
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        seen.append(client.get("/sw.js").data)
    assert len(set(seen)) == 4
    assert client.get("/sw.js").data == seen[-1]


def test_the_card_of_the_app(tmp_path: Path) -> None:
    """In the reader's language, with icons that exist in the sizes they claim, one of them maskable."""
    client = small_app.make(tmp_path / "city").test_client()
    card = client.get("/manifest.webmanifest").get_json(force=True)
    assert (card["lang"], card["scope"], card["start_url"]) == ("zh-CN", "/", "/")
    assert card["display"] == "standalone"
    assert "示例市" in card["name"]
    english = client.get("/manifest.webmanifest?lang=en").get_json(force=True)
    assert (english["lang"], english["start_url"], english["id"]) == ("en", "/?lang=en", card["id"])
    assert {icon["purpose"] for icon in card["icons"]} == {"any", "maskable"}
    for icon in card["icons"]:
        with client.get(icon["src"]) as answer:
            picture = answer.data
        size = tuple(int.from_bytes(picture[k : k + 4], "big") for k in (16, 20))
        assert picture.startswith(b"\x89PNG")
        assert f"{size[0]}x{size[1]}" == icon["sizes"]
    page = client.get("/").text
    assert 'rel="manifest"' in page
