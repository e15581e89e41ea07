"""The record of new people: it is of today's people, is read back, is made anew; damage is told."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hfgnn.cli import app, records
from hfgnn.features.fuse import CLINICAL
from hfgnn.features.resnet import backbone, features
from hfgnn.train import newcomers
from hfgnn.train.newcomers import FILES, FreshParams, read, recorded, seen
from hfgnn.train.pages import Pages, PagesParams, reprinted
from hfgnn.train.patient import Model, PatientParams, chances
from hfgnn.world.population import Population, block, blocks
from tests.train import test_patient as patients

pages, model = patients.pages, patients.model  # fixtures: a small model, of made-up pages
BOOK = FreshParams(PatientParams(2025), PagesParams(2025))
SMALL = FreshParams(
    patients.PARAMS, PagesParams(7, people=240), 40, 16, 6, shuffles=2, leaks=(1, 0.5), redrawn=4
)
REMEDY = "hfgnn record patient"


def at_hand(patch: pytest.MonkeyPatch) -> None:
    """Let this process print pages: another one, as in `written`, takes seconds to begin."""
    patch.setattr(newcomers, "ProcessPoolExecutor", lambda jobs, *_, **__: ThreadPoolExecutor(jobs))


def small(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the record lie in this folder."""
    patch.setattr(newcomers, "FILES", {name: folder / name for name in FILES})


def made(folder: Path, patch: pytest.MonkeyPatch, model: Model, pages: Pages) -> Path:
    """Make a record in this folder."""
    small(folder, patch)
    assert list(recorded(SMALL, model, pages, folder / "work", jobs=1)) == [(40, 40)]
    return folder


@pytest.fixture(scope="module")
def written(pages: Pages, model: Model, tmp_path_factory) -> Path:
    """Return a folder with a record of forty people, and what it was made of in `work`."""
    with pytest.MonkeyPatch.context() as patch:
        return made(tmp_path_factory.mktemp("recorded"), patch, model, pages)


@pytest.fixture
def here(written: Path, tmp_path: Path, monkeypatch) -> Path:
    """Return a copy of that folder, where the record lies for this test."""
    shutil.copytree(written, tmp_path / "here")
    small(tmp_path / "here", monkeypatch)
    return tmp_path / "here"


# What was recorded for the book


def people(config: Population, numbers: range) -> pd.DataFrame:
    """Draw people without their signals."""
    quiet = replace(config, signals=False)
    return pd.concat([block(quiet, n).table.assign(block=n) for n in numbers], ignore_index=True)


@pytest.fixture(scope="module")
def today() -> pd.DataFrame:
    """Every fourth block of the new people, as the simulator draws them today."""
    return people(BOOK.newcomers, blocks(BOOK.newcomers)[::4])


def test_the_books_record_is_whole_and_of_todays_people(today):
    found = read(BOOK)
    assert found is not None
    told, tries, how = found
    assert (told["person"] == np.arange(12_000)).all()
    assert told["chance"].between(0, 1).all()
    rows = np.concatenate([np.arange(250 * n, 250 * (n + 1)) for n in today["block"].unique()])
    np.testing.assert_array_equal(told["sick"].to_numpy()[rows], today["sick"])
    wanted = [
        (shuffle, mirrored, planted)
        for planted, shuffles in ((0, 20), (0.15, 5))
        for shuffle in range(shuffles)
        for mirrored in (False, True)
    ]
    named = tries[["shuffle", "mirrored", "planted"]].itertuples(index=False, name=None)
    assert list(named) == wanted
    sums = tries.groupby(["planted", "shuffle"])["AUROC"].sum()
    assert (sums.loc[0] - 1).abs().max() < 0.01  # rounding may stop a mirror an epoch apart
    assert (sums.loc[0] - 1).abs().median() < 1e-5
    assert sums.loc[0.15].mean() > sums.loc[0].max()
    assert how["of"] == BOOK.told
    assert {"seed", "own", "people", "model"} <= set(how["of"])


