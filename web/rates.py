"""How much one address may ask of what writes or costs much.

Phones search by themselves, so nobody needs much of this; the limits keep one program from taking
the server away from everybody else. They are wide, because in mobile networks thousands of people
share an address. Counts live in memory, under a hash whose key is thrown away with the window; no
address is stored longer or written to a log. Each server process counts for itself.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from flask import Flask, Response, after_this_request, g, request

from geodata.errors import UnavailableError
from web.report_limits import TOO_MANY

_ADDRESSES_COUNTED = 100_000
_V6_NETWORK = 64  # one subscriber has at least this much


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one address may ask in `window_s` seconds.

    Attributes
    ----------
    most
        Requests, or seconds of work.
    is_work
        True when seconds of work are counted instead of requests.
    """

    most: float
    window_s: float = 60.0
    is_work: bool = False


SEARCH = Limit(most=1200)
WRITE = Limit(most=1200)
PLAN = Limit(most=300, window_s=600.0, is_work=True)
"""Half of the time of one processor; plans take turns anyway (`web.plans`)."""

LIMITS: Mapping[str, Limit] = {
    "api.near": SEARCH,
    "api.near_here": SEARCH,
    "finder.home": SEARCH,
    "national.home": SEARCH,
    "api.stations": SEARCH,
    "reports.report": WRITE,
    "api.coverage": PLAN,
    "api.suggestions": PLAN,
    "planner.home": PLAN,
    "planner.map_before": PLAN,
    "planner.map_after": PLAN,
    "planner.download": PLAN,
}
"""Every route that writes or costs much, by endpoint; routes that share a limit share its count."""


class Rates:
    """What each address has asked in the running window of each limit."""

    def __init__(
        self, limits: Mapping[str, Limit] = LIMITS, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = Lock()
        self._windows: dict[Limit, _Window] = {}

    def take(self, limit: Limit, address: str) -> None:
        """Count a request of an address, or look whether it may have more work done.

        Raises
        ------
        UnavailableError
            With status 429 and ``retry_after_s``, when it has had all of it.
        """
        with self._lock:
            window = self._window(limit)
            key = window.key_of(address)
            if window.used.get(key, 0.0) >= limit.most:
                left_s = math.ceil(window.start_s + limit.window_s - self._clock())
                often = UnavailableError(
                    "too much was asked from your network in a short time; try again in "
                    "{retry_after_s} seconds",
                    retry_after_s=left_s,
                )
                often.status = TOO_MANY
                raise often
            if not limit.is_work:
                window.add(key, 1.0)

    def spend(self, limit: Limit, address: str, seconds: float) -> None:
        """Count work that was done for an address."""
        with self._lock:
            window = self._window(limit)
            window.add(window.key_of(address), seconds)

    def forget(self) -> None:
        """Throw away the counts of windows that have ended."""
        with self._lock:
            now_s = self._clock()
            self._windows = {
                limit: window
                for limit, window in self._windows.items()
                if now_s < window.start_s + limit.window_s
            }

    def _window(self, limit: Limit) -> _Window:
        now_s = self._clock()
        window = self._windows.get(limit)
        if window is None or now_s >= window.start_s + limit.window_s:
            window = self._windows[limit] = _Window(now_s)
        return window


class _Window:
    def __init__(self, start_s: float) -> None:
        self.start_s = start_s
        self.used: OrderedDict[bytes, float] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def key_of(self, address: str) -> bytes:
        return hmac.digest(self._key, address.encode(), "sha256")[:16]

    def add(self, key: bytes, amount: float) -> None:
        self.used[key] = self.used.get(key, 0.0) + amount
        self.used.move_to_end(key)
        if len(self.used) > _ADDRESSES_COUNTED:
            self.used.popitem(last=False)


def install(app: Flask, *, rates: Rates | None = None) -> None:
    """Hold the app's routes to their limits."""
    held = rates or Rates()
    app.extensions["yizhan_rates"] = held

    def start() -> None:
        held.forget()
        limit = held.limits.get(request.endpoint or "")
        if limit is None:
            return
        g.rate_started_s = monotonic()
        try:
            held.take(limit, sender())
        except UnavailableError as error:
            g.pop("rate_started_s")
            wait_s = str(error.details["retry_after_s"])
            after_this_request(lambda response: _with_retry(response, wait_s))
            raise

    def end(response: Response) -> Response:
        limit = held.limits.get(request.endpoint or "")
        started_s = g.pop("rate_started_s", None)
        if limit is not None and limit.is_work and started_s is not None:
            worked_s = monotonic() - started_s - g.get("waited_s", 0.0)
            held.spend(limit, sender(), max(0.0, worked_s))
        return response

    app.before_request(start)
    app.after_request(end)


def sender() -> str:
    """Give the network that a request came from: an address, of IPv6 the /64 that it is in.

    A proxy on this machine or in its private network says for whom it asks; what any other sender
    says of itself is not believed.
    """
    peer = _address(request.remote_addr or "")
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if peer is not None and (peer.is_loopback or peer.is_private):
        peer = _address(said) or peer
    if isinstance(peer, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((peer, _V6_NETWORK), strict=False))
    return str(peer)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _with_retry(response: Response, wait_s: str) -> Response:
    response.headers["Retry-After"] = wait_s
    return response
