"""The controls without a graph: they learn, they repeat, and they scale by what they learned."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from hfgnn.evaluate.metrics import auroc
from hfgnn.seeding import rng
from hfgnn.train.controls import BEST, people
from hfgnn.train.flat import CONTROLS, vote
from hfgnn.world.truth import log_ratio

SCALE = np.array([1.0, 100.0, 0.01])


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    with threadpool_limits(1):
        yield


def cohort(n: int, *, seed: int):
    """Return x [n, 3] at three scales, of which the first tells the class, and y."""
    stream = rng(seed, "flat")
    y = stream.random(n) < 0.5
    return (stream.normal(size=(n, 3)) + np.outer(y, [2.0, 0, 0])) * SCALE + SCALE, y


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_learns_and_repeats_with_its_seed(name):
    (x, y), (unseen, truth) = cohort(600, seed=1), cohort(400, seed=2)
    chances = [CONTROLS[name](7).fit(x, y).predict_proba(unseen) for _ in range(2)]
    assert chances[0].tobytes() == chances[1].tobytes()
    assert chances[0].shape == (400, 2)
    assert chances[0].sum(axis=1) == pytest.approx(1)
    best = auroc(truth, unseen[:, 0])
    assert best - 0.05 < auroc(truth, chances[0][:, 1]) < best + 0.01


@pytest.mark.parametrize("name", CONTROLS)
def test_units_do_not_matter_and_the_judged_move_no_scale(name):
    (x, y), (unseen, _) = cohort(600, seed=1), cohort(400, seed=2)
    known = CONTROLS[name](7).fit(x, y)
    other = CONTROLS[name](7).fit(x * 8 - 64, y)  # by a power of two: equal bits
    said = known.predict_proba(unseen)
    assert other.predict_proba(unseen * 8 - 64) == pytest.approx(said, abs=1e-6)
    assert known.predict_proba(unseen[:9] + 0) == pytest.approx(said[:9], abs=1e-9)


def test_logistic_regression_and_vote_are_what_their_names_say():
    (x, y), (unseen, _) = cohort(300, seed=1), cohort(50, seed=2)
    scaled = [(part - x.mean(axis=0)) / x.std(axis=0) for part in (x, unseen)]
    line = LogisticRegression(tol=1e-8, max_iter=1000).fit(scaled[0], y)
    found = CONTROLS["logistic regression"](0).fit(x, y).predict_proba(unseen)
    assert found == pytest.approx(line.predict_proba(scaled[1]), abs=1e-3)
    for k in (3, 5):
        nearest = cdist(scaled[1], scaled[0]).argsort(axis=1)[:, :k]
        votes = vote(k).fit(scaled[0], y).predict_proba(scaled[1])
        assert votes[:, 1] == pytest.approx(y[nearest].mean(axis=1))


def test_the_clinical_five_are_read_almost_as_well_as_can_be():
    """Told the test's proportions, a logistic regression comes within 0.3 points of the ceiling."""
    known, truth = people(2000, 2000, rng(3, "train"))
    tested, sick = people(15_000, 5_000, rng(3, "test"))
    odds = {BEST: log_ratio(tested)}
    for name in ("logistic regression", "multilayer perceptron"):
        model = CONTROLS[name](0).fit(known.to_numpy(), truth)
        odds[name] = np.diff(np.log(model.predict_proba(tested.to_numpy()).clip(1e-15)))[:, 0]
    right = {name: np.mean(sick == (score > -np.log(3))) for name, score in odds.items()}
    assert all(right[BEST] - 0.003 < right[name] <= right[BEST] + 5e-4 for name in right)
