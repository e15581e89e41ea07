import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from hfgnn.evaluate.morphology import measured
from hfgnn.features.resnet import features, pack, unpack
from hfgnn.train import backbone as making
from hfgnn.train import reader
from hfgnn.train.attributes import BY_LEAD, WHOLE, YES_NO, Scale, crowd, drawn, gathered, sheaves
from hfgnn.train.backbone import backbone
from hfgnn.train.reader import CHECKPOINT, CURVE, PARTS, Recipe, Run, altered, misread, rate
from hfgnn.world.population import block

TINY = Recipe(
    people=40, check=10, steps=4, batch=8, warm=2, early=48, early_steps=3, every=2, bf16=False
)
Made = tuple[Path, Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A whole run with few pages and steps: its work folder, and what came out."""
    work, out = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("out")
    told = list(backbone(TINY, work, out, jobs=1))
    assert sorted(p.done for p in told if p.what == "pages")[::2] == [0, 50]
    assert [(p.done, p.total) for p in told if p.what == "steps"] == [(2, 4), (4, 4)]
    return work, out


def copied(work: Path, target: Path) -> Path:
    """Return a work folder with the same pages in which nothing has been learned yet."""
    (target / "attributes").mkdir(parents=True)
    names = ["pages.npy", *(f"attributes/{p.name}" for p in (work / "attributes").iterdir())]
    for name in names:
        (target / name).hardlink_to(work / name)
    return target


def test_the_trunk_that_comes_out_is_the_one_that_learned(made: Made) -> None:
    work, out = made
    told = json.loads((out / "ecg.json").read_text())
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
    plan = sheaves(crowd(40, TINY.seed)) + sheaves(crowd(10, TINY.seed + 1), 40)
    assert [s.start for s in plan] == [0, 40]
    again, told = drawn(plan[1])
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
    rates = [rate(recipe, step) for step in (1, 5, 10, 80, 90, 100)]
    assert rates == pytest.approx([0.2, 1.0, 2.0, 2.0, 1.0, 0.0])


def test_pages_are_moved_a_little_and_never_mirrored() -> None:
    x = torch.zeros(64, 3, 100, 100)
    x[:, :, 20:25, 10:15] = 1.0  # a blot in the upper left
    found = altered(x, np.random.default_rng(5), moved=1.0, side=100)
    found = found - found[:, :, -1:, -1:]
    at = found[:, 0].flatten(1).argmax(dim=1)
    row, column = at // 100, at % 100
    assert ((row > 12) & (row < 33) & (column > 2) & (column < 23)).all()
    assert row.unique().numel() > 3
    assert column.unique().numel() > 3


def test_pages_that_are_not_moved_differ_in_light_alone() -> None:
    x = torch.randn(4, 3, 50, 50, generator=torch.Generator().manual_seed(6))
    found = altered(x.clone(), np.random.default_rng(7), moved=0.0, side=50)
    for before, after in zip(x.flatten(1), found.flatten(1), strict=True):
        assert torch.corrcoef(torch.stack([before, after]))[0, 1] > 0.9999
    assert altered(x, np.random.default_rng(7), moved=0.5, side=32).shape == (4, 3, 32, 32)


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
    told = json.loads((made[1] / "ecg.json").read_text())
    assert told["reads"] == [*WHOLE, *BY_LEAD, *YES_NO]
    assert {"sha256", "hours", "device", "made", "versions", "scores"} <= set(told)
    assert making.TRUNK == "ecg.safetensors"
    assert reader.Recipe() == Recipe()
    run = Run(TINY, made[0], torch.device("cpu"))
    assert pack(run.net[0]) == (made[1] / "ecg.safetensors").read_bytes()


def test_two_hands_find_the_slope_of_the_whole_batch(made: Made, tmp_path: Path) -> None:
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
