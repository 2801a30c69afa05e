"""Recorded facts as words that a worker reads, in their language; pure functions."""

from __future__ import annotations

import math
from datetime import datetime, time, timedelta

from geodata.hours import State
from geodata.records import Station
from geodata.services import services
from stations.availability import Availability
from stations.doors import Door, door_of
from stations.finder import Near, NearRequest
from stations.needs import COMMON_NEEDS, WALK_IN
from web.i18n import translator

FOR_WORKERS = ("B", "X", "A")
"""Classes of facilities that a worker comes for: base, extended, access and mobility."""

_SOON = timedelta(minutes=30)
_DAY = timedelta(days=1)
_MOST_NAMED = 8


def minutes_up(travel_s: float) -> int:
    """Give whole minutes, rounded up: nobody is late by trusting them."""
    return max(1, math.ceil(round(travel_s / 60, 6)))


def minutes_words(travel_s: float, language: str) -> str:
    """Give a journey's time, rounded up."""
    _ = translator(language)
    return _("{minutes} min").format(minutes=minutes_up(travel_s))


def metres_words(distance_m: float, language: str) -> str:
    """Give a distance: to 10 m below a kilometre, else to 100 m."""
    _ = translator(language)
    if distance_m < 995:
        return _("{metres} m").format(metres=max(10, round(distance_m / 10) * 10))
    return _("{km} km").format(km=f"{distance_m / 1000:.1f}")


def count_words(n: int, language: str) -> str:
    """Say how many stations were found."""
    _ = translator(language)
    return _("Stations found: {n}").format(n=n)


def left_out_words(n: int, language: str) -> str:
    """Say how many stations are in reach but closed on arrival."""
    _ = translator(language)
    return _("Closed when you arrive, not listed: {n}").format(n=n)


def reason_words(near: Near, request: NearRequest, language: str) -> str:
    """Say why nothing was found and what to change; empty when something was."""
    _ = translator(language)
    minutes = f"{request.limit_s / 60:g}"
    if near.reason == "off_network":
        return _("This place is too far from any street of the city. Choose another place.")
    if near.reason == "nothing_in_reach":
        return _("There is no station within {minutes} minutes. Allow more time.").format(
            minutes=minutes
        )
    if near.reason == "needs_unmet":
        counts = _("; ").join(
            f"{_asked_words(need, language)} {n}" for need, n in near.needs_counts.items()
        )
        return _(
            "No station within {minutes} minutes has all you ask for. Stations that have each: "
            "{counts}. Ask for less or allow more time."
        ).format(minutes=minutes, counts=counts)
    if near.reason == "none_open":
        return _(
            "No station within {minutes} minutes is surely open when you arrive. Show all stations "
            "or allow more time."
        ).format(minutes=minutes)
    return ""


def _asked_words(need: str, language: str) -> str:
    return entry_words(need, language) if need == WALK_IN else service_name(need, language)


def when(moment: datetime, *, seen_from: datetime, language: str) -> str:
    """Give a moment as a worker says it: ``22:00``, ``tomorrow 08:30``, ``Monday 08:30``.

    Parameters
    ----------
    moment, seen_from
        Naive datetimes in the city's own time; midnight at the end of a day is ``24:00``.
    language
        ``zh`` or ``en``.
    """
    _ = translator(language)
    days = (moment.date() - seen_from.date()).days
    clock = moment.strftime("%H:%M")
    if days == 1 and moment.time() == time():
        return "24:00"
    if days <= 0:
        return clock
    if days == 1:
        return _("tomorrow {time}").format(time=clock)
    if days < 7:
        return _("{weekday} {time}").format(
            weekday=weekdays(language)[moment.weekday()], time=clock
        )
    return _("{month}/{day} {time}").format(month=moment.month, day=moment.day, time=clock)


def weekdays(language: str) -> tuple[str, ...]:
    """Give the names of the days, Monday first."""
    _ = translator(language)
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )  # fmt: skip


def state_word(state: State, language: str) -> str:
    """Give the state in one or two words."""
    _ = translator(language)
    return {
        State.OPEN: _("Open"),
        State.CLOSED: _("Closed"),
        State.UNKNOWN: _("Not sure"),
    }[state]


