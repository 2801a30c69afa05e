"""What a worker has chosen: as a question, in an address, and the ways out of an empty answer."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from support import node

BASE = {
    "mode": "walk", "minutes": 15, "open_only": True, "walk_in": False, "needs": [], "programmes": [],
}  # fmt: skip


def test_a_form_is_read_and_written_back_without_a_position(tmp_path: Path) -> None:
    """All choices of a form reach the question and the address; the place reaches only the first."""
    pairs = [
        ["mode", "ebike"], ["minutes", "30"], ["open", "1"], ["need", "toilet"], ["walk_in", "1"],
        ["need", "shower"], ["programme", "legal_aid"], ["q", "二七广场"], ["lang", "en"],
    ]  # fmt: skip
    script = """
    import { questionOf, queryOf, readChoices, wanted } from "./finder/choices.js";
    const choices = readChoices(given);
    const place = { lon_deg: 113.612345, lat_deg: 34.712345, title: "x" };
    answer({
      choices,
      question: questionOf(choices, place, { minute: 600, limit: 10 }),
      query: queryOf(choices, { lang: "en", view: null, place: null }),
      bare: queryOf(readChoices([])),
      wanted: wanted(choices),
    });
    """
    found = node.run(tmp_path, script, pairs)
    chosen = {
        **BASE, "mode": "ebike", "minutes": 30, "walk_in": True, "needs": ["toilet", "shower"],
        "programmes": ["legal_aid"],
    }  # fmt: skip
    assert found["choices"] == chosen
    place = {"lon_deg": 113.612345, "lat_deg": 34.712345}
    rest = {"minute": 600, "limit": 10, "weather": None}
    assert found["question"] == {**chosen, **place, **rest}
    assert parse_qs(found["query"]) == {
        "lang": ["en"], "mode": ["ebike"], "minutes": ["30"], "open": ["1"], "walk_in": ["1"],
        "need": ["toilet", "shower"], "programme": ["legal_aid"],
    }  # fmt: skip
    assert parse_qs(found["bare"])["open"] == ["0"]
    assert "113" not in found["query"]
    assert found["wanted"] == ["toilet", "shower", "legal_aid", "walk_in"]


def test_an_empty_answer_offers_the_smallest_change_first(tmp_path: Path) -> None:
    """The chip that emptied it, closed ones if there are any, more minutes, the e-bike, anything."""
    cases = [
        [{"emptied_by": {"chip": "toilet", "n": 3}, "n_closed": 0}, {**BASE, "needs": ["toilet"]}],
        [{"emptied_by": {"chip": "open_only", "n": 2}, "n_closed": 2}, BASE],
        [
            {"emptied_by": {"chip": "all", "n": 0}, "n_closed": 0},
            {**BASE, "needs": ["toilet", "shower"], "minutes": 30, "mode": "ebike"},
        ],
        [{"emptied_by": None, "n_closed": 0}, {**BASE, "minutes": 30, "mode": "ebike"}],
        [{"emptied_by": {"chip": "walk_in", "n": 1}, "n_closed": 0}, {**BASE, "walk_in": True}],
    ]
    script = """
    import { widened, widenings } from "./finder/choices.js";
    answer(given.map(([found, choices]) =>
      widenings(found, choices).map((way) => [way.act, way.key ?? null, widened(choices, way)])));
    """
    found = node.run(tmp_path, script, cases)
    assert [[way[0] for way in ways] for ways in found] == [
        ["drop", "minutes", "ebike"], ["closed", "minutes", "ebike"], ["anything"], [],
        ["drop", "minutes", "ebike"],
    ]  # fmt: skip
    drop, minutes, ebike = found[0]
    assert drop[1:] == ["toilet", BASE]
    assert minutes[2] == {**BASE, "needs": ["toilet"], "minutes": 30}
    assert ebike[2]["mode"] == "ebike"
    assert found[1][0][2] == {**BASE, "open_only": False}
    assert found[2][0][2] == {**BASE, "minutes": 30, "mode": "ebike"}
    assert found[4][0][2] == BASE


def test_what_was_passed_over_comes_last_in_its_order(tmp_path: Path) -> None:
    """The next best is the first that was not passed over, and nothing is lost."""
    script = """
    import { split } from "./finder/choices.js";
    const hits = ["a", "b", "c", "d"].map((id) => ({ id }));
    answer(given.map((ids) => { const parts = split(hits, new Set(ids));
      return [parts.listed.map((h) => h.id).join(""), parts.passed.map((h) => h.id).join("")]; }));
    """
    found = node.run(tmp_path, script, [[], ["a"], ["a", "c"], ["d", "a", "b", "c"], ["gone"]])
    assert found == [["abcd", ""], ["bcd", "a"], ["bd", "ac"], ["", "abcd"], ["abcd", ""]]