def test_nobody_of_the_new_people_is_among_the_models_own(today):
    """Ids begin at nought in each population: only the hearts tell."""

    def hearts(table: pd.DataFrame) -> set[tuple[float, ...]]:
        return set(table[["heart_age", "heart_bsa", "heart_mass"]].itertuples(index=False))

    config = BOOK.pages.population
    own = hearts(people(config, blocks(config)))
    assert len(own) == 1_600
    assert not own & hearts(today)
    same = replace(BOOK.newcomers, seed=config.seed)  # one seed for both would be noticed
    assert own & hearts(people(same, range(1)))


# Made and read back


def test_what_is_printed_again_is_drawn_by_the_seed():
    config = SMALL.newcomers
    raw, sick = seen(config, 0, 5, SMALL.pages)
    table = block(replace(config, signals=False), 0).table.iloc[:5]
    np.testing.assert_array_equal(sick, table["sick"])
    np.testing.assert_array_equal(raw[:, 512:], table[list(CLINICAL)])
    again = replace(SMALL.pages, seed=SMALL.pages.seed + 1, people=SMALL.people)
    page = features(reprinted(again, [0, 3]), backbone("ecg"))
    np.testing.assert_allclose(raw[[0, 3], :512], page, rtol=1e-5, atol=1e-6)
    other, _ = seen(replace(config, seed=config.seed + 1), 0, 5, SMALL.pages)
    assert (np.abs(other - raw).max(axis=1) > 0.1).all()


def test_a_record_is_read_back(here, model):
    found = read(SMALL)
    assert found is not None
    told, tries, how = found
    raw, sick = seen(SMALL.newcomers, 0, 40, SMALL.pages)
    np.testing.assert_array_equal(told["person"], np.arange(40))
    np.testing.assert_array_equal(told["sick"], sick)
    np.testing.assert_allclose(told["chance"], chances(model, raw), atol=1e-5)
    assert list(tries["shuffle"]) == [0, 0, 1, 1, 0, 0]
    assert list(tries["mirrored"]) == [False, True] * 3
    assert list(tries["planted"]) == [0, 0, 0, 0, 0.5, 0.5]
    assert (how["of"], how["command"]) == (SMALL.told, REMEDY)
    assert {path.name for path in here.iterdir()} == {"work", *FILES}


def test_what_was_read_of_a_block_is_not_read_again(here, model, pages, monkeypatch):
    at_hand(monkeypatch)
    (kept,) = (here / "work").iterdir()
    with np.load(kept) as held_:
        raw, sick = held_["raw"], held_["sick"]
    np.savez(kept, raw=raw[::-1], sick=sick[::-1])  # a mark that printing would not leave
    list(recorded(SMALL, model, pages, here / "work", jobs=1))
    told = pd.read_parquet(here / "people.parquet")
    np.testing.assert_array_equal(told["sick"], sick[::-1])


SIZES = PagesParams(7, people=240)
OTHERS = {
    "seed": replace(SMALL, pages=replace(SIZES, seed=8)),
    "own": replace(SMALL, pages=replace(SIZES, people=241)),
    "cohort": replace(SMALL, pages=replace(SIZES, cohort="hospital")),
    "size": replace(SMALL, pages=replace(SIZES, size=(SIZES.size[0], SIZES.size[1] + 1))),
    "backbone": replace(SMALL, pages=replace(SIZES, backbone="random")),
    "people": replace(SMALL, people=41),
    "calibrate": replace(SMALL, calibrate=17),
    "shuffles": replace(SMALL, shuffles=3),
    "leaks": replace(SMALL, leaks=(1, 0.4)),
    "model": replace(SMALL, patient=replace(SMALL.patient, k=6)),
}


@pytest.mark.parametrize("change", OTHERS)
def test_a_record_of_others_is_not_taken_for_this_one(here, change):
    assert read(SMALL) is not None
    assert set(OTHERS) == set(SMALL.told)
    assert read(OTHERS[change]) is None


@pytest.mark.parametrize("name", FILES)
def test_a_record_with_a_file_gone_is_none(here, name):
    (here / name).unlink()
    assert read(SMALL) is None


# Damage


