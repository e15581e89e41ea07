"""Ways to equal classes, on pages whose numbers are drawn here: what each can and cannot do."""

import numpy as np
import pandas as pd
import pytest

from hfgnn.evaluate.paired import over_resplits
from hfgnn.seeding import rng
from hfgnn.train import balance as plans
from hfgnn.train.augmentation import Pools
from hfgnn.train.equal import (
    ASKEW,
    EARLY,
    EQUAL,
    LATE,
    NOTHING,
    SCORES,
    STRAIGHT,
    UNSEEN,
    VALIDATION,
    BalanceParams,
    balance,
    looked_up,
)
from hfgnn.train.pages import Pages

PEOPLE, COLLECTED, WIDTH = 500, 300, 40
SMEARED = WIDTH - 1  # the column that tells a new page of the published ways from any other


def world(signal: float) -> tuple[Pages, Pools, Pools]:
    """Sick people are `signal` SDs higher in one column; published pages are smeared in another."""
    stream = rng(11, "equal")
    sick = stream.random(PEOPLE) < 0.7
    seen = stream.standard_normal((PEOPLE, WIDTH))
    seen[:, 0] += signal * sick
    own = np.arange(COLLECTED)
    normal = own[~sick[own]]
    sources = {
        "bug": np.repeat(normal[:1], COLLECTED - 2 * len(normal)),
        "published": normal,
        "gentle": normal,
    }
    new = {name: seen[rows] + 0.1 for name, rows in sources.items()}
    for name in ("bug", "published"):
        new[name][:, SMEARED] += 3
    others = np.arange(COLLECTED, PEOPLE)
    turned = {"normal": others[~sick[others]][:30], "sick": others[sick[others]][:30]}
    askew = {name: seen[rows].copy() for name, rows in turned.items()}
    for page in askew.values():
        page[:, SMEARED] += 3
    table = pd.DataFrame({"sick": sick})
    pages = Pages(table, pd.DataFrame(), {"ecg": seen.astype(np.float32)}, own)
    return pages, *(
        Pools(s, {n: p.astype(np.float32) for n, p in x.items()}, pd.DataFrame())
        for s, x in ((sources, new), (turned, askew))
    )


@pytest.fixture(scope="module")
def found():
    return balance(BalanceParams(11, deals=4, strength=1.0), *world(1.5))


@pytest.fixture(scope="module")
def mean(found):
    return found.scores.groupby(["on", "order", "way"])[SCORES].mean()


def test_every_way_and_order_sits_every_exam_in_every_deal(found):
    assert len(found.scores) == 4 * 2 * len(EQUAL) * 4
    assert not found.scores.duplicated(["order", "way", "deal", "on"]).any()
    two = found.scores[["sensitivity", "specificity"]].mean(axis=1)
    np.testing.assert_allclose(found.scores["balanced accuracy"], two)


def test_another_cut_moves_no_rank(mean):
    for on in (VALIDATION, UNSEEN):
        plain, cut = mean.loc[on, EARLY, NOTHING], mean.loc[on, EARLY, "another cut"]
        assert cut["AUROC"] == plain["AUROC"]
        assert cut["specificity"] > plain["specificity"] + 0.05


def test_who_learns_that_smeared_pages_are_normal_calls_smeared_sick_people_normal(mean):
    lost = (mean.loc[STRAIGHT, EARLY] - mean.loc[ASKEW, EARLY])["sensitivity"]
    assert lost["published, as meant"] > 0.4
    assert lost[NOTHING] < 0.2
    assert lost["gentle pages"] < 0.2  # they are not smeared


def test_augmenting_before_the_split_shows_in_validation_alone(mean):
    for way in ("published, with the bug", "sampling"):
        early, late = (mean.loc[VALIDATION, order, way] for order in (EARLY, LATE))
        assert late["balanced accuracy"] > early["balanced accuracy"] + 0.02


