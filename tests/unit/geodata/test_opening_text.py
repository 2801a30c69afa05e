"""Free Chinese hours become opening_hours as a whole, or are not understood."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import opening_hours
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geodata.importers.opening_text import to_hours_and_staff, to_opening_hours

UNDERSTOOD = {
    "": "",
    "  ": "",
    "24小时": "24/7",
    "24小时开放": "24/7",
    "全天开放": "24/7",
    "00:00-24:00": "24/7",
    "周一至周五24小时": "Mo-Fr 00:00-24:00",
    "周一至周五 09:00-17:00": "Mo-Fr 09:00-17:00",
    "周一至周五８：００－１８：００": "Mo-Fr 08:00-18:00",
    "星期一到星期天 06:00～22:00": "Mo-Su 06:00-22:00",
    "08:00-12:00,14:00-16:00": "08:00-12:00,14:00-16:00",
    "周一到周五，上午8:30-12:00 下午2:00-5:30": "Mo-Fr 08:30-12:00,14:00-17:30",
    "上午9:00-12:00；下午14:00-17:00": "09:00-12:00,14:00-17:00",
    "周一至周五 9:00-12:00；周一至周五 14:00-17:00": "Mo-Fr 09:00-12:00,14:00-17:00",
    "周一、三、五 9:00-11:00": "Mo,We,Fr 09:00-11:00",
    "周六日10:00-16:00": "Sa-Su 10:00-16:00",
    "周五-周一 9:00-10:00": "Fr-Mo 09:00-10:00",
    "每天8点-22点": "Mo-Su 08:00-22:00",
    "早八点到晚六点": "08:00-18:00",
    "9点半-17点": "09:30-17:00",
    "中午12点-1点半": "12:00-13:30",
    "晚上8点-12点": "20:00-24:00",
    "08:00-00:00": "08:00-24:00",
    "22:00-次日6:00": "22:00-06:00",
    "22:00-06:00": "22:00-06:00",
    "工作日开放": "Mo-Fr unknown",
    "工作日9:00-17:00": "Mo-Fr 09:00-17:00; PH off",
    "周一至周五 9:00-17:00；周末及节假日休息": "Mo-Fr 09:00-17:00; Sa-Su,PH off",
    "8:00~20:00（节假日除外）": "08:00-20:00; PH off",
    "全年无休 8:00-20:00": "08:00-20:00",
    "营业时间：08:30～18:30": "08:30-18:30",
    "8:00-18:00(周一至周五)": "Mo-Fr 08:00-18:00",
    "夏季(5月-9月)8:00-19:00；冬季（10月至次年4月）9:00-17:00": (
        "May-Sep 08:00-19:00; Oct-Apr 09:00-17:00"
    ),
    "周一至周五 9:00-17:00,周五 18:00-20:00": "Mo-Th 09:00-17:00; Fr 09:00-17:00,18:00-20:00",
    "每天 8:00-12:00；周六日 14:00-18:00": ("Mo-Fr 08:00-12:00; Sa-Su 08:00-12:00,14:00-18:00"),
    "工作日 9:00-12:00；工作日 14:00-18:00": "Mo-Fr 09:00-12:00,14:00-18:00; PH off",
    "周一休息；每天 9:00-17:00": "Mo-Su 09:00-17:00; Mo off",
    "节假日 9:00-12:00；周一至周五 9:00-17:00": "Mo-Fr 09:00-17:00; PH 09:00-12:00",
    "每天 8:00-12:00；节假日 14:00-18:00": "Mo-Su 08:00-12:00; PH 08:00-12:00,14:00-18:00",
    "周五 22:00-次日6:00；周六 10:00-12:00": "Fr 22:00-06:00, Sa 10:00-12:00",
    "周一至周五 22:00-次日6:00；周末休息": "Mo-Fr 22:00-06:00",
    "Mo-Fr 09:00-17:00; Sa 10:00-12:00": "Mo-Fr 09:00-17:00; Sa 10:00-12:00",
    "24h": "24/7",
    "7×24小时": "24/7",
    "365天24小时营业": "24/7",
    "24小时无人值守": "24/7",
    "早8点到晚10点": "08:00-22:00",
    "早6:30-晚9:30": "06:30-21:30",
    "8:00-18:00（12:00-14:00午休）": "08:00-12:00,14:00-18:00",
    "周一至周五 8:30-17:30（午休12:00-13:30），周六 9:00-12:00": (
        "Mo-Fr 08:30-12:00,13:30-17:30; Sa 09:00-12:00"
    ),
    "8:00-12:00，14:00-18:00（12:00-14:00午休）": "08:00-12:00,14:00-18:00",
    "夏季（5-9月）8:00-20:00；冬季（10-4月）9:00-17:00": (
        "May-Sep 08:00-20:00; Oct-Apr 09:00-17:00"
    ),
    "夏季(5.1-9.30) 8:00-20:00 冬季(10.1-4.30) 9:00-18:00": (
        "May 01-Sep 30 08:00-20:00; Oct 01-Apr 30 09:00-18:00"
    ),
    "6月1日-9月30日 8:00-20:00；10月1日至次年5月31日 8:00-18:00": (
        "Jun 01-Sep 30 08:00-20:00; Oct 01-May 31 08:00-18:00"
    ),
    "1月15日 9:00-17:00": "Jan 15 09:00-17:00",
    "周一至周五每天8:00-18:00": "Mo-Fr 08:00-18:00",
    "全年工作日8:30-17:30": "Mo-Fr 08:30-17:30; PH off",
    "每天 8:00-20:00，节假日照常": "Mo-Su 08:00-20:00",
    "周一至周日（含节假日）8:00-20:00": "Mo-Su 08:00-20:00",
    "8:30-17:30（周末、节假日休息）": "08:30-17:30; Sa-Su,PH off",
    "上午8:00—12:00/下午2:30—6:00": "08:00-12:00,14:30-18:00",
    "周一至周五(法定节假日除外) 8:30-12:00，14:00-17:30": ("Mo-Fr 08:30-12:00,14:00-17:30; PH off"),
    "每天（周一闭馆）9:00-17:00": "Mo-Su 09:00-17:00; Mo off",
    "13:30-次日5:30": "13:30-05:30",
    "14:00-2:00": "14:00-02:00",
    "24H开放": "24/7",
}

NOT_UNDERSTOOD = (
    "暂停开放", "请提前联系", "8：30", "休息", "夏季 8:00-19:00", "8:00-9:60", "10:00-26:00",
    "8:00-8:00", "13月 8:00-9:00", "Permanently Closed", "<script>alert(1)</script>",
    "周一休息，其余时间9:00-17:00", "周一至周五 9:00-17:00 周六", "Mo-Fr 9 to 5", "8点后",
    "8:00-12:00 周一至周五 14:00-18:00", "每天 8:00-20:00；周六 9:00-12:00",
    "工作日 9:00-12:00；每天 14:00-16:00", "周五至周日休息，周一至周五9:00-17:00",
    "周末休息；周六 9:00-12:00", "每天 22:00-6:00；周一休息", "周一至周五 9:00-17:00 周五",
    "周一至周五 9:00-17:00；7月-8月 周一至周五 18:00-20:00",
    "周五 22:00-6:00；周六 9:00-12:00；节假日 9:00-10:00", "8:30-12:00,2:30-6:00",
    "工作日9:00-17:00，节假日正常开放", "夏季8:00-18:00 周一至周五", "5.1-9.30", "8.30-17.30",
    "8:00-12:00（12:00-14:00午休）", "8:00-18:00（18:00-19:00午休）", "2月30日 9:00-17:00",
    "工作日 8:00-18:00；周末 9:00-17:00（12:00-13:00午休）",
    "5月1日-10月1日 8:00-20:00；10月1日-5月1日 9:00-17:00",
    "上午8:30-11:30；下午14:30-17:30（夏季15:00-18:00）", "6:00-22:00（冬季6:30-21:30）",
    "8:00-12:00；15:00-18:30（夏）14:30-18:00（冬）", "每天8:00-18:00；每天9:00-17:00",
    "每天（法定节假日除外）", "周一至周五（节假日休息）", "周日休息", "法定节假日休息",
    "8:30-12:00，14:30-6:00", "13:30-5:30", "0:00-0:00",
)  # fmt: skip


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_common_texts_are_understood(text: str) -> None:
    """Each way in which offices write hours has exactly one meaning."""
    assert to_opening_hours(text) == UNDERSTOOD[text]


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_clear_is_not_guessed(text: str) -> None:
    """A text with one part that is not understood gives no hours at all."""
    assert to_opening_hours(text) is None


def test_afternoon_hours_without_the_word_are_not_taken_for_a_night() -> None:
    """8:00-5:30 means half past five in the afternoon; a span over 16 h is left to a person."""
    assert to_opening_hours("8:00-5:30") is None
    assert to_opening_hours("16:00-8:00") == "16:00-08:00"
    assert to_opening_hours("16:00-8:01") is None


@given(st.lists(st.integers(0, 24 * 4), min_size=4, max_size=4, unique=True).map(sorted))
def test_a_noon_break_is_taken_out(quarters: list[int]) -> None:
    """Open are exactly the minutes of the span that are not in the break, in either order."""
    opens, away, back, closes = (f"{q // 4}:{q % 4 * 15:02d}" for q in quarters)
    for text in (
        f"{opens}-{closes}（{away}-{back}午休）",
        f"{opens}至{closes}，午休时间{away}至{back}",
    ):
        hours = to_opening_hours(text)
        if hours is None:  # a span over 16 h is left to a person, 0:00-24:00 apart
            assert quarters[3] - quarters[0] > 16 * 4 or quarters[3] == 96
            continue
        read = opening_hours.OpeningHours(hours)
        for q in range(24 * 4):
            expected = quarters[0] <= q < quarters[1] or quarters[2] <= q < quarters[3]
            assert read.is_open(FIRST_MONDAY + timedelta(minutes=15 * q)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24小时开放（8:00-18:00有人值守）", ("24/7", "08:00-18:00")),
        ("6:00-22:00，工作人员在岗9:00-17:00", ("06:00-22:00", "09:00-17:00")),
        ("6:00-22:00", ("06:00-22:00", "")),
        ("有人值守", None),
        ("6:00-22:00（看情况9点有人值守）", None),
        ("", ("", "")),
    ],
)
def test_hours_with_staff_are_told_apart(text: str, expected: tuple[str, str] | None) -> None:
    """The door may be open when nobody is there; when one of them is unclear, both are."""
    assert to_hours_and_staff(text) == expected


@given(st.text())
@example("周")
@example("-")
@example("周一-")
def test_any_text_gives_valid_hours_or_none(text: str) -> None:
    """Whatever a cell holds, the result is empty, None, or hours that the parser accepts."""
    hours = to_opening_hours(text)
    assert not hours or opening_hours.validate(hours)


CLOCKS = st.integers(0, 24 * 60 - 1)
FIRST_MONDAY = datetime(2026, 9, 14)


@given(
    first=st.integers(0, 6),
    last=st.integers(0, 6),
    start_min=CLOCKS,
    length_min=st.integers(1, 16 * 60),
    minute=st.integers(0, 7 * 24 * 60 - 1),
)
def test_the_translation_is_open_when_the_text_says_so(
    first: int, last: int, start_min: int, length_min: int, minute: int
) -> None:
    """At any minute of a week the state is that of the days and times as a person reads them."""
    days = [d % 7 for d in range(first, first + (last - first) % 7 + 1)]
    end_min = (start_min + length_min) % (24 * 60)
    text = (
        f"周{'一二三四五六日'[first]}至周{'一二三四五六日'[last]} "
        f"{start_min // 60}:{start_min % 60:02d}—{end_min // 60}点{end_min % 60:02d}分"
    )
    hours = to_opening_hours(text)
    is_unfilled = start_min == end_min == 0
    if is_unfilled or (end_min < start_min < min(16 * 60, end_min + 12 * 60) and end_min):
        assert hours is None  # 13:30-5:30 is more likely 17:30 than half past five in the morning
        return
    assert hours is not None
    opened = any(
        (minute - (day * 24 * 60 + start_min)) % (7 * 24 * 60) < length_min for day in days
    )
    moment = FIRST_MONDAY + timedelta(minutes=minute)
    assert opening_hours.OpeningHours(hours).is_open(moment) == opened


SPANS_MIN = st.tuples(st.integers(0, 24 * 4 - 1), st.integers(1, 16 * 4)).map(
    lambda pair: (pair[0] * 15, (pair[0] + pair[1]) * 15)
)
PARTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), SPANS_MIN), min_size=1, max_size=4)
WEEK_MIN = 7 * 24 * 60


def days_between(first: int, last: int) -> set[int]:
    return {d % 7 for d in range(first, first + (last - first) % 7 + 1)}


def is_clear(parts: list[tuple[int, int, tuple[int, int]]]) -> bool:
    """No two parts have times in common on a day on which both begin."""
    return not any(
        days_between(*a[:2]) & days_between(*b[:2]) and a[2][0] < b[2][1] and b[2][0] < a[2][1]
        for i, a in enumerate(parts)
        for b in parts[:i]
    )


@given(parts=PARTS)
@example(parts=[(0, 4, (540, 1020)), (4, 4, (1080, 1200))])
@example(parts=[(0, 6, (480, 720)), (5, 6, (840, 1080))])
@example(parts=[(4, 4, (1320, 1800)), (5, 5, (600, 720))])
def test_parts_that_share_days_add_up(parts: list[tuple[int, int, tuple[int, int]]]) -> None:
    """What is open is the union of the parts; only parts with common times may be given up."""
    text = "；".join(
        f"周{'一二三四五六日'[first]}至周{'一二三四五六日'[last]} "
        f"{start // 60}:{start % 60:02d}-{'次日' if end > 1440 else ''}"
        f"{(end - 1440 if end > 1440 else end) // 60}:{end % 60:02d}"
        for first, last, (start, end) in parts
    )
    hours = to_opening_hours(text)
    if hours is None:
        assert not is_clear(parts)
        return
    opened = {
        (day * 1440 + minute) % WEEK_MIN
        for first, last, (start, end) in parts
        for day in days_between(first, last)
        for minute in range(start, end, 15)
    }
    read = opening_hours.OpeningHours(hours)
    for minute in range(0, WEEK_MIN, 15):
        assert read.is_open(FIRST_MONDAY + timedelta(minutes=minute)) == (minute in opened)


def test_all_hours_of_the_real_file_are_understood(shared_data: Path) -> None:
    """The 22 texts of Zhengzhou are understood, and keep their digits."""
    path = shared_data / "stations" / "zhengzhou_stations_raw.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [row["开放时间"] for row in csv.DictReader(file) if row["开放时间"]]
    assert len(texts) == 22
    for text in texts:
        hours = to_opening_hours(text)
        assert hours
        digits = "".join(c for c in text if c.isdigit())
        expected = {"24": "247", "": ""}.get(digits, digits)
        assert "".join(c for c in hours if c.isdigit()) == expected
