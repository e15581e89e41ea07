"""The panel against people really drawn anew, and what pairing and few studies do to intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.utils import concordance_index
from scipy.stats import norm, t
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_ind

from hfgnn.evaluate import panel
from hfgnn.evaluate.multiple import alike, holm
from hfgnn.evaluate.panel import Labels, Times, Told, difference, draws, interval, share
from hfgnn.seeding import rng

N, MODELS, STUDIES = 60, 3, 4


@pytest.fixture
def people():
    stream = rng(1, "panel")
    ill = stream.random(N) < 0.3
    times = Times(stream.integers(1, 30, N).astype(float), stream.random(N) < 0.4)  # many ties
    scores = np.round(stream.normal(size=(MODELS, STUDIES, N)) + 1.2 * ill, 1)  # and here
    return Labels(ill), times, scores


def _counts(truth, repeats, seed):
    often = panel._drawn(truth, rng(seed, "draws"), repeats)
    return often.astype(int)


def test_the_first_row_is_the_mean_score_of_these_very_people(people):
    labels, times, scores = people
    found = draws(labels, scores, rng=rng(2, "a"), repeats=5)[0]
    expected = [[roc_auc_score(labels.ill, one) for one in model] for model in scores]
    np.testing.assert_allclose(found, np.mean(expected, axis=1), atol=1e-12)
    found = draws(times, scores, rng=rng(2, "a"), repeats=5)[0]
    expected = [
        [concordance_index(times.months, -one, times.event) for one in model] for model in scores
    ]
    np.testing.assert_allclose(found, np.mean(expected, axis=1), atol=1e-12)


def test_each_draw_is_the_score_of_people_really_repeated(people):
    labels, times, scores = people
    for truth in (labels, times):
        often = _counts(truth, 20, 3)
        drawn = truth.prepared(often.astype(np.float32))(scores[0, 0])
        for column, count in enumerate(often.T):
            rows = np.repeat(np.arange(N), count)
            if isinstance(truth, Labels):
                expected = roc_auc_score(labels.ill[rows], scores[0, 0][rows])
            else:
                expected = concordance_index(
                    times.months[rows], -scores[0, 0][rows], times.event[rows]
                )
            assert drawn[column] == pytest.approx(expected, abs=1e-6)


def test_all_models_and_studies_meet_the_same_people(people):
    labels, _, scores = people
    twice = np.stack([scores[0], scores[0]])
    found = draws(labels, twice, rng=rng(4, "a"), repeats=50)
    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    assert difference(found, 0, 1) == Told(0.0, 0.0, 0.0, 1.0)


def test_the_pairing_matters():
    stream = rng(5, "panel")
    ill = stream.random(400) < 0.5
    first = stream.normal(size=400) + 1.5 * ill
    second = first + 0.2 * stream.normal(size=400)
    within = np.arange(400)
    for side in (ill, ~ill):  # others' scores of the same label: the AUROC stays what it was
        within[side] = stream.permutation(np.flatnonzero(side))
    both = np.stack([first, second])[:, None], np.stack([first, second[within]])[:, None]
    paired, loose = (
        difference(draws(Labels(ill), scores, rng=rng(6, "a"), repeats=400), 0, 1)
        for scores in both
    )
    assert paired.value == pytest.approx(loose.value, abs=1e-12)
    assert loose.high - loose.low > 3 * (paired.high - paired.low)


def test_one_study_has_the_spread_of_people_alone_and_four_more():
    stream = rng(7, "panel")
    ill = stream.random(500) < 0.5
    base, shifts = stream.normal(size=500), np.array([0.4, 1.0, 1.6, 2.2])
    four = base + shifts[:, None] * ill
    alone = interval(draws(Labels(ill), four[None, :1], rng=rng(8, "a"), repeats=1000), 0)
    score = alone.value  # Hanley's and McNeil's variance of an AUROC
    more, fewer = score / (2 - score), 2 * score**2 / (1 + score)
    sick, well = ill.sum(), (~ill).sum()
    variance = (
        score * (1 - score) + (sick - 1) * (more - score**2) + (well - 1) * (fewer - score**2)
    )
    hanley = (variance / (sick * well)) ** 0.5
    assert alone.high - alone.low == pytest.approx(2 * 1.96 * hanley, rel=0.12)
    all_four = interval(draws(Labels(ill), four[None], rng=rng(8, "a"), repeats=4000), 0)
    between = np.std([roc_auc_score(ill, one) for one in four], ddof=1) / 2
    reach = t.ppf(0.975, 3) * between  # Student's interval over four studies
    assert all_four.high - all_four.low == pytest.approx(2 * reach, rel=0.1)


def test_the_share_of_what_is_possible():
    ill = np.arange(200) < 80
    perfect, luck = ill.astype(float), np.zeros(200)
    half = np.where(np.arange(200) % 2, perfect, 0.5)
    scores = np.stack([perfect, luck, half])[:, None]
    found = draws(Labels(ill), scores, rng=rng(9, "a"), repeats=100)
    assert share(found, 0, 0) == Told(1.0, 1.0, 1.0, 0.0)
    assert share(found, 1, 0).value == 0
    assert share(found, 2, 0).value == pytest.approx((roc_auc_score(ill, half) - 0.5) / 0.5)


@given(st.integers(0, 10_000))
def test_scores_change_nothing_but_their_order(seed):
    stream = rng(seed, "order")
    ill = np.arange(20) < 7
    scores = stream.normal(size=(2, 2, 20))
    plain = draws(Labels(ill), scores, rng=rng(1, "a"), repeats=5)
    np.testing.assert_allclose(
        draws(Labels(ill), np.exp(scores), rng=rng(1, "a"), repeats=5), plain
    )
    turned = draws(Labels(ill), -scores, rng=rng(1, "a"), repeats=5)
    np.testing.assert_allclose(turned[0], 1 - plain[0])


def test_a_draw_without_a_pair_is_made_anew():
    ill = np.arange(12) < 1
    often = panel._drawn(Labels(ill), rng(1, "rare"), 300)
    assert (often[0] > 0).all()
    event = np.arange(12) < 1
    often = panel._drawn(Times(np.arange(12.0), event), rng(1, "rare"), 300)
    assert (often[0] > 0).all()
    assert (often[1:].sum(0) > 0).all()
    assert (often.sum(0) == 12).all()


def test_scores_of_other_people_are_refused(people):
    with pytest.raises(ValueError, match=r"\(3, 4, 59\) for 60 people; give \[models, studies"):
        draws(people[0], people[2][:, :, 1:], rng=rng(1, "a"), repeats=2)


def test_holm_is_statsmodels_and_never_below_the_p_itself():
    p = rng(1, "p").random(20) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert (holm(p) >= p).all()
    order = np.sort(p)
    expected = np.maximum.accumulate(order * np.arange(20, 0, -1)).clip(max=1)
    np.testing.assert_allclose(np.sort(holm(p)), expected)


@pytest.mark.parametrize("shift", [0.0, 0.03, -0.05, 0.2])
def test_alike_is_two_one_sided_tests(shift):
    stream = rng(3, "alike")
    first, second = stream.normal(size=(2, 20_000)) + [[shift], [0.0]]
    spread = (first.var(ddof=1) / 20_000 + second.var(ddof=1) / 20_000) ** 0.5
    value = float(first.mean() - second.mean())
    told = Told(value, value - 1.959964 * spread, value + 1.959964 * spread, 0.0)
    expected = ttost_ind(first, second, -0.06, 0.06)[0]
    assert alike(told, 0.06) == pytest.approx(expected, rel=1e-2, abs=1e-9)
    if alike(told, 0.06) < 0.05:  # the same as a 90 % interval within the margin
        assert abs(value) + norm.ppf(0.95) * spread < 0.06


def test_a_margin_is_said():
    with pytest.raises(ValueError, match="above 0"):
        alike(Told(0.0, -1.0, 1.0, 1.0), 0.0)
