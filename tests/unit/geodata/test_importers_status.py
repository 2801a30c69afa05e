"""What offices say about the state of a station becomes a state, closed days, or a question."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.importers.status_text import Standing, closure_in, standing_of
from geodata.records import STATION_STATUSES, Closure

TODAY = date(2026, 9, 1)
DAYS = st.dates(date(2026, 9, 2), date(2035, 12, 31))
WRITTEN = st.sampled_from(
    ["{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d}", "{0:%Y.%m.%d}", "{0:%Y/%m/%d}"]
)


@given(first=DAYS, days=st.integers(0, 400), a=WRITTEN, b=WRITTEN, to=st.sampled_from("至到-~"))
def test_closed_days_between_two_dates(first: date, days: int, a: str, b: str, to: str) -> None:
    """Both days count, however they are written."""
    last = first + timedelta(days=days)
    text = f"因装修{a.format(first)}{to}{b.format(last)}暂停开放"
    expected = Closure(first_day=first.isoformat(), last_day=last.isoformat(), reason="装修")
    assert standing_of(text, today=TODAY) == Standing(closures=(expected,))


@given(last=DAYS, written=WRITTEN)
def test_closed_until_a_day(last: date, written: str) -> None:
    """Without a beginning it begins on the day of the import; reopening ends it the day before."""
    text = written.format(last)
    until = closure_in(f"装修至{text}", today=TODAY)
    assert until == Closure(first_day="2026-09-01", last_day=last.isoformat(), reason="装修")
    back = closure_in(f"装修，预计{text}恢复开放", today=TODAY)
    before = (last - timedelta(days=1)).isoformat()
    assert back == Closure(first_day="2026-09-01", last_day=before, reason="装修")


@given(st.text())
def test_any_text_is_a_state_or_a_question(text: str) -> None:
    """Whatever a cell holds, a state is one of ours and closed days are days."""
    found = standing_of(text, today=TODAY)
    assert found is None or found.status in ("", *STATION_STATUSES)


@given(st.text(alphabet="不未暂拟将即待停关撤装修封闭维搬拆", min_size=1, max_size=3))
def test_open_is_never_half_understood(word: str) -> None:
    """A word beside 开放 that may mean the opposite never leaves the station open."""
    for text in (f"{word}开放", f"开放{word}", f"正常开放（{word}）"):
        found = standing_of(text, today=TODAY)
        assert found is None or found.status != "open"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("因装修，暂停开放", Standing("suspended", "因装修，暂停开放")),
        ("已搬迁至建设路1号", Standing("moved", "已搬迁至建设路1号")),
        ("2026年3月1日起暂停", Standing("suspended", since="2026-03-01")),
        ("2026年12月1日起暂停", Standing(closures=(Closure(first_day="2026-12-01", reason="2026年12月1日起暂停"),))),
        ("2026年10月1日-7日闭馆", Standing(closures=(Closure(first_day="2026-10-01", last_day="2026-10-07", reason="闭馆"),))),
        ("装修至2025年10月31日", None),
        ("施工至2026年2月30日", None),
        ("撤销或搬迁", None),
        ("2026年5月撤销", None),
        ("暂停(未通电)", None),
    ],
)  # fmt: skip
def test_reasons_and_dates(text: str, expected: Standing | None) -> None:
    """A reason is kept; days that are over or do not exist, and two states at once, are asked."""
    assert standing_of(text, today=TODAY) == expected
