"""Beside the thesis's number: pages that tell less or are softer, values alone, and ceilings."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate.metrics import auroc
from hfgnn.seeding import rng
from hfgnn.train.pages import Pages
from hfgnn.train.published import CLINICAL, Found
from hfgnn.train.verdicts import (
    DrawnParams,
    TopParams,
    WhyParams,
    blended,
    chosen,
    drawn,
    page_alone,
    top,
    why,
)
from hfgnn.world import tasks
from hfgnn.world.latent import hearts
from hfgnn.world.population import COLLECTION, heart_of, population, simulate

CLASSES = np.repeat(list(COLLECTION), [30, 30, 25, 40]).astype(str)
SICK = CLASSES != "Normal"
NOISE = rng(3, "pages").normal(size=(len(CLASSES), 512)).astype(np.float32)


def test_a_blend_is_the_own_page_or_anothers_or_between():
    other = blended(NOISE, 0.0, rng(1, "mix"))
    order = rng(1, "mix").permutation(len(NOISE))
    np.testing.assert_array_equal(other, NOISE[order])
    np.testing.assert_array_equal(blended(NOISE, 1.0, rng(1, "mix")), NOISE)
    between = blended(NOISE, 0.25, rng(1, "mix"))
    np.testing.assert_allclose(between, 0.25 * NOISE + 0.75 * NOISE[order], atol=1e-6)


def test_pages_alone_are_judged_on_people_who_were_not_learned_from():
    measured = np.zeros((len(CLASSES), 5))
    assert page_alone(Found(CLASSES, NOISE, measured)) == pytest.approx(0.5, abs=0.15)
    told = (NOISE + 0.3 * SICK[:, None]).astype(np.float32)
    assert page_alone(Found(CLASSES, told, measured)) > 0.95


def test_loud_pages_that_say_nothing_drown_the_values_and_soft_ones_do_not():
    table = pd.DataFrame(0.0, index=range(len(CLASSES)), columns=list(CLINICAL))
    people = Pages(
        table.assign(**{"class": CLASSES}), pd.DataFrame(), {"ecg": NOISE}, np.arange(len(CLASSES))
    )
    runs = why(WhyParams(3, told=(0.0,), loud=(0.01, 3.0)), people).runs
    assert len(runs) == 8
    softly, loudly = (runs[runs["loud"] == loud] for loud in (0.01, 3.0))
    assert softly["accuracy"].min() > 0.8
    once = [part[~part["copies"] & (part["hears"] == "choosers")] for part in (softly, loudly)]
    assert once[0]["accuracy"].item() > once[1]["accuracy"].item() + 0.1
    assert once[0]["homophily"].item() > once[1]["homophily"].item() + 0.1
    spread = NOISE.var(axis=0).sum() * 9
    assert loudly["share"].unique() == pytest.approx(spread / (spread + 5), rel=1e-4)
    alone = runs[runs["hears"] == "nobody"]
    assert alone["homophily"].isna().all()


def test_values_from_the_label_are_told_best_by_who_knows_their_laws_and_the_proportions():
    found = drawn(DrawnParams(4, fresh=12_000))
    assert found.sizes["sick"] / 12_000 == pytest.approx(678 / 906, abs=1e-4)
    score = found.scores.set_index(["learner", "folder", "proportions"])["accuracy"]
    best = score["best possible", "none", "told"]
    assert score.max() <= best + 5e-4
    assert best - score["logistic, log and squares", "made equal", "told"] < 0.002
    for name in ("logistic regression", "logistic, log and squares"):
        assert best - score[name, "as dealt", "not told"] < 0.003
        assert score[name, "made equal", "not told"] < score[name, "made equal", "told"]
    assert (found.scores["low"] < found.scores["accuracy"]).all()
    again = drawn(DrawnParams(4, fresh=12_000)).scores
    pd.testing.assert_frame_equal(found.scores, again)


def test_chances_among_those_chosen_by_class_are_the_shares_that_come_true():
    """The table's labels were drawn before anybody was chosen, and by none of these formulas."""
    config = replace(population("thesis", people=4_000, seed=6), signals=False)
    table = simulate(config).table
    heart, sick = heart_of(table), table["sick"].to_numpy(bool)
    chance = chosen(heart, hearts(60_000, rng(6, "community")))
    assert chance.mean() == pytest.approx(sick.mean(), abs=0.02)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 0.95), (0.95, 1.0)):
        here = (chance > low) & (chance <= high)
        error = np.sqrt(0.25 / here.sum())
        assert sick[here].mean() == pytest.approx(chance[here].mean(), abs=4 * error)
    assert tasks.sick(heart).mean() < sick.mean() - 0.1  # the community's chances are others
    found = top(TopParams(6, people=3_000, community=60_000)).table
    ceiling = found.set_index(["statistic", "view"])["ceiling"]
    assert auroc(sick, chance) == pytest.approx(ceiling["AUROC", "hidden heart"], abs=0.02)
    assert ceiling["AUROC", "both"] > ceiling["AUROC", "clinical"] + 0.05
