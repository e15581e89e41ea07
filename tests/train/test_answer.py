"""The answer's record: paired, made again in part, going on where it was cut off, or refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate.paired import over_people
from hfgnn.ledger.results import canonical
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import BOOK, SMOKE
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.pipeline.store import read_result, write_result
from hfgnn.seeding import rng
from hfgnn.train import answer as room
from hfgnn.train.answer import (
    COMMAND,
    FARTHEST,
    FILES,
    REPEATS,
    TABLE,
    Answer,
    answer,
    gains,
    gathered,
    read,
    sample,
    scored,
    worlds,
)
from hfgnn.train.answer import told as made_of
from hfgnn.train.nodes import Recipe
from hfgnn.train.records import keep
from hfgnn.train.regimes import (
    ALONE,
    BEST,
    BEST_HEARD,
    FINEST,
    MODELS,
    TWINS,
    Axes,
    RegimesParams,
    cell,
    middle,
    places,
    regimes,
)

FEW = Axes(
    homophily=(0.62, 0.9),
    labelled=(0.8,),
    tells=(1.4,),
    people=(60, 120),
    k=(2, 5),
    wide=(16,),
    other=(0.0, 1.0),
    plane=(0.62,),
)
SHORT = Recipe(epochs=2, rate=5e-3, patience=1)
PARAMS = RegimesParams(3, FEW, seeds=2, people=120, recipe=SHORT, draws=8)
CELLS = sum(PARAMS.repeated(regime) for regime in regimes(PARAMS))


def lies_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FILES", {name: folder / name for name in FILES})


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """Return where a record lies."""
    folder = tmp_path_factory.mktemp("kept")
    table = gathered(scored(one) for one in worlds(PARAMS))
    keep({name: folder / name for name in FILES}, table, made_of(PARAMS), COMMAND)
    return folder


@pytest.fixture
def here(kept, tmp_path, monkeypatch) -> Path:
    """Return a copy of that record, where it is read from in this test."""
    for name in FILES:
        (tmp_path / name).write_bytes((kept / name).read_bytes())
    lies_in(tmp_path, monkeypatch)
    return tmp_path


def test_cells_are_those_that_were_asked_for(here):
    table = read(PARAMS)
    number = regimes(PARAMS).index(middle(PARAMS)["other look"])
    own = table[(table["regime"] == number) & (table["seed"] == 1)]
    expected = cell(PARAMS, middle(PARAMS)["other look"], 1)
    np.testing.assert_array_equal(own[list(MODELS)], expected[list(MODELS)])


def test_a_gain_is_paired_within_worlds_and_their_people(here):
    table = read(PARAMS)
    found = gains(PARAMS, table)
    assert len(found) == len(places(PARAMS)) * len(TWINS)
    place = places(PARAMS).iloc[1]
    own = table[table["regime"] == place["regime"]]
    by = own.groupby("seed")[["GCN", "GCN" + ALONE]].apply(lambda part: part.to_numpy().T)
    one, other = np.stack(list(by)).transpose(1, 0, 2) / FINEST
    expected = over_people(one, other, rng=rng(3, "answer", str(place["regime"])), repeats=REPEATS)
    is_it = (found["axis"] == "homophily") & (found["value"] == 0.9) & (found["model"] == "GCN")
    (row,) = found[is_it].itertuples()
    assert (row.gain, row.low, row.high) == pytest.approx(
        (expected.mean, expected.low, expected.high)
    )
    assert row.AUROC - row.twin == pytest.approx(row.gain)
    assert (row.worlds, row.homophily, row.k) == (2, 0.9, 5)
    assert row.found == pytest.approx(own["homophily"].mean() / FINEST)


def test_permuting_the_pairing_changes_the_interval(here):
    """A twin's draws dealt to others of its draws: the same AUROC, the same mean, another width."""
    table = read(PARAMS)
    other = table.copy()
    for _, rows in table.groupby(["regime", "seed"]).groups.items():
        for twin in set(TWINS.values()):
            other.loc[rows[1:], twin] = table.loc[rows[:0:-1], twin].to_numpy()
    found, moved = gains(PARAMS, table), gains(PARAMS, other)
    np.testing.assert_allclose(moved["gain"], found["gain"])
    width = (found["high"] - found["low"], moved["high"] - moved["low"])
    assert (width[0] != width[1]).mean() > 0.8
    assert width[0].mean() < width[1].mean()


def test_a_build_makes_one_world_of_each_kind_of_ties_again(here, monkeypatch):
    asked = []

    def made(params, regime, seed):
        asked.append((regime, seed))
        return cell(params, regime, seed)

    monkeypatch.setattr(room, "cell", made)
    found = answer(PARAMS)
    assert asked == [(regime, 0) for regime in middle(PARAMS).values()]
    assert (found.again, found.apart) == (len(sample(PARAMS)), 0.0) == (3, 0.0)
    pd.testing.assert_frame_equal(found.gains, gains(PARAMS, read(PARAMS)))


def test_the_answer_can_be_stored(here, tmp_path):
    found, folder = answer(PARAMS), tmp_path / "stored"
    folder.mkdir()
    write_result(found, folder)
    back = read_result(Answer, folder)
    pd.testing.assert_frame_equal(back.gains, found.gains)
    assert canonical(back.again) == canonical(found.again)


def test_without_a_record_there_is_one_world_of_each_regime(tmp_path, monkeypatch, here):
    held = read(PARAMS)
    lies_in(tmp_path / "nowhere", monkeypatch)
    found = answer(PARAMS)
    assert (found.again, found.apart) == (None, 0)
    assert (found.gains["worlds"] == 1).all()
    one = gains(PARAMS, held[held["seed"] == 0])
    pd.testing.assert_frame_equal(found.gains, one)


