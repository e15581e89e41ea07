"""Objectives against sums written out, against lifelines and scikit-survival, and at their limits.

A sum over a risk set is here a loop over everyone; the losses themselves sort once.
"""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from torch.autograd import gradcheck
from torch.nn.functional import cosine_similarity

from hfgnn.losses import (
    alignment,
    contrastive,
    cox,
    foretold,
    reconstruction,
    risk_and_reconstruction,
    views,
)
from hfgnn.seeding import rng

TIES = ["breslow", "efron"]


def people(n: int, *, seed: int, months: int | None = None, share: float = 0.5):
    """Return risks, times and events; whole months tie, and one at least has an event."""
    stream = rng(seed, "losses")
    time = stream.integers(1, months + 1, n) if months else stream.permutation(n) + 1.0
    event = stream.random(n) < share
    event[stream.integers(n)] = True
    return tuple(torch.from_numpy(a) for a in (stream.normal(0, 2, n), time, event))


def dense(risk, time, event, ties: str) -> float:
    """Return minus the log partial likelihood per event, one event and one sum at a time."""
    risk, time, event = risk.tolist(), time.tolist(), event.tolist()
    total = 0.0
    for at in sorted({t for t, ill in zip(time, event, strict=True) if ill}):
        still = [math.exp(r) for r, t in zip(risk, time, strict=True) if t >= at]
        tied = [r for r, t, ill in zip(risk, time, event, strict=True) if t == at and ill]
        for k, r in enumerate(tied):
            out = k / len(tied) * sum(map(math.exp, tied)) if ties == "efron" else 0.0
            total += math.log(sum(still) - out) - r
    return total / sum(event)