def state_on_arrival(
    on_arrival: Availability,
    now: Availability,
    *,
    arrival: datetime,
    moment: datetime,
    language: str,
) -> str:
    """Say what a worker who sets out now will find at the door, and which holiday decides.

    Parameters
    ----------
    on_arrival, now
        State of the door at `arrival` and at `moment`.
    arrival, moment
        Naive datetimes in the city's own time.
    language
        ``zh`` or ``en``.
    """
    if on_arrival.state is State.UNKNOWN:
        found = _unknown(on_arrival, language)
    elif on_arrival.state is State.CLOSED:
        found = _closed(on_arrival, now, moment, language)
    else:
        found = _open(on_arrival, now, arrival, moment, language)
    _ = translator(language)
    for reason in _because(on_arrival, language):
        found = _("{state} ({reason})").format(state=found, reason=reason)
    return found


def _because(availability: Availability, language: str) -> list[str]:
    """Name the holiday that decides, and say when its calendar is a guess."""
    _ = translator(language)
    found = []
    if availability.day is not None and availability.state is not State.UNKNOWN:
        worked = _("a day worked for {holiday}")
        said = worked if availability.day.is_worked else _("day off: {holiday}")
        found.append(said.format(holiday=holiday_name(availability, language)))
    if availability.is_predicted:
        found.append(_("the calendar of that year is not announced yet"))
    return found


def holiday_name(availability: Availability, language: str) -> str:
    """Name the holiday that the answer speaks of; empty when it speaks of none."""
    if availability.day is None:
        return ""
    return availability.day.name_zh if language == "zh" else availability.day.name_en


