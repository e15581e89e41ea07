import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from hfgnn.evaluate.morphology import measured
from hfgnn.features.resnet import features, pack, unpack
from hfgnn.train import attributes
from hfgnn.train import backbone as making
from hfgnn.train.attributes import (
    BY_LEAD,
    PAGES,
    WHOLE,
    YES_NO,
    Scale,
    Sheaf,
    crowd,
    drawn,
    gathered,
    printed,
    sheaves,
)
from hfgnn.train.backbone import ASKED, TOLD, backbone
from hfgnn.train.reader import CHECKPOINT, COUNTED, CURVE, PARTS, Recipe, Run, misread, rate
from hfgnn.world.population import Population, block

TINY = Recipe(
    people=40, check=10, steps=4, batch=8, warm=2, early=48, early_steps=3, every=2, bf16=False
)
Made = tuple[Path, Path]
RECORDED = Path(__file__).resolve().parents[2] / "book" / "ledger" / "recorded" / "backbone"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A whole run with few pages and steps: its work folder, and what came out."""
    work, out = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("out")
    told = list(backbone(TINY, work, out, jobs=1))
    assert sorted(p.done for p in told if p.what == "pages")[::2] == [0, 50]
    assert [(p.done, p.total) for p in told if p.what == "steps"] == [(2, 4), (4, 4)]
    return work, out


def plan() -> list[Sheaf]:
    """The blocks of those who are learned from, and of those who check."""
    return sheaves(crowd(40, TINY.seed)) + sheaves(crowd(10, TINY.seed + 1), 40)


def copied(work: Path, target: Path, *more: str) -> Path:
    """Return a work folder with the same pages in which, without more, nothing is learned yet."""
    (target / "attributes").mkdir(parents=True)
    names = [PAGES, *more, *(f"attributes/{p.name}" for p in (work / "attributes").iterdir())]
    for name in names:
        (target / name).hardlink_to(work / name)
    return target


def test_the_trunk_that_comes_out_is_the_one_that_learned(made: Made) -> None:
    work, out = made
    told = json.loads((out / TOLD).read_text())
    held = load_file(work / CHECKPOINT)
    trunk, exact = load_file(out / "ecg.safetensors"), {n[6:]: w for n, w in held.items()}
    assert len(trunk) == sum(name.startswith("net.0.") for name in held) > 100
    for name, weight in trunk.items():
        assert torch.equal(weight, exact[name].to(weight.dtype))
    assert {w.dtype for w in trunk.values()} == {torch.float16, torch.int64}
    assert told["recipe"]["seed"] == TINY.seed
    assert (out / "ecg.safetensors").stat().st_size < 25e6
    pages, _ = gathered(work)
    assert features(pages[:2], unpack((out / "ecg.safetensors").read_bytes()).eval()).std() > 0


def test_the_curve_has_a_row_a_checkpoint_and_a_column_an_attribute(made: Made) -> None:
    curve = pd.read_csv(made[1] / CURVE)
    assert curve["step"].tolist() == [2, 4]
    assert {"step", "seconds", "loss", *WHOLE, *BY_LEAD} <= set(curve)
    assert np.isfinite(curve["loss"]).all()


def test_a_run_that_was_cut_off_ends_as_if_nothing_had_happened(made: Made, tmp_path: Path) -> None:
    work = copied(made[0], tmp_path / "cut")
    cut = Run(TINY, work, torch.device("cpu"))
    assert next(cut.steps()).done == 2
    cut._learn()  # a step that is lost, and a row whose checkpoint is
    (work / CURVE).write_text((work / CURVE).read_text() + "4" + "," * 50 + "\n")
    resumed = Run(TINY, work, torch.device("cpu"))
    assert [p.done for p in resumed.steps()] == [4]
    whole, again = load_file(made[0] / CHECKPOINT), load_file(work / CHECKPOINT)
    assert whole.keys() == again.keys()
    assert all(torch.equal(w, again[name]) for name, w in whole.items())
    assert any("exp_avg_sq" in name for name in whole)
    columns = [*WHOLE, *BY_LEAD]
    curves = [pd.read_csv(folder / CURVE)[columns] for folder in (made[0], work)]
    pd.testing.assert_frame_equal(*curves)


def test_a_finished_run_is_not_begun_again(made: Made, tmp_path: Path) -> None:
    before = (made[0] / CHECKPOINT).stat().st_mtime_ns
    told = list(backbone(TINY, made[0], tmp_path, jobs=1))
    assert [(p.what, p.done) for p in told] == [("pages", 50)]
    assert (made[0] / CHECKPOINT).stat().st_mtime_ns == before
    assert (tmp_path / "ecg.safetensors").read_bytes() == (made[1] / "ecg.safetensors").read_bytes()


def test_two_recipes_do_not_share_a_folder(made: Made, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another recipe"):
        next(backbone(replace(TINY, rate=2e-3), made[0], tmp_path))


def test_the_pages_are_those_of_the_population_in_its_order(made: Made) -> None:
    pages, table = gathered(made[0])
    assert [s.start for s in plan()] == [0, 40]
    assert [s.people for s in plan()] == [40, 10]
    again, told = drawn(plan()[1])
    np.testing.assert_array_equal(pages[40:], again)
    pd.testing.assert_frame_equal(table[40:].reset_index(drop=True), told)
    assert [s.start for s in sheaves(crowd(600, 1), 7)] == [7, 257, 507]


def test_attributes_are_what_the_signal_shows(made: Made) -> None:
    sheaf, (_, both) = sheaves(crowd(40, TINY.seed))[0], gathered(made[0])
    table = both[:40]
    people = block(sheaf.config, sheaf.number)
    assert people.ecg is not None
    seen = measured(people.ecg, 250)
    np.testing.assert_allclose(np.exp(table["rate"]), seen["hr"], rtol=1e-5)
    np.testing.assert_allclose(np.hypot(table["axis_cos"], table["axis_sin"]), 1, rtol=1e-5)
    np.testing.assert_allclose(table["R_V5"], seen["R_V5"], rtol=1e-5)
    assert (table["wide"] == (seen["qrs"] >= 120)).all()
    assert (table["af"] == people.table["heart_af"]).all()
    assert (table["pr"].isna() == people.table["heart_af"]).all()


def test_no_label_and_nothing_of_the_person_is_among_the_attributes(made: Made) -> None:
    _, table = gathered(made[0])
    sheaf = sheaves(crowd(40, TINY.seed))[0]
    hidden = set(block(replace(sheaf.config, signals=False), 0).table)
    assert {"class", "sick", "group", "ef", "heart_infarct", "age"} <= hidden
    assert list(table) == [*WHOLE, *BY_LEAD, *YES_NO]
    assert not hidden & set(table)


def test_labels_are_not_even_looked_at(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sealed:
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"{name} of the labels was asked for")

        __getitem__ = __len__ = __iter__ = __array__ = __getattribute__

    recruited = attributes.recruited

    def unlabelled(config: Population, number: int, stream: Any) -> tuple[Any, Sealed]:
        return recruited(config, number, stream)[0], Sealed()

    monkeypatch.setattr(attributes, "recruited", unlabelled)
    pages, table = drawn(plan()[1])
    known, told = gathered(made[0])
    np.testing.assert_array_equal(pages, known[40:])
    pd.testing.assert_frame_equal(table, told[40:].reset_index(drop=True))


def test_the_scale_is_of_those_who_are_learned_from_and_outliers_do_not_stretch_it() -> None:
    dice = np.random.default_rng(3)
    names = [*WHOLE, *BY_LEAD]
    table = pd.DataFrame(dice.normal(3, 2, (4000, len(names))), columns=names)
    table = table.assign(**dict.fromkeys(YES_NO, 1.0))
    table.iloc[0, 0], table.iloc[1, 1] = 1e6, np.nan
    scale = Scale.of(table)
    np.testing.assert_allclose(scale.middle, 3, atol=0.15)
    np.testing.assert_allclose(scale.spread, 2, atol=0.15)
    target = scale(table)
    assert target[0, 0] == 4
    assert np.isnan(target[1, 1])
    assert np.isnan(target).sum() == 1


def test_the_loss_is_the_sum_of_three_means_over_what_is_known() -> None:
    dice = np.random.default_rng(4)
    told = torch.from_numpy(dice.normal(size=(6, sum(PARTS))))
    target = torch.from_numpy(dice.normal(size=(6, sum(PARTS))))
    target[:, -PARTS[2] :] = (target[:, -PARTS[2] :] > 0).double()
    target[torch.from_numpy(dice.random(target.shape) < 0.3)] = torch.nan
    expected = torch.zeros(())
    for part, loss in zip(
        ((0, PARTS[0]), (PARTS[0], PARTS[0] + PARTS[1]), (PARTS[0] + PARTS[1], sum(PARTS))),
        (functional.smooth_l1_loss,) * 2 + (functional.binary_cross_entropy_with_logits,),
        strict=True,
    ):
        p, y = told[:, slice(*part)], target[:, slice(*part)]
        expected = expected + loss(p[~y.isnan()], y[~y.isnan()])
    torch.testing.assert_close(misread(told.double(), target), expected.double())


def test_what_is_unknown_teaches_nothing() -> None:
    told = torch.zeros(2, sum(PARTS), requires_grad=True)
    loss = misread(told, torch.full((2, sum(PARTS)), torch.nan))
    loss.backward()
    assert float(loss.detach()) == 0
    assert told.grad is not None
    assert (told.grad == 0).all()


def test_the_learning_rate_rises_stays_and_falls() -> None:
    recipe = Recipe(steps=100, warm=10, fall=0.2, rate=2.0)
    rates = [rate(recipe, step) for step in (1, 5, 10, 80, 90, 100)]  # the recorded run's last: 0
    assert rates == pytest.approx([0.2, 1.0, 2.0, 2.0, 1.0, 0.0])


def test_scores_are_r2_and_auroc_of_the_people_who_check(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(TINY, made[0], torch.device("cpu"))
    truth = run.targets[TINY.people :]
    monkeypatch.setattr(Run, "told", lambda self, rows: np.nan_to_num(self.targets[rows]))
    scores = run.scores()
    assert all(scores[name] == 1 for name in [*WHOLE, *BY_LEAD])
    assert {s for name, s in scores.items() if name in YES_NO} == {1.0}
    assert len(truth) == TINY.check


def test_the_recipe_file_names_what_the_weights_were_made_with(made: Made) -> None:
    told = json.loads((made[1] / TOLD).read_text())
    assert told["reads"] == [*WHOLE, *BY_LEAD, *YES_NO]
    assert {"sha256", "hours", "device", "made", "versions", "scores"} <= set(told)
    assert making.TRUNK == "ecg.safetensors"
    run = Run(TINY, made[0], torch.device("cpu"))
    assert pack(run.net[0]) == (made[1] / "ecg.safetensors").read_bytes()
    assert told["scores"] == pytest.approx(run.scores())


def test_what_is_recorded_was_made_with_the_recipe_and_lies_as_the_package_writes_it() -> None:
    told = json.loads((RECORDED / TOLD).read_text(encoding="utf-8"))
    assert told["recipe"] == asdict(Recipe())
    assert told["reads"] == [*WHOLE, *BY_LEAD, *YES_NO]
    last = pd.read_csv(RECORDED / CURVE, float_precision="round_trip").iloc[-1]
    assert last["step"] == told["steps"] == Recipe().steps
    assert last.drop([*COUNTED]).to_dict() == told["scores"]


def test_without_a_checkpoint_steps_begin_anew_none_is_scored_twice_and_the_threads_go_home(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, runs, asked = copied(made[0], tmp_path / "work", CURVE), list[Run](), list[int]()
    real, scores = making.Run, Run.scores
    monkeypatch.setattr(making, "Run", lambda *given: runs.append(real(*given)) or runs[-1])
    monkeypatch.setattr(Run, "scores", lambda run: asked.append(run.step) or scores(run))
    list(backbone(TINY, work, tmp_path / "out"))
    assert asked == [2, 4]
    with pytest.raises(RuntimeError, match="after shutdown"):
        runs[0].pool.submit(int)
    again = (tmp_path / "out" / "ecg.safetensors").read_bytes()
    assert again == (made[1] / "ecg.safetensors").read_bytes()


def test_work_and_weights_may_share_a_folder(made: Made, tmp_path: Path) -> None:
    work = copied(made[0], tmp_path / "both", CHECKPOINT, CURVE, ASKED)
    for _ in range(2):
        list(backbone(TINY, work, work))
    for name in ("ecg.safetensors", CURVE):
        assert (work / name).read_bytes() == (made[1] / name).read_bytes()


def test_the_folder_for_the_weights_is_tried_before_anything_is_printed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match="no folder that can be written to .* name another"):
            next(backbone(TINY, tmp_path / "work", folder))
    assert not (tmp_path / "work").exists()
    next(backbone(TINY, tmp_path / "work", tmp_path / "new" / "folder"))
    assert not list((tmp_path / "new" / "folder").iterdir())


def test_where_the_pages_are_lost_all_of_them_are_printed_again(made: Made, tmp_path: Path) -> None:
    work = copied(made[0], tmp_path / "lost")
    assert next(printed(plan(), work, jobs=1)) == (50, 50)
    (work / PAGES).unlink()
    for _ in range(2):  # were it cut off here, it would still know
        assert next(printed(plan(), work, jobs=1)) == (0, 50)
    assert not gathered_tables(work)


def gathered_tables(work: Path) -> list[Path]:
    """The files that say which blocks are printed."""
    return sorted((work / "attributes").glob("*.parquet"))


def test_pages_that_would_fill_the_disk_are_not_begun(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = int(attributes.SPARE) + 10 * attributes.PAGE_BYTES
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(OSError, match=r"pages.npy would take 0.5 GB more .* choose another --work"):
        next(printed(plan(), tmp_path, jobs=1))
    assert not (tmp_path / PAGES).exists()
    work = copied(made[0], tmp_path / "begun")
    gathered_tables(work)[1].unlink()
    assert next(printed(plan(), work, jobs=1)) == (40, 50)  # what lies there needs no room
    free = 0
    assert next(printed(plan(), made[0], jobs=1)) == (50, 50)


@pytest.mark.slow
def test_who_stops_the_printing_waits_for_the_blocks_at_hand_alone(tmp_path: Path) -> None:
    several = [sheaf for n in range(9) for sheaf in sheaves(crowd(20, n), 20 * n)]
    printing = printed(several, tmp_path, jobs=1)
    assert [next(printing)[0], next(printing)[0]] == [0, 20]
    printing.close()  # type: ignore[attr-defined]
    assert len(gathered_tables(tmp_path)) < 6


def shortened(file: bytes) -> bytes:
    """As after a full disk."""
    return file[: len(file) // 2]


def emptied(file: bytes) -> bytes:
    """As after a power cut."""
    return file[:0]


def of_others(file: bytes) -> bytes:
    """The same kind of file with other things in it."""
    return (
        file.replace(b"(50, 224", b"(40, 224").replace(b"step", b"stop").replace(b"net.0", b"n.0.0")
    )


BROKEN = [
    (PAGES, shortened, "all pages are printed again"),
    (PAGES, of_others, "all pages are printed again"),
    ("attributes/0000040.parquet", shortened, "pages are printed again"),
    (CHECKPOINT, shortened, "the steps begin anew"),
    (CHECKPOINT, of_others, "the steps begin anew"),
    (CURVE, shortened, "the steps begin anew"),
    (CURVE, of_others, "the steps begin anew"),
]
BROKEN += [(name, emptied, remedy) for name, broken, remedy in BROKEN if broken is shortened]


@pytest.mark.parametrize(("name", "broken", "remedy"), BROKEN)
def test_a_damaged_file_is_named_with_what_to_do(
    made: Made,
    tmp_path: Path,
    name: str,
    broken: Callable[[bytes], bytes],
    remedy: str,
) -> None:
    work = copied(made[0], tmp_path / "work", CHECKPOINT, CURVE)
    whole = (work / name).read_bytes()
    (work / name).unlink()  # the other name of the file keeps what it has
    (work / name).write_bytes(broken(whole))
    with pytest.raises(ValueError, match=f"{Path(name).name}.* delete it.*{remedy}") as raised:
        list(backbone(TINY, work, tmp_path / "out"))
    assert "\n" not in str(raised.value)


def test_a_recipe_that_cannot_be_read_is_no_recipe(made: Made, tmp_path: Path) -> None:
    work = copied(made[0], tmp_path / "work")
    for text in ("", "[1]", "{"):
        (work / ASKED).write_text(text)
        with pytest.raises(ValueError, match=f"{ASKED} .* name an empty folder"):
            next(backbone(TINY, work, tmp_path / "out"))


def test_each_of_two_hands_finds_the_slope_that_one_alone_would(made: Made, tmp_path: Path) -> None:
    work = copied(made[0], tmp_path / "hands")
    runs = [Run(replace(TINY, hands=hands), work, torch.device("cpu")) for hands in (1, 2)]
    x = torch.randn(4, 3, 48, 48, generator=torch.Generator().manual_seed(8))
    y = torch.from_numpy(runs[0].targets[:4]).nan_to_num()
    for run in runs:
        run.net[1].weight.data.fill_(0.01)  # the first layer is zero and would stop the slope
    halves = [runs[1]._slopes(net, x[:2], y[:2])[1] for net in runs[1].nets]
    whole = runs[0]._slopes(runs[0].net, x[:2], y[:2])[1]
    for one, other, alone in zip(*halves, whole, strict=True):
        torch.testing.assert_close(one, alone)
        torch.testing.assert_close(other, alone)
    first, second = (net.state_dict() for net in runs[1].nets)
    shared = [first[name].data_ptr() == second[name].data_ptr() for name in first]
    kept = ["running" in name or "batches" in name for name in first]
    assert shared == [not own for own in kept]