@pytest.mark.parametrize("ties", TIES)
@given(n=st.integers(1, 40), months=st.sampled_from([1, 3, 12, None]), seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_cox_is_the_sum_over_everyone_at_risk(ties, n, months, seed):
    risk, time, event = people(n, seed=seed, months=months)
    found = cox(risk, time=time, event=event, ties=ties).item()
    assert found == pytest.approx(dense(risk, time, event, ties), abs=1e-9)


def test_breslow_was_published_and_is_the_default():
    risk, time, event = people(40, seed=1, months=5)
    breslow, efron = (cox(risk, time=time, event=event, ties=ties) for ties in TIES)
    assert cox(risk, time=time, event=event) == breslow
    assert breslow > efron + 0.01  # Efron's sums are smaller where times tie


@pytest.mark.parametrize("ties", TIES)
def test_without_ties_the_two_are_one(ties):
    risk, time, event = people(60, seed=2)
    found = cox(risk, time=time, event=event, ties=ties)
    torch.testing.assert_close(found, cox(risk, time=time, event=event), rtol=0, atol=1e-12)


@pytest.mark.parametrize("months", [4, 30, None])
def test_at_lifelines_own_estimate_it_is_lifelines_likelihood(months):
    x, time, event = people(150, seed=3, months=months)
    table = pd.DataFrame({"x": x, "time": time, "event": event})
    fitter = CoxPHFitter().fit(table, "time", "event")
    risk = x * fitter.params_["x"]
    found = cox(risk, time=time, event=event, ties="efron") * event.sum()
    assert -found.item() == pytest.approx(fitter.log_likelihood_, abs=1e-6)
    null = cox(0 * risk, time=time, event=event, ties="efron") * event.sum()
    beaten = 2 * (null - found).item()
    assert fitter.log_likelihood_ratio_test().test_statistic == pytest.approx(beaten, abs=1e-6)


@pytest.mark.parametrize("ties", TIES)
def test_it_is_scikit_survival_s_likelihood(ties):
    reason = "scikit-survival is left out where it has no wheels"
    linear = pytest.importorskip("sksurv.linear_model.coxph", reason=reason)
    x, time, event = people(120, seed=4, months=9)
    matrix = np.column_stack([x.numpy(), x.numpy() ** 2])
    theirs = linear.CoxPHOptimizer(matrix, event.numpy(), time.numpy(), np.zeros(2), ties)
    for weights in ([0.3, -0.2], [-1.0, 0.5]):
        risk = torch.from_numpy(matrix @ weights)
        found = cox(risk, time=time, event=event, ties=ties).item() * event.sum().item()
        assert found == pytest.approx(theirs.nlog_likelihood(np.array(weights)) * 120, abs=1e-6)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("months", [2, 6, None])
def test_slopes_are_finite_differences(ties, months):
    risk, time, event = people(25, seed=5, months=months)
    risk.requires_grad_()
    assert gradcheck(lambda r: cox(r, time=time, event=event, ties=ties), risk, atol=1e-6)
    slope = torch.autograd.grad(cox(risk, time=time, event=event, ties=ties), risk)[0]
    assert slope.sum().item() == pytest.approx(0, abs=1e-12)  # nobody is compared with no one


@pytest.mark.parametrize("ties", TIES)
@given(seed=st.integers(0, 10**6), shift=st.floats(-30, 30), months=st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_only_order_and_differences_count(ties, seed, shift, months):
    risk, time, event = people(30, seed=seed, months=months)
    found = cox(risk, time=time, event=event, ties=ties)
    order = torch.from_numpy(rng(seed, "order").permutation(30))
    same = [
        cox(risk + shift, time=time, event=event, ties=ties),
        cox(risk[order], time=time[order], event=event[order], ties=ties),
        cox(risk, time=torch.log(time.double()) * 7 - 100, event=event, ties=ties),
        cox(risk, time=time, event=event.int(), ties=ties),
    ]
    for other in same:
        torch.testing.assert_close(other, found, rtol=0, atol=1e-9)


@pytest.mark.parametrize("ties", TIES)
def test_risks_far_apart_neither_overflow_nor_vanish(ties):
    risk = torch.tensor([900.0, -900, 0, 400, 400, -900], requires_grad=True)
    time, event = torch.tensor([5, 1, 3, 2, 2, 6]), torch.tensor([1, 1, 0, 1, 1, 1]).bool()
    found = cox(risk, time=time, event=event, ties=ties)
    found.backward()
    expected = (0 + 1800 + 500 + 500 + 0) / 5  # each against the largest still at risk
    assert found.item() == pytest.approx(expected, abs=1)
    assert risk.grad.isfinite().all()
    single = cox(torch.full((128,), 80.0), time=torch.ones(128), event=torch.ones(128), ties=ties)
    each = [math.log(128 - (k if ties == "efron" else 0)) for k in range(128)]
    assert single.item() == pytest.approx(sum(each) / 128, abs=1e-4)


def test_a_likelihood_has_known_limits():
    time, event = torch.arange(1.0, 9), torch.ones(8)
    alike = cox(torch.zeros(8), time=time, event=event).item()
    assert alike == pytest.approx(math.lgamma(9) / 8, abs=1e-6)  # log 8! in eight steps
    sure = cox(-100 * time, time=time, event=event).item()
    assert sure == pytest.approx(0, abs=1e-6)
    last = torch.tensor([0, 0, 0, 0, 0, 0, 0, 1])
    assert cox(torch.randn(8), time=time, event=last).item() == pytest.approx(0, abs=1e-6)


def test_a_long_batch_takes_no_matrix():
    risk, time, event = people(200_000, seed=6, months=80, share=0.02)
    for ties in TIES:
        assert cox(risk, time=time, event=event, ties=ties).isfinite()  # a matrix has 320 GB


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"event": torch.zeros(4)}, "0 events in a batch of 4; .* draw batches in which events"),
        ({"risk": torch.zeros(4, 1)}, r"\[\[4, 1\], \[4\], \[4\]\]; each must be \[n\]"),
        ({"time": torch.ones(3)}, r"\[\[4\], \[3\], \[4\]\]; each must be \[n\]"),
        ({"ties": "exact"}, "ties 'exact' are not known; choose breslow or efron"),
    ],
)
def test_what_has_no_likelihood_is_refused(given, rule):
    batch = {"risk": torch.zeros(4), "time": torch.arange(4), "event": torch.ones(4)} | given
    with pytest.raises(ValueError, match=rule):
        cox(batch.pop("risk"), **batch)


def test_reconstruction_is_the_mean_square():
    found, beat = torch.randn(3, 12, 5).double(), torch.randn(3, 12, 5).double()
    total = sum((a - b) ** 2 for a, b in zip(found.ravel(), beat.ravel(), strict=True))
    torch.testing.assert_close(reconstruction(found, beat), total / 180)
    assert reconstruction(beat, beat) == 0


def test_half_of_either():
    risk, signal = torch.tensor(3.0), torch.tensor(1.0)
    assert risk_and_reconstruction(risk, signal) == 2
    assert risk_and_reconstruction(risk, signal, alpha=1) == 3
    assert risk_and_reconstruction(risk, signal, alpha=0.25) == 1.5