def _open(
    on_arrival: Availability,
    now: Availability,
    arrival: datetime,
    moment: datetime,
    language: str,
) -> str:
    _ = translator(language)
    if on_arrival.until is None:
        return _("Open around the clock")
    end = when(on_arrival.until, seen_from=moment, language=language)
    if on_arrival.until - arrival <= _SOON:
        left = int((on_arrival.until - arrival).total_seconds() // 60)
        return _("Open until {time}: {minutes} min left when you arrive").format(
            time=end, minutes=left
        )
    if now.state is State.OPEN:
        return _("Open now, until {time}").format(time=end)
    return _("Open when you arrive, until {time}").format(time=end)


def state_words(availability: Availability, moment: datetime, language: str) -> str:
    """Say in what state the door is at a moment, and until when."""
    return state_on_arrival(
        availability, availability, arrival=moment, moment=moment, language=language
    )


def _closed(on_arrival: Availability, now: Availability, moment: datetime, language: str) -> str:
    _ = translator(language)
    kept_closed = {
        "planned": _("Planned, not open yet"),
        "building": _("Being built, not open yet"),
        "suspended": _("Out of service for now"),
        "moved": _("Moved away"),
        "revoked": _("No longer a station"),
        "never_opens": _("Does not open in the next four weeks"),
    }
    if on_arrival.why in kept_closed:
        return kept_closed[on_arrival.why]
    for_now = on_arrival.why == "temporarily_closed"
    reason = _("Closed for now: {reason}").format(reason=on_arrival.note)
    if on_arrival.next_open is None:
        return reason if for_now and on_arrival.note else _("Closed")
    time_ = when(on_arrival.next_open, seen_from=moment, language=language)
    if on_arrival.why == "no_staff":
        return _("The door is open, but nobody is there to let you in until {time}").format(
            time=time_
        )
    if for_now and on_arrival.note:
        return _("{state}, opens {time}").format(state=reason, time=time_)
    if now.state is State.OPEN:
        return _("Closed when you arrive, opens {time}").format(time=time_)
    return _("Closed, opens {time}").format(time=time_)


def _unknown(availability: Availability, language: str) -> str:
    _ = translator(language)
    if availability.why == "no_hours":
        return _("Not sure: no opening hours on record")
    if availability.why == "doubted":
        return _("Not sure: several people found it shut in its hours")
    if availability.why == "public_holiday_not_stated":
        return _("Not sure: {holiday}, and its hours are not on record").format(
            holiday=holiday_name(availability, language)
        )
    if availability.why == "moved_working_day_unclear":
        return _("Not sure: a weekend day that is worked for {holiday}").format(
            holiday=holiday_name(availability, language)
        )
    if availability.why == "school_holidays_unknown":
        return _("Not sure: other hours in school holidays")
    return _("Not sure: the recorded hours are not definite")


def entry_words(entry: str, language: str) -> str:
    """Say how the door opens."""
    _ = translator(language)
    return {
        "walk_in": _("Walk straight in"),
        "ask_staff": _("Ask the staff"),
        "qr": _("Scan the code at the door"),
        "id_card": _("ID card at the door"),
        "app": _("Needs an app"),
        "phone": _("Call first"),
        "unknown": _("How to get in is not on record"),
    }[entry]


def kind_words(kind: str, language: str) -> str:
    """Name the kind of a station."""
    _ = translator(language)
    return {
        "co_built": _("In a partner's premises"),
        "self_built": _("Run by the union"),
        "smart_24h": _("Self-service, 24 hours"),
        "flagship": _("Flagship station"),
        "mobile": _("Mobile station"),
    }[kind]


def group_words(group: str, language: str) -> str:
    """Name a group of outdoor workers; a name that is not ours stays as it is."""
    _ = translator(language)
    known = {
        "rider": _("Food riders"),
        "courier": _("Couriers"),
        "cleaner": _("Street cleaners"),
        "driver": _("Drivers"),
        "all": _("All outdoor workers"),
    }
    return known.get(group, group)


def mode_words(mode: str, language: str) -> str:
    """Name a way to travel."""
    _ = translator(language)
    return {"walk": _("On foot"), "ebike": _("By e-bike")}[mode]


def service_name(key: str, language: str) -> str:
    """Give the label of a facility; a key that is not in the taxonomy stays as it is."""
    service = services().get(key)
    if service is None:
        return key
    return service.zh if language == "zh" else translator(language)(service.en)


def offer_words(facilities: tuple[str, ...], language: str) -> list[str]:
    """Name what a worker comes for, the most asked for first, and count the rest."""
    _ = translator(language)
    order = [*COMMON_NEEDS, *(k for k, s in services().items() if s.kind in FOR_WORKERS)]
    first = [key for key in dict.fromkeys(order) if key in facilities][:_MOST_NAMED]
    names = [service_name(key, language) for key in first]
    rest = len(facilities) - len(first)
    return [*names, _("{n} more").format(n=rest)] if rest else names


def checked_words(verified_on: str, language: str) -> str:
    """Say when somebody last checked on the spot."""
    _ = translator(language)
    if not verified_on:
        return _("Never checked on the spot")
    return _("Checked on {date}").format(date=verified_on)


def confirmed_words(n_today: int, verified_on: str, language: str) -> str:
    """Say how many people were inside today; when nobody was, who checked last."""
    _ = translator(language)
    if n_today:
        return _("Confirmed today by {n}").format(n=n_today)
    return checked_words(verified_on, language)


def week_of(station: Station, moment: datetime) -> list[tuple[datetime, str]]:
    """Give the opening times of the seven days from the Monday of a moment's week, as they are.

    Parameters
    ----------
    station
        Its hours are valid ``opening_hours`` text, or empty.
    moment
        Naive datetime in the city's own time.

    Returns
    -------
    list
        Midnight of each day, and its stretches as ``08:30–12:00, 14:00–18:00``; unsure stretches
        end in ``?``; empty text on a day without any.
    """
    midnight = datetime.combine(moment.date(), time())
    monday = midnight - timedelta(days=midnight.weekday())
    if not station.hours:
        return []
    door = door_of(station)
    return [(monday + k * _DAY, _stretches(door, monday + k * _DAY)) for k in range(7)]


def _stretches(door: Door, day: datetime) -> str:
    parts = [p for p in door.intervals(day, day + _DAY) if p.state is not State.CLOSED]
    return ", ".join(
        f"{p.start:%H:%M}–{'24:00' if p.end == day + _DAY else format(p.end, '%H:%M')}"
        f"{'?' if p.state is State.UNKNOWN else ''}"
        for p in parts
    )
