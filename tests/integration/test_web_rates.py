"""What writes or costs much has a limit for each network, and nobody's address is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from support import small_app

from geodata.errors import UnavailableError
from web import rates
from web.rates import LIMITS, Limit, Rates

HERE = {"lon_deg": 113.6128, "lat_deg": 34.7128}
MACHINE, ELSEWHERE = "198.51.100.7", "198.51.100.8"
COSTLY = {
    "api.near", "api.stations", "finder.home", "national.home",
    "api.coverage", "api.suggestions",
    "planner.home", "planner.map_before", "planner.map_after", "planner.download",
}  # fmt: skip
"""GET routes whose work grows with what is asked."""


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Say the time."""
        return self.now_s


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """Give the application of the tiny city."""
    return small_app.make(tmp_path_factory.mktemp("rates") / "city")


@pytest.fixture
def app(made: APIFlask) -> Iterator[APIFlask]:
    """Give the application with nothing counted, and leave its limits as they were."""
    held = made.extensions["yizhan_rates"]
    before = held.limits, held._clock
    held._windows = {}
    yield made
    held.limits, held._clock = before


def test_every_route_that_writes_or_costs_much_has_its_limit(app: APIFlask) -> None:
    """All methods but GET are limited, so are the costly GETs, and no limit is without a route."""
    rules = list(app.url_map.iter_rules())
    writing = {r.endpoint for r in rules if r.methods - {"GET", "HEAD", "OPTIONS"}}
    assert writing == {"reports.report", "api.near_here"}
    assert set(LIMITS) == writing | COSTLY
    assert set(LIMITS) <= {r.endpoint for r in rules}


def _limited(app: APIFlask, limit: Limit, clock: Clock) -> Rates:
    """Hold all limited routes of an app to one limit."""
    held = app.extensions["yizhan_rates"]
    held.limits = dict.fromkeys(LIMITS, limit)
    held._clock = clock
    return held


def test_the_request_after_the_last_is_refused_and_says_when(app: APIFlask) -> None:
    """Three are answered, the fourth is not, another network is; a minute later all is well."""
    clock = Clock()
    _limited(app, Limit(most=3), clock)
    client = app.test_client()

    def ask(address: str) -> int:
        sent = {"json": HERE, "environ_base": {"REMOTE_ADDR": address}}
        return client.post("/api/v1/stations/near", **sent).status_code

    assert [ask(MACHINE) for _ in range(4)] == [200, 200, 200, 429]
    assert ask(ELSEWHERE) == 200
    refused = client.get(
        "/api/v1/stations/near", query_string=HERE, environ_base={"REMOTE_ADDR": MACHINE}
    )
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert refused.get_json()["error"]["details"]["retry_after_s"] == 60
    page = client.get("/?place=hotspot:h1", environ_base={"REMOTE_ADDR": MACHINE})
    assert page.status_code == 429
    assert page.mimetype == "text/html"
    assert client.get("/healthz", environ_base={"REMOTE_ADDR": MACHINE}).status_code == 200
    clock.now_s += 59.9
    assert ask(MACHINE) == 429
    clock.now_s += 0.2
    assert ask(MACHINE) == 200


def test_plans_are_limited_by_the_work_they_make() -> None:
    """Seconds of work count, not requests; when they are used up the next one waits."""
    clock = Clock()
    held, limit = Rates(clock=clock), Limit(most=10, window_s=100, is_work=True)
    for _ in range(50):
        held.take(limit, MACHINE)
    held.spend(limit, MACHINE, 9.9)
    held.take(limit, MACHINE)
    held.spend(limit, MACHINE, 0.1)
    with pytest.raises(UnavailableError) as refused:
        held.take(limit, MACHINE)
    assert refused.value.status == 429
    held.take(limit, ELSEWHERE)
    clock.now_s += 100
    held.take(limit, MACHINE)


def test_work_for_a_plan_is_counted(app: APIFlask) -> None:
    """What a page of the planner cost is on the count of who asked, and only there."""
    held = app.extensions["yizhan_rates"]
    assert app.test_client().get("/planner?minutes=5").status_code == 200
    assert app.test_client().get("/").status_code == 200
    (spent,) = held._windows[rates.PLAN].used.values()
    assert spent > 0


def test_no_address_is_kept_beyond_its_window_or_logged(
    app: APIFlask, caplog: pytest.LogCaptureFixture
) -> None:
    """The counts hold no address, and the next request of anybody throws old ones away."""
    caplog.set_level(logging.DEBUG)
    clock = Clock()
    held = _limited(app, Limit(most=1), clock)
    client = app.test_client()
    for _ in range(3):
        client.get("/", environ_base={"REMOTE_ADDR": MACHINE})
    kept = repr({limit: vars(window) for limit, window in held._windows.items()})
    assert held._windows
    assert MACHINE not in kept
    assert MACHINE not in caplog.text
    clock.now_s += 60
    client.get("/healthz")
    assert held._windows == {}


@pytest.mark.parametrize(
    ("peer", "said", "expected"),
    [
        ("8.7.6.5", "", "8.7.6.5"),
        ("8.7.6.5", "198.51.100.7", "8.7.6.5"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("", "", "None"),
    ],
)
def test_who_asks(app: APIFlask, peer: str, said: str, expected: str) -> None:
    """A proxy next to us is believed, a stranger is not; one IPv6 network is one sender."""
    headers = {"X-Forwarded-For": said} if said else {}
    with app.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": peer}):
        assert rates.sender() == expected


def test_many_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the most that are counted the one that asked longest ago is forgotten."""
    monkeypatch.setattr(rates, "_ADDRESSES_COUNTED", 10)
    held, limit = Rates(clock=Clock()), Limit(most=1)
    for k in range(100):
        held.take(limit, f"address {k}")
    assert len(held._windows[limit].used) == 10