def test_a_cell_of_a_sweep_is_one_world_in_the_order_of_the_record(here):
    every = worlds(PARAMS)
    assert len(every) == CELLS
    for place in (0, 3, CELLS - 1):
        one, rows = every[place], PARAMS.draws + 1
        mine = scored(one).table
        assert (mine["regime"] == one.number).all()
        assert (mine["seed"] == one.seed).all()
        held = read(PARAMS).iloc[place * rows : (place + 1) * rows]
        columns = list(held)
        np.testing.assert_array_equal(held, mine[columns])


def test_worlds_of_more_seeds_hold_those_of_fewer():
    """So a sweep of more seeds makes none of them again."""
    more = worlds(replace(PARAMS, seeds=3))
    assert set(worlds(PARAMS)) < set(more)
    assert len(set(more)) == len(more) == CELLS * 3 // 2


def test_a_record_of_other_code_is_refused(here):
    table = pd.read_parquet(here / TABLE)
    moved = table["GAT"].astype(int) + np.where(table["GAT"] > FINEST // 2, -1, 1) * int(
        1.2 * FARTHEST * FINEST
    )
    table.assign(GAT=moved.astype(np.uint16)).to_parquet(here / TABLE, index=False)
    with pytest.raises(ValueError, match=rf"by 0\.06\d*, more than 0\.05.*`{COMMAND}`"):
        answer(PARAMS)


DAMAGE = {
    "a row too few": lambda table: table.iloc[1:],
    "a cell too few": lambda table: table[(table["regime"] > 0) | (table["seed"] > 0)],
    "a cell twice": lambda table: pd.concat([table, table.iloc[:9]]),
    "another order": lambda table: table.iloc[::-1],
    "a gap": lambda table: table.assign(GCN=np.nan),
    "above one": lambda table: table.assign(GCN=FINEST + 1),
    "no model": lambda table: table.drop(columns="GAT"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_record_is_refused_with_its_command(here, how):
    DAMAGE[how](pd.read_parquet(here / TABLE)).to_parquet(here / TABLE, index=False)
    with pytest.raises(ValueError, match=rf"{TABLE} is damaged.*`{COMMAND}`"):
        read(PARAMS)


def test_a_record_that_is_no_table_is_refused(here):
    (here / TABLE).write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=rf"{TABLE} is damaged.*`{COMMAND}`"):
        read(PARAMS)


def test_a_record_of_another_map_is_none(here):
    assert read(PARAMS) is not None
    for other in (
        replace(PARAMS, seed=4),
        replace(PARAMS, seeds=3),
        replace(PARAMS, recipe=Recipe()),
        replace(PARAMS, axes=replace(FEW, k=(2, 3, 5))),
    ):
        assert read(other) is None


# The book's record


@pytest.fixture(scope="module")
def book() -> tuple[RegimesParams, pd.DataFrame]:
    stages = {stage.name: stage for stage in catalogue(BOOK, SEED)}
    params = now(stages["answer.regimes"].params)
    table = read(params)
    assert table is not None, f"there is no record of the book's map: `{COMMAND}`"
    return params, table


@pytest.fixture(scope="module")
def told(book) -> pd.DataFrame:
    return gains(*book)


def test_the_books_record_is_small(book):
    assert sum(path.stat().st_size for path in FILES.values()) < 1_000_000


def test_no_model_is_better_than_the_best_that_there_can_be(book):
    """But for the luck of worlds: the best is so on average, not in each of them."""
    _, table = book
    own = table.groupby(["regime", "seed"])[list(MODELS)].first().astype(float) / FINEST
    tops = dict.fromkeys(TWINS, BEST_HEARD) | dict.fromkeys(TWINS.values(), BEST)
    tops[BEST] = BEST_HEARD
    for name in set(MODELS) - {BEST_HEARD}:
        more = (own[name] - own[tops[name]]).groupby("regime").agg(["mean", "sem"])
        assert (more["mean"] <= 3 * more["sem"] + 0.002).all(), name


def test_ties_drawn_by_chance_help_nobody(told):
    by_chance = told[(told["axis"] == "homophily") & (told["value"] == 0.5)]
    for row in by_chance.itertuples():
        assert row.low <= 0, row.model
        assert row.gain < 0.01, row.model


def test_ties_found_in_what_is_read_help_nobody_who_knows_enough_labels(told):
    own = told[(told["ties"] == "own look") & (told["labelled"] >= 0.1)]
    best = own["model"] == BEST_HEARD
    assert (own.loc[best, ["gain", "low", "high"]] == 0).all(axis=None)
    assert (own.loc[~best, "low"] <= 0).all()
    assert (own.loc[~best, "high"] < 0).mean() > 0.3


def test_ties_that_know_more_help_where_they_are_strong(told):
    strong = told[(told["axis"] == "homophily") & (told["value"] >= 0.9)]
    for _, own in strong.groupby("value"):
        by = own.set_index("model")
        assert (by["low"] > 0).all()
        assert (by["gain"] > 0.5 * by.loc[BEST_HEARD, "gain"]).all()


def test_the_smallest_profile_has_the_same_map():
    """A chapter that looks up a value finds it there."""
    stages = {stage.name: stage for stage in catalogue(SMOKE, SEED)}
    small, whole = (now(stages["answer.regimes"].params), RegimesParams(SEED))
    assert replace(small.axes, people=whole.axes.people) == whole.axes