def pairs(n: int, *, seed: int = 7, width: int = 6):
    stream = rng(seed, "pairs")
    beat, text = (torch.from_numpy(stream.normal(size=(n, width))) for _ in range(2))
    return beat, text, torch.from_numpy(stream.integers(0, max(2, n // 2), n))


def cosine(a, b) -> float:
    dot = sum(x * y for x, y in zip(a.tolist(), b.tolist(), strict=True))
    return dot / math.dist(a.tolist(), [0] * len(a)) / math.dist(b.tolist(), [0] * len(b))


def found_each_other(beat, text, words, heat: float) -> float:
    """Return the symmetric InfoNCE, one pair at a time."""
    total = 0.0
    for i, way in itertools.product(range(len(beat)), (False, True)):
        score = [
            cosine(beat[j], text[i]) if way else cosine(beat[i], text[j]) for j in range(len(beat))
        ]
        sums = [math.exp(s / heat) for j, s in enumerate(score) if j == i or words[j] != words[i]]
        total += math.log(sum(sums)) - score[i] / heat
    return total / 2 / len(beat)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_alignment_is_one_minus_the_cosine(n):
    beat, text, _ = pairs(n)
    expected = sum(1 - cosine(b, t) for b, t in zip(beat, text, strict=True)) / n
    assert alignment(beat, text).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("heat", [0.07, 0.5, 3])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_contrast_is_a_softmax_both_ways_without_the_same_words(n, heat):
    beat, text, words = pairs(n)
    found = contrastive(beat, text, words=words, temperature=heat).item()
    assert found == pytest.approx(found_each_other(beat, text, words, heat), abs=1e-9)


def test_the_limits_of_alignment_and_of_contrast():
    beat, text, words = pairs(8)
    for one in (beat, beat * 3):  # lengths do not count
        assert alignment(one, beat).item() == pytest.approx(0, abs=1e-12)
        assert alignment(one, -beat).item() == pytest.approx(2, abs=1e-12)
    basis, all_apart = torch.eye(8).double(), torch.arange(8)
    perfect = math.log(1 + 7 * math.exp(-1 / 0.07))  # own cosine 1, seven of 0
    assert contrastive(basis, basis, words=all_apart).item() == pytest.approx(perfect, abs=1e-9)
    same = torch.ones(8, 6).double()
    assert contrastive(same, same, words=all_apart).item() == pytest.approx(math.log(8), abs=1e-9)
    assert contrastive(beat, text, words=0 * words).item() == pytest.approx(0, abs=1e-12)


def test_alignment_is_content_with_one_point_for_all_and_contrast_is_not():
    """The published objective's defect: without counterexamples, saying nothing is perfect."""
    point = torch.randn(1, 6).double().expand(8, 6)
    assert alignment(point, point).item() == pytest.approx(0, abs=1e-12)
    apart = torch.arange(8)
    assert contrastive(point, point, words=apart) > contrastive(
        torch.eye(8), torch.eye(8), words=apart
    )


def test_slopes_of_pairs_are_finite_differences():
    beat, text, words = pairs(5)
    beat.requires_grad_()
    text.requires_grad_()
    assert gradcheck(lambda b, t: contrastive(b, t, words=words, temperature=0.5), (beat, text))
    assert gradcheck(alignment, (beat, text))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_the_order_of_pairs_and_the_length_of_points_do_not_count(seed):
    beat, text, words = pairs(7, seed=seed)
    order = torch.from_numpy(rng(seed, "order").permutation(7))
    length = torch.from_numpy(rng(seed, "length").uniform(0.1, 9, (7, 1)))
    found = contrastive(beat, text, words=words)
    shuffled = contrastive(beat[order] * length, text[order], words=words[order] + 5)
    torch.testing.assert_close(shuffled, found)
    torch.testing.assert_close(contrastive(text, beat, words=words), found)
    torch.testing.assert_close(
        alignment(beat[order] * length, text[order]), (1 - cosine_similarity(beat, text)).mean()
    )


def looks(n: int, *, seed: int = 3, width: int = 5):
    stream = rng(seed, "looks")
    return tuple(torch.from_numpy(stream.normal(size=(n, width))) for _ in range(2))


@pytest.mark.parametrize("heat", [0.1, 0.5, 3])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_two_looks_find_each_other_among_all_others(n, heat):
    one, other = looks(n)
    both = [*one, *other]
    total = 0.0
    for i, point in enumerate(both):
        others = {j: cosine(point, b) / heat for j, b in enumerate(both) if j != i}
        total += math.log(sum(math.exp(s) for s in others.values())) - others[(i + n) % (2 * n)]
    assert views(one, other, temperature=heat).item() == pytest.approx(total / (2 * n), abs=1e-6)


def test_looks_that_are_one_and_apart_from_the_rest_cost_little():
    apart = torch.eye(4, dtype=torch.float64)
    assert views(apart, apart, temperature=0.01).item() < 1e-6
    alike = torch.ones(4, 4, dtype=torch.float64)
    assert views(alike, alike).item() == pytest.approx(math.log(7))  # one of seven, by chance


def test_slopes_of_looks_are_finite_differences():
    one, other = (part.requires_grad_() for part in looks(4))
    assert gradcheck(lambda a, b: views(a, b, temperature=0.5), (one, other))


def test_what_is_foretold_learns_and_what_is_seen_stands_still():
    one, other = (part.requires_grad_() for part in looks(5))
    loss = foretold(one, other)
    wanted = [1 - cosine(a, b) for a, b in zip(one, other, strict=True)]
    assert loss.item() == pytest.approx(np.mean(wanted), abs=1e-12)
    loss.backward()
    assert one.grad.abs().sum() > 0
    assert other.grad is None
    assert gradcheck(lambda a: foretold(a, other.detach()), (one,))
