"""The thesis's run on files: its counts, its leaks, and what they are worth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate import leaks
from hfgnn.features.fuse import CLINICAL
from hfgnn.seeding import rng
from hfgnn.train.pages import Pages
from hfgnn.train.published import PublishedParams, published, sides
from hfgnn.world.population import COLLECTION

CLASSES = np.repeat(list(COLLECTION), [30, 30, 25, 40]).astype(str)
SEEN = rng(3, "pages").normal(size=(len(CLASSES), 512)).astype(np.float32)
PARAMS = PublishedParams(3, people=len(CLASSES), repeats=1)


@pytest.fixture(scope="module")
def dealt():
    return sides(PARAMS, CLASSES, SEEN, 0)


def test_the_sides_are_as_large_as_the_thesis_has_them(dealt):
    train, val, test = (len(side.sick) for side in dealt)
    assert (train + val, test) == (3158, 906)
    assert val == np.ceil(0.16 * 3158)
    assert int(dealt[2].sick.sum()) == 678


def test_each_side_is_a_graph_of_its_own_in_which_files_choose_five(dealt):
    for side in dealt:
        assert side.edges.shape == (2, 5 * len(side.sick))
        assert (np.bincount(side.edges[0], minlength=len(side.sick)) == 5).all()
        assert side.x.shape == (len(side.sick), 512 + len(CLINICAL))


def test_the_pages_of_a_test_are_in_training_with_copies_and_not_without(dealt):
    shares = []
    for copies in (True, False):
        train, _, test = sides(replace(PARAMS, copies=copies), CLASSES, SEEN, 0)
        both = np.vstack([train.x[:, :512], test.x[:, :512]])
        split = np.repeat(["train", "test"], [len(train.x), len(test.x)])
        found = leaks.rows(both, split)
        shares.append(found.leaked / found.of)
    assert shares[0] > 0.9
    assert shares[1] == 0


def test_copies_of_pages_and_values_from_the_label_make_a_classifier_of_noise():
    """The pages hold nothing here, and the clinical values come from the label."""
    table = pd.DataFrame({"class": CLASSES})
    found = published(PARAMS, Pages(table, {"noise": SEEN}))
    assert found.scores["AUROC"].min() > 0.8
    assert found.scores["homophily"].min() > 0.8
    assert len(found.curve) == 30
    assert found.report.loc["sick", "support"] == 678
    assert found.confusion.to_numpy().sum() == 906
    again = published(PARAMS, Pages(table, {"noise": SEEN}))
    pd.testing.assert_frame_equal(found.scores, again.scores)
