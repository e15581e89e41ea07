"""What sets of the thesis's decisions score: as one would read it by hand, but for luck."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from hfgnn.pipeline.audits import audits, gather_thesis, thesis_cells
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import SMOKE
from hfgnn.pipeline.sweeps import SWEEPS
from hfgnn.seeding import rng
from hfgnn.train import audit_thesis, audited
from hfgnn.train.audit_thesis import (
    WORK,
    CellParams,
    ThesisParams,
    again,
    cell,
    found_of,
    losses,
    scored,
    told,
)
from hfgnn.train.audited import Scores
from hfgnn.train.augmentation import Pools
from hfgnn.train.nodes import Graph, NodeClassifier, Recipe
from hfgnn.train.pages import Pages, PagesParams, collected
from hfgnn.train.protocol_thesis import BIT, LATE, NEW, Bench, Files, Protocol
from hfgnn.train.records import HOW
from tests.train.test_protocol_thesis import FOUND

PARAMS = ThesisParams(5, PagesParams(5, people=150), people=150, recipe=Recipe(epochs=6, rate=0.02))
MENDED = {name: Protocol(**{name: True}).number for name in BIT}


def of(*numbers: int, params: ThesisParams = PARAMS) -> pd.DataFrame:
    return scored(params, 3, FOUND, numbers).table.set_index("number")


SIDE = BIT["values"] + BIT["distance"]  # these change what is trained; some sets are enough
SETS = [number for number in range(256) if not number & SIDE]


@pytest.fixture(scope="module")
def every() -> pd.DataFrame:
    return of(*SETS)


@pytest.mark.parametrize("order", [False, True])
@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("epoch", [False, True])
def test_a_set_scores_what_one_would_read_from_a_training_by_hand(every, order, attached, epoch):
    how = Protocol(order=order, attached=attached, epoch=epoch, direction=True)
    streams = PARAMS.streams(3)
    bench = Bench(Files.of(FOUND, how, streams), how)
    seed, train = int(streams("start 0").integers(2**31)), bench.train
    sides = ("val",) if order else ("val", LATE)
    exam = bench.attached(*sides) if attached else bench.alone(*sides)
    recipe = replace(PARAMS.recipe, patience=99 if epoch else None)
    counts = np.arange(len(exam.x)) >= len(exam.x) - len(exam.sick)
    label = np.r_[np.zeros(len(exam.x) - len(exam.sick), bool), exam.sick]
    fitted = NodeClassifier(recipe=recipe).fit(
        train.x,
        train.sick,
        train.edges,
        seed=seed,
        validation=Graph(exam.x, label, exam.edges, counts),
    )
    test = bench.attached("test") if attached else bench.alone("test")
    said, new = test.chances(fitted), bench.attached(NEW)
    row = every.loc[how.number]
    assert row["reported"] == pytest.approx(roc_auc_score(test.sick, said), abs=1e-9)
    assert row["accuracy"] == pytest.approx(accuracy_score(test.sick, said > 0.5))
    assert row["true"] == pytest.approx(roc_auc_score(new.sick, new.chances(fitted)), abs=1e-9)


def test_validation_chooses_another_epoch_than_the_last_somewhere(every):
    last, best = (every.loc[[n for n in SETS if bool(n & BIT["epoch"]) == e]] for e in (0, 1))
    assert (last["true"].to_numpy() != best["true"].to_numpy()).mean() > 0.3


def test_the_order_changes_nothing_where_no_epoch_is_chosen_or_no_page_is_new(every):
    numbers = [n for n in SETS if n & BIT["order"]]
    for number in numbers:
        if not number & BIT["epoch"] or number & BIT["pages"]:
            pd.testing.assert_series_equal(
                every.loc[number], every.loc[number ^ BIT["order"]], check_names=False
            )


def test_several_starts_are_reported_by_their_mean_and_the_null_is_another_of_them(monkeypatch):
    table = of(0, MENDED["null"], MENDED["starts"])
    first, second, mean = table.loc[[0, MENDED["null"], MENDED["starts"]]].to_numpy()[:, 1:]
    both = of(MENDED["starts"] + MENDED["null"]).to_numpy()[0, 1:]
    np.testing.assert_array_equal(mean, both)
    plain = ThesisParams.streams

    def others(params: ThesisParams, repeat: int):
        names = {"start 0": "start 1", "start 1": "start 2", "start 2": "start 0"}
        return lambda name: plain(params, repeat)(names.get(name, name))

    monkeypatch.setattr(ThesisParams, "streams", others)
    moved, third = of(0, MENDED["null"]).to_numpy()[:, 1:]
    np.testing.assert_array_equal(moved, second)
    np.testing.assert_allclose(mean, np.mean([first, second, third], axis=0), atol=1e-12)


def test_the_null_can_change_nothing_but_luck(monkeypatch):
    """Where the two starts change places, so do the scores: neither is better but by chance."""
    sets = (0, MENDED["null"], 3, 3 + MENDED["null"])
    before, plain = of(*sets), ThesisParams.streams

    def swapped(params: ThesisParams, repeat: int):
        names = {"start 0": "start 1", "start 1": "start 0"}
        return lambda name: plain(params, repeat)(names.get(name, name))

    monkeypatch.setattr(ThesisParams, "streams", swapped)
    after = of(*sets)
    for one, other in zip(sets, (sets[1], sets[0], sets[3], sets[2]), strict=True):
        pd.testing.assert_series_equal(before.loc[one], after.loc[other], check_names=False)
    assert not before.loc[sets[0]].equals(before.loc[sets[1]])


def test_a_set_scores_the_same_whoever_else_is_scored(every):
    few = of(*WORK.few)
    both = [n for n in WORK.few if n in every.index]
    assert len(both) == 7
    pd.testing.assert_frame_equal(few.loc[both], every.loc[both])
    assert (few["repeat"] == 3).all()


def test_losses_are_scikit_learns():
    stream = rng(1, "losses")
    chances, sick = stream.uniform(size=(4, 30)), stream.uniform(size=30) < 0.4
    wanted = [log_loss(sick, row) for row in chances]
    np.testing.assert_allclose(losses(chances, sick), wanted)
    assert np.isfinite(losses(np.zeros((1, 2)), np.array([True, False]))).all()


def some_pages(people: int) -> tuple[Pages, Pools]:
    """Return people as the stages give them, whose pages say something of their class."""
    stream = rng(8, "people")
    classes = stream.choice(["MI", "Abnormal", "History_MI", "Normal"], size=people)
    table = pd.DataFrame({"class": classes, "sick": classes != "Normal"})
    for name in ("ef", "bnp", "nyha", "sbp", "age"):
        table[name] = stream.normal(size=people) + table["sick"]
    seen = (stream.normal(size=(people, 512)) + 0.1 * table[["sick"]].to_numpy()).astype("f4")
    pages = Pages(table, pd.DataFrame(), {"ecg": seen}, collected(classes))
    first = pages.collected[classes[pages.collected] == "Normal"][:1]
    pools = Pools({"bug": first}, {"bug": seen[first] + np.zeros((6, 1), "f4")}, pd.DataFrame())
    return pages, pools


def test_a_repeat_meets_the_first_of_each_class_and_newcomers_of_whom_none_is_known():
    pages, pools = some_pages(400)
    found = found_of(PARAMS, pages, pools.seen["bug"])
    classes, counts = np.unique(found.known.classes, return_counts=True)
    share = 0.6 * 150 / 929
    assert dict(zip(classes, counts, strict=True)) == {
        "MI": round(share * 240),
        "Abnormal": round(share * 233),
        "History_MI": round(share * 172),
        "Normal": round(share * 284),
    }
    assert len(found.known.classes) + len(found.new.classes) == 150
    known, new = ({page.tobytes() for page in part.page} for part in (found.known, found.new))
    assert not known & new
    np.testing.assert_array_equal(found.known.page[found.first], pools.seen["bug"][0])


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setattr(audited, "RECORDED", tmp_path)
    return tmp_path


def test_without_a_record_the_stage_scores_few_sets_in_seconds(home):
    found = again(PARAMS, *some_pages(150))
    assert found.again["then"].isna().all()
    assert found.decisions["alone"].notna().all()
    assert found.decisions["share"].isna().all()


def test_a_record_is_made_of_cells_and_one_that_differs_is_refused(home, monkeypatch):
    people, params = some_pages(100), replace(PARAMS, people=100, recipe=Recipe(epochs=1))
    whole = cell(CellParams(params, 0), *people)
    WORK.keep(WORK.gathered([whole]), told(params))
    found = again(params, *people)
    assert (len(found.again), found.repeats) == (12, 1)
    assert found.apart < 1e-6
    difference = found.whole.set_index("of").at["difference", "reported"]
    assert found.decisions["share"].sum() == pytest.approx(difference, abs=1e-9)
    spoiled = whole.table.assign(reported=lambda t: t["reported"].where(t["number"] > 0, 0.3))
    WORK.keep(WORK.gathered([Scores(spoiled)]), told(params))
    with pytest.raises(ValueError, match="hfgnn sweep audit-thesis"):
        again(params, *people)


def test_repeats_after_the_first_draw_people_of_their_own(monkeypatch):
    asked = []
    pages, _ = some_pages(150)
    monkeypatch.setattr(audit_thesis, "read_pages", lambda p: asked.append(p) or pages)
    monkeypatch.setattr(
        audit_thesis, "of_one", lambda p, row, many: pages.seen["ecg"][[row] * many]
    )
    for repeat in (1, 2):
        audit_thesis.people(PARAMS, repeat, pages, Pools({}, {}, pd.DataFrame()))
    assert len({p.seed for p in asked} | {PARAMS.pages.seed}) == 3
    assert {p.people for p in asked} == {150}


def test_a_sweep_has_a_cell_a_repeat():
    cells = thesis_cells(SMOKE, 2025, 3)
    assert [one.name for one in cells] == [f"audit.thesis.{repeat}" for repeat in range(3)]
    assert [now(one.params).repeat for one in cells] == [0, 1, 2]
    assert {now(one.make) for one in cells} == {cell}


def test_a_sweep_gathers_its_cells_into_the_record_that_the_stage_reads(home):
    sets = pd.DataFrame({"repeat": 0, "number": range(1024), "reported": 0.5, "true": 0.5})
    sets["accuracy"] = np.linspace(0, 1, 1024)
    said = {f"audit.thesis.{r}": Scores(sets.assign(repeat=r)) for r in range(3)}
    folder = WORK.files[HOW].parent
    gather_thesis(SMOKE, 2025, 3, said.__getitem__).keep(folder, home / "draft")
    stage = next(stage for stage in audits(SMOKE, 2025) if stage.name == "audit.thesis")
    table = WORK.read(told(now(stage.params)))
    assert table is not None
    assert table["repeat"].nunique() == 3
    assert WORK.command == f"hfgnn sweep {WORK.name}"
    assert WORK.name in SWEEPS