Table = Callable[[pd.DataFrame], pd.DataFrame]
DAMAGE: dict[str, tuple[str, Table | bytes]] = {
    "no chances": ("people.parquet", lambda t: t.drop(columns="chance")),
    "people gone": ("people.parquet", lambda t: t.iloc[:-3]),
    "people twice": ("people.parquet", lambda t: pd.concat([t, t.iloc[:1]])),
    "another order": ("people.parquet", lambda t: t.iloc[::-1]),
    "a chance that is none": ("people.parquet", lambda t: t.assign(chance=t["chance"] + 1)),
    "chances not known": (
        "people.parquet",
        lambda t: t.assign(chance=t["chance"].mask(t.index == 3)),
    ),
    "no table": ("people.parquet", b"PAR1"),
    "no AUROC": ("shuffled.parquet", lambda t: t.drop(columns="AUROC")),
    "nobody known to be sick": ("people.parquet", lambda t: t.assign(sick=t["sick"].astype(int))),
    "a shuffle gone": ("shuffled.parquet", lambda t: t.iloc[:-1]),
    "a shuffle twice": ("shuffled.parquet", lambda t: t.assign(shuffle=t["shuffle"].clip(0, 0))),
    "no mirrors": ("shuffled.parquet", lambda t: t.assign(mirrored=False)),
    "another leak": ("shuffled.parquet", lambda t: t.assign(planted=t["planted"] / 2)),
    "AUROC not known": ("shuffled.parquet", lambda t: t.assign(AUROC=np.nan)),
    "no JSON": ("how.json", b"{"),
    "nothing told": ("how.json", b"{}"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_told_with_file_and_remedy(here, name):
    file, damage = DAMAGE[name]
    if isinstance(damage, bytes):
        (here / file).write_bytes(damage)
    else:
        damage(pd.read_parquet(here / file)).to_parquet(here / file, index=False)
    with pytest.raises(ValueError, match=file) as told:
        read(SMALL)
    assert REMEDY in str(told.value)


def test_what_was_kept_of_other_people_is_not_taken_for_these(here, model, pages, monkeypatch):
    at_hand(monkeypatch)
    fewer = replace(SMALL, people=30)
    list(recorded(fewer, model, pages, here / "work", jobs=1))
    assert len(pd.read_parquet(here / "people.parquet")) == 30


def test_a_record_cut_off_while_it_is_written_is_none(here, model, pages, monkeypatch):
    at_hand(monkeypatch)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    kept = pd.DataFrame.to_parquet
    calls = iter([kept, full])  # the second table finds no room
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *a, **k: next(calls)(*a, **k))
    with pytest.raises(OSError, match="No space"):
        list(recorded(SMALL, model, pages, here / "work", jobs=1))
    assert read(SMALL) is None


# The command


@pytest.fixture
def nothing_made(tmp_path, monkeypatch) -> Path:
    """Return an empty folder to work in; making the model would be an error."""

    def made(needed: str) -> None:
        raise AssertionError("the model is made before the arguments are checked")

    monkeypatch.setattr(records, "shop", made)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["patient"], "Missing option '--work'"),
        (
            ["patient", "--work", "w", "--jobs", "0"],
            "'--jobs': Input should be greater than or equal to 1",
        ),
        (["patient", "--work", "w", "--jobs", "two"], "'--jobs': Input should be a valid integer"),
        (["patient", "w"], "Missing option '--work'"),
        (["people", "--work", "w"], "No such command 'people'"),
    ],
)
def test_bad_arguments_are_told_and_nothing_is_written(nothing_made, words, told):
    done = CliRunner().invoke(app, ["record", *words])
    assert done.exit_code == 2
    assert told in done.stderr
    assert not list(nothing_made.iterdir())


def test_a_file_is_no_folder_to_work_in_and_this_is_told_at_once(nothing_made):
    (nothing_made / "w").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(app, ["record", "patient", "--work", "w"])
    assert done.exit_code == 2
    assert "file" in done.stderr
    assert (nothing_made / "w").read_text(encoding="utf-8") == "mine"
