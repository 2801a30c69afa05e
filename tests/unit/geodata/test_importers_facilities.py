"""Lists of facilities say what is there, what is broken and what is not, or are not understood."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.importers import words
from geodata.importers.facility_items import Offered, joined
from geodata.importers.facility_text import offered, offered_in_column
from geodata.records import Offer
from geodata.services import services

ONE = {"微波炉": "microwave", "空调": "air_conditioning", "饮水机": "drinking_water", "冰箱": "fridge",
       "WiFi": "wifi", "无线网": "wifi", "卫生间": "toilet", "无障碍通道": "step_free_access",
       "药箱": "first_aid_kit", "躺椅": "recliner", "除颤仪": "aed", "雨伞": "rain_gear"}  # fmt: skip
SAYS = {
    "{}": "", "免费{}": "", "{}1台": "", "有{}": "", "{}（正常）": "", "{}：有": "", "{}√": "",
    "{}（坏）": "broken", "{}坏了": "broken", "{}(已报修)": "broken", "{}维修中": "broken",
    "{}（停用）": "suspended", "{}暂停使用": "suspended",
    "无{}": "absent", "没有{}": "absent", "暂无{}": "absent", "{}：无": "absent", "{}（无）": "absent",
    "{}×": "absent", "未配备{}": "absent",
}  # fmt: skip

ITEM = st.tuples(st.sampled_from(sorted(ONE)), st.sampled_from(sorted(SAYS)))
LIST = st.lists(ITEM, min_size=1, max_size=6, unique_by=lambda item: ONE[item[0]])


@given(items=LIST, between=st.sampled_from(["、", "，", ";", "\n", "。"]))
def test_lists_mean_what_their_items_say(items: Sequence[tuple[str, str]], between: str) -> None:
    """Each item is there, broken, not in use or absent, whatever stands beside it."""
    text = between.join(says.format(word) for word, says in items)
    found = offered(text)
    is_denied_first = items[0][1] in ("无{}", "没有{}", "暂无{}", "未配备{}")
    if is_denied_first and items[1:] and all(s in ("{}", "免费{}") for _, s in items[1:]):
        return  # 无甲、乙、丙: nobody knows how far the 无 reaches
    state = {ONE[word]: SAYS[says] for word, says in items}
    assert found.unknown == ()
    assert set(found.keys) == {key for key, s in state.items() if s != "absent"}
    assert set(found.absent) == {key for key, s in state.items() if s == "absent"}
    told = {o.key: o.state for o in found.offers if o.state != "working"}
    assert told == {key: s for key, s in state.items() if s in ("broken", "suspended")}


@given(st.lists(st.sampled_from(sorted(ONE)), min_size=1, max_size=5, unique=True))
def test_words_may_stand_together(names: list[str]) -> None:
    """Blanks, slashes or nothing between known words are enough to tell them apart."""
    expected = tuple(sorted({ONE[n] for n in names}))
    for between in (" ", "/"):
        assert offered(between.join(names)).keys == expected
    if sum(name.isascii() for name in names) < 2:  # WiFiAED is a word of its own
        assert offered("".join(names)).keys == expected


@given(st.text())
def test_any_text_gives_known_facilities(text: str) -> None:
    """Whatever a cell holds, keys are those of the taxonomy and offers are about them."""
    found = offered(text)
    assert set(found.keys) | set(found.absent) <= set(services())
    assert {o.key for o in found.offers} <= set(found.keys)
    offered_in_column("microwave", text)


@given(
    st.sampled_from(sorted(ONE)),
    st.text(alphabet="搬走丢失借出甲乙丙租用欠费", min_size=2, max_size=6),
)
def test_words_that_nobody_knows_make_an_item_unknown(word: str, rest: str) -> None:
    """饮水机已搬走 is no water: the rest may be what matters."""
    text = f"{word}已{rest}"
    assert offered(text) == Offered(unknown=(text,))
    assert offered(f"{text}、雨衣").keys == ("rain_gear",)


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("爱心早餐 5:00-7:00", (Offer(key="free_breakfast", hours="05:00-07:00"),)),
        ("爱心早餐5:00-7:00，11:00-13:00", (Offer(key="free_breakfast", hours="05:00-07:00,11:00-13:00"),)),
        ("爱心早餐：周一、周三 6:00-8:00", (Offer(key="free_breakfast", hours="Mo,We 06:00-08:00"),)),
        ("5:00-7:00爱心早餐", (Offer(key="free_breakfast", hours="05:00-07:00"),)),
        ("免费体检（1月15日 9:00-17:00）", (Offer(key="health_check", hours="Jan 15 09:00-17:00"),)),
        ("义剪每月20日", (Offer(key="haircut", note="每月20日"),)),
        ("爱心早餐 5:00-7:00，看情况延长9点", (Offer(key="free_breakfast", note=""),)),
        ("空调，8:00-20:00", ()),
        ("2台微波炉", (Offer(key="microwave", note="2台"),)),
        ("微波炉×2", (Offer(key="microwave", note="2个"),)),
    ],
)  # fmt: skip
def test_programmes_and_numbers(text: str, offers: tuple[Offer, ...]) -> None:
    """Hours belong to the programme they stand behind; half-understood hours are none."""
    found = offered(text)
    assert found.offers == tuple(o for o in offers if o != Offer(key=o.key))
    assert {o.key for o in offers} <= set(found.keys)


@pytest.mark.parametrize(
    "text", ["空调、微波炉（均已损坏）", "空调和风扇（坏）", "无卫生间、淋浴", "无卫生间淋浴"]
)
def test_remarks_on_several_things_are_left_to_a_person(text: str) -> None:
    """Of a remark that may be about one thing or about all nobody knows which."""
    found = offered(text)
    assert found.keys == found.absent == ()
    assert found.unknown


def test_joining_lists_keeps_what_is_known() -> None:
    """Broken wins over silence; what one column has and another denies is not known."""
    broken = Offered(("fan",), (Offer(key="fan", state="broken"),))
    assert joined([Offered(("fan",)), broken]) == joined([broken, Offered(("fan",))]) == broken
    contradiction = joined([Offered(("fan",)), Offered(absent=("fan",))])
    assert (contradiction.keys, contradiction.absent) == ((), ())
    assert contradiction.unknown == (services()["fan"].zh,)


def test_every_word_of_the_list_is_understood() -> None:
    """No word of ours is torn apart by another one, alone or with brackets and a number."""
    known = words.facility_words()
    for word in words.facility_spellings():
        keys = tuple(sorted(known[words.plain(word)]))
        for text in (word, f"免费{word}", f"{word}（2台）") if "," not in word else (word,):
            assert offered(text).keys == keys, text
