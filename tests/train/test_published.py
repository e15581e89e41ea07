"""The thesis's run on files: its counts, its leaks, and what each of its steps is worth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from hfgnn.evaluate import leakage
from hfgnn.features.fuse import CLINICAL
from hfgnn.seeding import rng
from hfgnn.train import published as thesis
from hfgnn.train.augmentation import Pools
from hfgnn.train.pages import Pages
from hfgnn.train.published import PUBLISHED, Found, PublishedParams, Run, published, sides
from hfgnn.world.population import COLLECTION

CLASSES = np.repeat(list(COLLECTION), list(COLLECTION.values())).astype(str)
FEW = np.arange(len(CLASSES)) % 8 == 0
SEEN = rng(3, "pages").normal(size=(len(CLASSES), 512)).astype(np.float32)
MEASURED = rng(3, "measured").normal(size=(len(CLASSES), len(CLINICAL)))
NEW = rng(3, "new").normal(size=(7, 512)).astype(np.float32)
PEOPLE = Found(CLASSES, SEEN, MEASURED, NEW)
FEWER = Found(CLASSES[FEW], SEEN[FEW], MEASURED[FEW], NEW)


def dealt(run: Run):
    return sides(run, PEOPLE, rng(3, "deal"))


@pytest.fixture(scope="module")
def as_published():
    return dealt(PUBLISHED)


def test_the_sides_are_as_large_as_the_thesis_has_them(as_published):
    train, val, test = (side.sick for side in as_published)
    assert (len(train), len(val), len(test)) == (3976, 758, 906)
    assert (train.sum(), val.sum(), test.sum()) == (1988, 379, 678)
    plain = [len(side.sick) for side in dealt(Run(new_pages=False))]
    assert plain[0] + plain[1] == 3158
    assert plain[2] == 906


def rows_of(pages, side):
    """Return the numbers of the pages that the files of a side show; -1: none of these."""
    far = cdist(side.x[:, :512], pages)
    return np.where(far.min(axis=1) < 1e-3, far.argmin(axis=1), -1)


def test_new_pages_are_normal_and_are_the_pools_and_lie_on_both_sides_but_not_in_the_test(
    as_published,
):
    train, val, test = as_published
    fresh = [rows_of(NEW, side) >= 0 for side in as_published]
    assert fresh[0].sum() + fresh[1].sum() == 1576
    assert min(fresh[0].sum(), fresh[1].sum()) > 200
    assert not fresh[2].any()
    assert not train.sick[fresh[0]].any()
    assert not val.sick[fresh[1]].any()
    assert set(rows_of(NEW, train)[fresh[0]]) == set(range(len(NEW)))
    old = rows_of(SEEN, test)
    assert (old >= 0).all()
    np.testing.assert_array_equal(CLASSES[old] != "Normal", test.sick)


def test_each_side_is_a_graph_of_its_own_in_which_files_choose_five(as_published):
    for side in as_published:
        assert side.edges.shape == (2, 5 * len(side.sick))
        assert (np.bincount(side.edges[0], minlength=len(side.sick)) == 5).all()
        assert side.x.shape == (len(side.sick), 512 + len(CLINICAL))
    mended = dealt(Run(choosers=False))
    for ours, theirs in zip(mended, as_published, strict=True):
        np.testing.assert_array_equal(ours.x, theirs.x)
        np.testing.assert_array_equal(ours.edges[::-1], theirs.edges)


def test_clinical_values_are_scaled_by_the_training_files_and_told_by_the_label(as_published):
    train = as_published[0]
    values = train.x[:, 512:]
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(values.std(axis=0), 1)
    assert values[train.sick, 0].mean() < -0.5 < 0.5 < values[~train.sick, 0].mean()
    measured = dealt(Run(copies=False, new_pages=False, from_label=False))
    for side in measured:
        row = rows_of(SEEN, side)
        for column in range(len(CLINICAL)):  # a straight line of what was measured
            line = np.corrcoef(side.x[:, 512 + column], MEASURED[row, column])[0, 1]
            assert line == pytest.approx(1)


@pytest.mark.parametrize(("copies", "least", "most"), [(True, 0.9, 1.0), (False, 0.0, 0.0)])
def test_the_pages_of_a_test_are_in_training_with_copies_and_not_without(copies, least, most):
    train, val, test = dealt(Run(copies=copies, new_pages=False))
    both = np.vstack([side.x[:, :512] for side in (train, val, test)])
    split = np.repeat(["train", "train", "test"], [len(train.x), len(val.x), len(test.x)])
    found = leakage.rows(both, split)
    assert least <= found.leaked / found.of <= most


def test_new_pages_that_nobody_has_read_are_asked_for():
    with pytest.raises(ValueError, match=r"read new pages; give the pools, or Run\(new_pages"):
        sides(PUBLISHED, replace(PEOPLE, new=None), rng(3, "deal"))


def test_fewer_people_have_as_many_fewer_files():
    parts = sides(PUBLISHED, FEWER, rng(3, "deal"))
    share = FEW.sum() / len(FEW)
    assert sum(len(side.sick) for side in parts) == pytest.approx(5640 * share, rel=0.1)


@pytest.fixture(scope="module")
def found():
    """Pages that hold nothing, and clinical values from the label."""
    table = pd.DataFrame(MEASURED, columns=list(CLINICAL)).assign(**{"class": CLASSES})[FEW]
    seen = {"ecg": SEEN[FEW], "random": SEEN[FEW]}
    pages = Pages(table, pd.DataFrame(), seen, np.arange(len(table)))
    pools = Pools({}, {"bug": NEW}, pd.DataFrame())
    chosen = {name: thesis.RUNS[name] for name in ("as published", "each person once")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thesis, "RUNS", chosen)
        return [published(PublishedParams(seed, repeats=1), pages, pools) for seed in (3, 3, 4)]


def test_copies_and_values_from_the_label_make_a_classifier_of_noise(found):
    score = found[0].scores.set_index(["run", "heard"])
    copied, alone = score.loc["as published", True], score.loc["each person once", True]
    assert copied["AUROC"] > alone["AUROC"] + 0.05
    assert copied["homophily"] > 0.7
    assert np.isnan(score.loc[("as published", False), "homophily"])


def test_what_is_shown_is_the_first_repeat_as_published(found):
    one = found[0]
    expected = sides(PUBLISHED, FEWER, rng(3, "published", "0"))
    assert list(one.sizes.values()) == [len(side.sick) for side in expected]
    np.testing.assert_array_equal(one.sick, expected[2].sick)
    assert len(one.curve) == 30
    score = one.scores.iloc[0]
    assert (score["run"], score["heard"]) == ("as published", True)
    assert score["accuracy"] == np.mean((one.chances > 0.5) == one.sick)
    assert one.curve[["loss", "validation accuracy"]].notna().all(axis=None)


def test_the_seed_deals_the_files_and_the_same_seed_gives_the_same_bits(found):
    pd.testing.assert_frame_equal(found[0].scores, found[1].scores)
    assert found[0].chances.tobytes() == found[1].chances.tobytes()
    assert found[0].chances.tobytes() != found[2].chances.tobytes()


def test_the_runs_differ_by_one_step_each_and_the_untrained_network_reads_no_new_page():
    steps = list(thesis.RUNS.values())[:4]
    for before, after in zip(steps, steps[1:], strict=False):
        assert sum(vars(before)[key] != vars(after)[key] for key in vars(before)) == 1
    assert all(run.backbone == "ecg" for run in thesis.RUNS.values() if run.new_pages)
    assert replace(PUBLISHED) == thesis.RUNS["as published"] == Run()