def test_where_nothing_can_be_learned_no_way_finds_anything_in_people_unseen():
    scores = balance(BalanceParams(11, deals=2), *world(0.0)).scores
    by = scores.groupby(["on", "order", "way"])["AUROC"].mean()
    assert by[UNSEEN].sub(0.5).abs().max() < 0.12
    assert by[VALIDATION, LATE, "published, with the bug"] > 0.65  # the bug's pages know theirs


def test_gains_and_optimism_are_paired_over_deals(found):
    by = dict(list(found.scores.groupby(["on", "order", "way"])["AUROC"]))
    dealt = {"train": round(COLLECTED * (1 - plans.HELD_OUT)), "test": PEOPLE - COLLECTED}
    weighed, plain = by[UNSEEN, LATE, "weights"], by[UNSEEN, LATE, NOTHING]
    wanted = over_resplits(weighed, plain, **dealt)
    gains = found.gains.set_index(["order", "way", "score"]).sort_index()
    row = gains.loc[LATE, "weights", "AUROC"]
    assert tuple(row) == (wanted.mean, wanted.low, wanted.high)
    optimism = found.optimism.set_index(["order", "way", "score"]).sort_index()
    above = by[VALIDATION, LATE, "weights"].mean() - weighed.mean()
    assert optimism.loc[(LATE, "weights", "AUROC"), "mean"] == pytest.approx(above)


def test_the_same_seed_gives_the_same_scores(found):
    again = balance(BalanceParams(11, deals=4, strength=1.0), *world(1.5))
    pd.testing.assert_frame_equal(again.scores, found.scores)


def test_a_row_that_is_new_is_looked_up_by_its_source_and_the_bug_s_in_order():
    pages, new, _ = world(1.0)
    sick = pages.table["sick"].to_numpy()[pages.collected]
    gentle = plans.augment_then_split(sick, plans.as_published_intended, rng(1))
    x = looked_up(gentle, pages, new, pool="gentle")
    plain = pages.of_collection("ecg")[gentle.source]
    np.testing.assert_allclose(x, plain + 0.1 * gentle.augmented[:, None], rtol=1e-5, atol=1e-6)
    bug = plans.augment_then_split(sick, plans.as_published_alone, rng(1))
    x = looked_up(bug, pages, new, pool="bug")
    np.testing.assert_array_equal(x[bug.augmented], new.seen["bug"])
    np.testing.assert_array_equal(x[~bug.augmented], pages.seen["ecg"][bug.source[~bug.augmented]])


def test_deals_are_the_first_that_train_on_the_first_normal_page():
    """The bug's pages are all of that page: held out, it would have none in training."""
    pages, new, turned = world(1.0)
    scores = balance(BalanceParams(11, deals=8, strength=0.01), pages, new, turned).scores
    sick = pages.table["sick"].to_numpy()[pages.collected]
    first, wanted, deal = int(np.flatnonzero(~sick)[0]), [], 0
    while len(wanted) < 8:
        stream = rng(11, "augmentation", "deal", str(deal))
        plan = plans.split_then_augment(sick, plans.none, stream)
        wanted += [deal] * bool(plan.split[plan.source == first][0] == "train")
        deal += 1
    assert sorted(scores["deal"].unique()) == wanted
    assert deal > 8  # some deal is left out, or this shows nothing


def test_a_page_that_the_pool_does_not_hold_is_refused():
    """A deal that holds the first normal page out would make the bug's pages from the second."""
    pages, new, _ = world(1.0)
    sick = pages.table["sick"].to_numpy()[pages.collected]
    plan = plans.split_then_augment(sick, plans.as_published_bug, rng(1))
    second = np.flatnonzero(~sick)[1]
    wrong = plans.Plan(
        np.where(plan.augmented, second, plan.source),
        plan.augmented,
        plan.split,
        plan.labels,
        plan.weight,
    )
    with pytest.raises(ValueError, match="no new page of"):
        looked_up(wrong, pages, new, pool="bug")
