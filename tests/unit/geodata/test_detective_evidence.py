"""How likely places are, given what a city knows of a row."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.inquiry import hypotheses
from geodata.inquiry.evidence import BORDER_M, Beside, Districts, Named, Points
from geodata.inquiry.mentions import Matches

SQUARE = shapely.box(0, 0, 2000, 2000)


def matches(*pairs: tuple[int, int], trust: float = 0.9) -> Matches:
    row, target = np.array(pairs, dtype=np.intp).T
    return Matches(row, target, np.full(len(pairs), trust))


def at(*places: tuple[float, float]) -> np.ndarray:
    """Give one set of positions, shape (1, n, 2)."""
    return np.array([places], dtype=float)


def known(n: int = 1, **options: float) -> Points:
    return Points(n, matches((0, 0)), ["站"], np.zeros((1, 2)), step_m=options.get("step_m", 0.1))


def test_a_known_station_is_no_evidence_on_average() -> None:
    """Over all places within 3 km the likelihood ratio is 1 on average, as a ratio must be."""
    radius = np.arange(0.5, 3000.0)
    kind = known()
    layers = kind.log_ratios(kind.measured(np.column_stack([radius, 0 * radius])[:, None]))
    for layer in layers:
        mean = np.average(np.exp(layer[:, 0]), weights=radius)
        assert mean == pytest.approx(1.0, abs=0.05)


def test_nearer_to_the_known_station_is_likelier() -> None:
    """The ratio falls with the distance, and it is below 1 far away: the match is wrong there."""
    places = np.column_stack([np.arange(0.0, 3000.0, 50.0), np.zeros(60)])[:, None]
    for layer in known().log_ratios(known().measured(places)):
        assert (np.diff(layer[:, 0]) <= 0).all()
        assert layer[0, 0] > 0 > layer[-1, 0]


def test_rounding_makes_a_distance_less_telling() -> None:
    """Numbers rounded to 1 km say less for a near place and less against a far one."""
    fine, coarse = known(), known(step_m=1000.0)
    near, far = at((5, 0)), at((600, 0))
    gap_fine = fine.log_ratios(fine.measured(near)) - fine.log_ratios(fine.measured(far))
    gap_coarse = coarse.log_ratios(coarse.measured(near)) - coarse.log_ratios(coarse.measured(far))
    assert (gap_coarse < gap_fine).all()


def test_rows_that_name_nothing_get_no_evidence() -> None:
    """Only the first of three rows bears a known name."""
    kind = known(3)
    assert (kind.log_ratios(kind.measured(at((0, 0), (0, 0), (9, 9))))[:, :, 1:] == 0).all()


@settings(deadline=None)
@given(x=st.floats(-3000, 5000), y=st.floats(-3000, 5000))
def test_distance_into_a_district_is_that_to_its_border(x: float, y: float) -> None:
    """Inside it is positive, as far as it leaves a doubt; outside it is negative."""
    kind = Districts(1, matches((0, 0)), ["甲区"], np.array([SQUARE], dtype=object), step_m=0.1)
    outside = np.hypot(max(-x, 0, x - 2000), max(-y, 0, y - 2000))
    inside = min(x, 2000 - x, y, 2000 - y)
    measured = kind.measured(at((x, y)))[0, 0]
    if outside > 0:
        assert measured == pytest.approx(-outside, abs=1e-6)
    else:
        assert measured >= min(inside, 4 * BORDER_M) - 1e-6


def test_a_border_is_crossed_as_often_as_errors_are_large() -> None:
    """The share of places that an error carries over a straight border gives the odds."""
    errors = np.random.default_rng(0).normal(0, BORDER_M, 200_000)
    two = np.array([SQUARE, shapely.box(-2000, 0, 0, 2000)], dtype=object)
    for metres in (-80.0, -20.0, 0.0, 30.0, 90.0):
        kind = Districts(2, matches((0, 0), (1, 1)), ["甲", "乙"], two, step_m=0.0)
        few_wrong = np.exp(kind.log_ratios(kind.measured(at((metres, 1000), (metres, 1000))))[0, 0])
        stays = (metres + errors > 0).mean()
        assert few_wrong == pytest.approx(
            [0.98 * 2 * stays + 0.02, 0.98 * 2 * (1 - stays) + 0.02], abs=0.01
        )


def test_one_of_two_areas_of_a_name_is_enough() -> None:
    """A row that may state either area fits when it lies in one of them."""
    two = np.array([SQUARE, shapely.box(9000, 0, 9500, 500)], dtype=object)
    kind = Districts(1, matches((0, 0), (0, 1)), ["甲", "甲"], two, step_m=0.1)
    assert (kind.log_ratios(kind.measured(at((1000, 1000)))) > 0).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-500, 900), st.floats(-500, 900)), min_size=1, max_size=5))
def test_distance_to_a_named_street_is_to_that_street_alone(
    places: list[tuple[float, float]],
) -> None:
    """Other streets may be nearer; both parts of a divided street count."""
    lines = np.array(
        [
            shapely.LineString([(0, 0), (400, 0)]),
            shapely.LineString([(0, 10), (400, 10)]),
            shapely.LineString([(600, 0), (600, 300), (700, 300)]),
        ],
        dtype=object,
    )
    street = np.array([0, 1, 0])
    n = len(places)
    kind = Named(n, matches(*((i, 0) for i in range(n))), ["甲路"] * n, lines, street, step_m=0.1)
    exact = [
        shapely.MultiLineString([lines[0], lines[2]]).distance(shapely.Point(p)) for p in places
    ]
    measured = kind.measured(at(*places))[0]
    assert (measured >= np.array(exact) - 1e-6).all()
    assert (measured <= np.hypot(exact, 6.0) + 1e-6).all()


def test_the_nearest_street_is_found_among_all() -> None:
    """The distance is that of shapely to the union of streets, for the rows that count."""
    rng = np.random.default_rng(1)
    ends = rng.uniform(0, 1000, (40, 2, 2))
    lines = np.array([shapely.LineString(e) for e in ends], dtype=object)
    places = rng.uniform(0, 1000, (30, 2))
    kind = Beside(30, np.arange(0, 30, 2), lines, np.array([0]), step_m=0.1)
    union = shapely.union_all(lines)
    exact = [union.distance(shapely.Point(p)) for p in places[::2]]
    assert kind.measured(places[None])[0] == pytest.approx(np.array(exact))


def test_where_every_place_is_beside_a_street_it_is_no_evidence() -> None:
    """When random steps end as near to streets, the ratio is 1 under every assumption."""
    kind = Beside(4, np.arange(4), np.array([], dtype=object), np.array([1, 2, 3]), step_m=0.1)
    assert kind.log_ratios(np.full((4, 4), 12.0)) == pytest.approx(0.0)


def test_near_a_street_speaks_for_it_and_rows_moving_together_hold_it_back() -> None:
    """Ratios are smaller where all rows come near to streets at once than where each by itself."""
    rng = np.random.default_rng(2)
    alone = rng.uniform(0, 120, (25, 50))
    alone[0] = rng.uniform(0, 15, 50)
    together = np.repeat(rng.uniform(0, 120, (25, 1)), 50, axis=1)
    together[0] = alone[0]
    kind = Beside(50, np.arange(50), np.array([], dtype=object), np.arange(1, 25), step_m=0.1)
    free = kind.log_ratios(alone)[0, 0].sum()
    held = kind.log_ratios(together)[0, 0].sum()
    assert free > held > 0


@settings(deadline=None)
@given(
    st.integers(2, 4),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
def test_likelihood_is_the_sum_over_every_way_to_stray(n_frames: int, n: int, seed: int) -> None:
    """Enumerating which rows stray, and whereto, gives what the product over rows gives."""
    ratios = np.random.default_rng(seed).normal(0, 3, (1, n_frames, n))
    found = hypotheses._log_likelihoods(ratios, np.ones(n), n_frames)
    for k in range(n_frames):
        others = [h for h in range(n_frames) if h != k]
        sums = []
        for share in hypotheses._STRAY:
            total = 0.0
            for frames in product(range(n_frames), repeat=n):
                odds = [(1 - share) if h == k else share / len(others) for h in frames]
                total += np.prod(
                    [
                        o * np.exp(ratios[0, h, i])
                        for i, (h, o) in enumerate(zip(frames, odds, strict=True))
                    ]
                )
            sums.append(total)
        assert found[k] == pytest.approx(np.log(np.mean(sums)))


def test_a_row_copied_counts_once_and_rows_at_one_spot_less_than_apart() -> None:
    """Five copies weigh as one; five rows at a crossroads weigh less than five in the city."""
    copies = hypotheses._weights(np.tile([[100.0, 100.0]], (5, 1)))
    spot = hypotheses._weights(np.column_stack([np.arange(5) * 20.0, np.zeros(5)]) + 10)
    apart = hypotheses._weights(np.column_stack([np.arange(5) * 2000.0, np.zeros(5)]))
    assert copies.sum() <= 1.0
    assert 1.0 < spot.sum() < apart.sum() == 5.0
