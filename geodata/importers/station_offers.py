"""Read what a station offers, from lists in free text and from columns of one facility each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from geodata.importers.cells import says_nothing
from geodata.importers.facility_items import Offered, joined
from geodata.importers.facility_text import offered, offered_in_column
from geodata.importers.how import Doubt, Part, ReadColumn, Reading, Texts, combined
from geodata.importers.mapping import Column, ColumnMap
from geodata.services import services
from geodata.written import offers_in

_UNKNOWN = "row {row}: {column} names {words}, which is not known and was left out"


def read_offers(columns: ColumnMap, texts: Mapping[str, Texts]) -> Part:
    """Read the facilities and programmes; what is not known is left out and told."""
    used = [*columns.of("facilities"), *columns.of("offers")]
    if not used:
        return Part({}, {})
    read = [ReadColumn.of(c.header, texts[c.header], _reader(c)) for c in used]
    which, several = combined(read)
    combinations = [joined(cells) for cells in several]
    is_said = [bool(o.keys or o.absent) for o in combinations]
    has_offers = [bool(o.offers) for o in combinations]
    rows = which.tolist()
    values = {
        "facilities": [combinations[i].keys for i in rows],
        "offers": [combinations[i].offers for i in rows],
    }
    given = {
        "facilities": np.array(is_said, bool)[which],
        "offers": np.array(has_offers, bool)[which],
    }
    return Part(values, given, tuple(read))


def _reader(column: Column) -> Callable[[str], Reading]:
    def read(text: str) -> Reading:
        ours = offers_in(text) if text and column.field == "offers" else None
        if ours is not None:
            return Reading(Offered(tuple(o.key for o in ours), ours))
        if not column.detail:
            found = Offered() if says_nothing(text) else offered(text)
        else:
            found = joined(offered_in_column(key, text) for key in column.detail.split("+"))
        details = {"words": "、".join(found.unknown)}
        doubts = (Doubt("unknown_facility", _UNKNOWN, details=details),) if found.unknown else ()
        rule = "column" if column.detail else "facilities"
        is_plain = not column.detail and _same(text, found)
        return Reading(found, "" if not found.became or is_plain else rule, found.became, doubts)

    return read


def _same(text: str, found: Offered) -> bool:
    """Tell whether a list already has our own words."""
    labels = [services()[k].zh for k in found.keys]
    return not found.offers and sorted(text.split("、")) == sorted(labels)
