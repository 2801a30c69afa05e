"""How often a phone may report, and what of it is kept: a hash that is good for one station only.

The limit for a phone at a station, and for a station, comes from the stored reports, inside the
transaction that adds one: two requests at a time cannot both slip through. How much a phone says in
a day over all stations cannot come from there, as the stored hashes of a phone at two stations have
nothing in common; it is counted in memory under a key that is thrown away with the day. Each server
process counts for itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from threading import Lock

from geodata.errors import UnavailableError
from geodata.reports import MOMENT_STEP, Report

SAME_AGAIN = timedelta(hours=1)
"""A phone may say something about the same thing at a station again after this (PlugSense: 1 h)."""
STATION_AN_HOUR = 30
PHONE_A_DAY = 20
LATEST = timedelta(hours=24)
"""A report that waited on the phone for a network is taken for so long. All that is said in so long
is two bursts at most (`stations.assumptions`): it can raise no doubt about a station by itself."""
TOO_MANY = 429
_PHONES_COUNTED = 100_000


def device(secret: str, station_id: str, token: str) -> str:
    """Give the hash of a phone at a station (HMAC-SHA-256, 128 bits of it, hexadecimal)."""
    return _keyed(secret.encode(), f"report\0{station_id}\0{token}")[:32]


def refuse_again(report: Report, lately: Sequence[Report]) -> None:
    """Refuse a report that comes too soon after others about the station.

    A phone speaks once in `SAME_AGAIN` of the door, once of the crowd, and once of each thing that
    is broken. A report that waited on the phone keeps this distance to those before and after it.

    Parameters
    ----------
    lately
        Reports about the station from `SAME_AGAIN` before the report until now.

    Raises
    ------
    UnavailableError
        With status 429 and ``retry_after_s``.
    """
    since = report.moment - SAME_AGAIN
    recent = [r for r in lately if abs(r.moment - report.moment) < SAME_AGAIN]
    same = [r for r in recent if (r.device, r.topic) == (report.device, report.topic)]
    if same:
        again = UnavailableError(
            "you have reported this within the hour already; thank you, once is enough"
        )
        raise not_before(again, same[-1].moment - since)
    if len(recent) >= STATION_AN_HOUR:
        full = UnavailableError(
            "so many reports came about this station within the hour that no more are taken; "
            "the union sees them"
        )
        raise not_before(full, recent[0].moment - since)


class DayCount:
    """How many reports each phone has sent today; forgotten at midnight and with the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._day = date.min
        self._asked_on = date.min
        self._key = b""
        self._sent: OrderedDict[str, int] = OrderedDict()

    def take(self, token: str, now: datetime) -> None:
        """Count one more report of a phone.

        Raises
        ------
        UnavailableError
            With status 429, when it has sent `PHONE_A_DAY` today.
        """
        with self._lock:
            phone = self._phone(token, now.date())
            if self._sent.get(phone, 0) >= PHONE_A_DAY:
                midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
                enough = UnavailableError(
                    "this phone has reported {n} times today; thank you, that is enough",
                    n=PHONE_A_DAY,
                )
                raise not_before(enough, midnight - now)
            self._sent[phone] = self._sent.get(phone, 0) + 1
            self._sent.move_to_end(phone)
            if len(self._sent) > _PHONES_COUNTED:
                self._sent.popitem(last=False)

    def is_new_day(self, now: datetime) -> bool:
        """Tell whether this is asked for the first time today."""
        with self._lock:
            is_new = self._asked_on != now.date()
            self._asked_on = now.date()
            return is_new

    def give_back(self, token: str, now: datetime) -> None:
        """Take a report back that was not kept."""
        with self._lock:
            phone = self._phone(token, now.date())
            if self._sent.get(phone, 0) > 0:
                self._sent[phone] -= 1

    def _phone(self, token: str, today: date) -> str:
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
            self._sent.clear()
        return _keyed(self._key, token)


def not_before(error: UnavailableError, wait: timedelta) -> UnavailableError:
    """Make an error say: too many requests, come again after a while."""
    error.details["retry_after_s"] = int(max(wait, MOMENT_STEP).total_seconds())
    error.status = TOO_MANY
    return error


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
