"""What a chance is good for: net benefit of acting on it, here and where illness is rarer.

Whoever acts above a chance of c holds one missed ill person for as bad as (1 - c) / c needless
actions. Acting on a score then is worth, a person asked, in ill people rightly acted on,

    B(c) = P(acted, ill) - P(acted, well) c / (1 - c) ,

0 for acting on nobody. Elsewhere q of the people are ill, not p. If ill people are alike
everywhere, and well people too, odds that were right become right by q (1 - p) / (p (1 - q)).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from hfgnn.evaluate.panel import REACH, Told, wider

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Called(NamedTuple):
    """Of those called ill, and of those called well, what share is."""

    ill: Told
    well: Told


def elsewhere(ill: ArrayLike, prevalence: float) -> Floats:
    """Return how much each person [n] counts where so many are ill; the mean is 1."""
    sick = np.asarray(ill, dtype=bool)
    here = sick.mean()
    if not (0 < prevalence < 1 and 0 < here < 1):
        raise ValueError(
            f"a prevalence of {prevalence} among people of whom {here:.3f} are ill; give one "
            "between 0 and 1, and people of both kinds"
        )
    return np.asarray(np.where(sick, prevalence / here, (1 - prevalence) / (1 - here)))


def moved(odds: ArrayLike, *, taught: float, here: float) -> Floats:
    """Return log odds as they should be where `here` are ill, taught where `taught` were."""
    return np.asarray(np.asarray(odds, dtype=float) + logit(here) - logit(taught))


def benefit(
    ill: ArrayLike, odds: ArrayLike, threshold: float, *, prevalence: float | None = None
) -> Told:
    """Return the net benefit of acting above a chance, by log odds [studies, n], and its interval.

    The interval is of people and of studies, as that of `hfgnn.evaluate.panel`.
    """
    sick, told = np.asarray(ill, dtype=bool), np.atleast_2d(np.asarray(odds, dtype=float))
    if not 0 < threshold < 1:
        raise ValueError(f"a threshold of {threshold}; give a chance between 0 and 1")
    count = np.ones(len(sick)) if prevalence is None else elsewhere(sick, prevalence)
    gain = np.where(sick, 1.0, -threshold / (1 - threshold)) * count
    each = (expit(told) >= threshold) * gain
    return _mean(each, sick if prevalence is not None else None)


def _mean(each: Floats, sick: Bools | None) -> Told:
    """Return the mean of [studies, n]; how many are ill is luck, unless it is said (`sick`)."""
    studies, n = each.shape
    of_person = each.mean(axis=0)
    groups = [np.ones(n, bool)] if sick is None else [sick, ~sick]
    variance = sum(of_person[own].var(ddof=1) * own.sum() for own in groups) / n**2
    if studies > 1:
        variance += wider(studies) ** 2 * each.mean(axis=1).var() / studies
    value, reach = float(of_person.mean()), REACH * float(variance) ** 0.5
    return Told(value, value - reach, value + reach, float("nan"))


def _ratio(top: Floats, bottom: Floats, sick: Bools) -> Told:
    """Return a ratio of means over [studies, n], with an interval by its derivative."""
    if not (below := bottom.mean()):
        return Told(*[float("nan")] * 4)
    value = top.mean() / below
    return _mean(value + (top - value * bottom) / below, sick)


def called(ill: ArrayLike, odds: ArrayLike, threshold: float = 0.5, *, prevalence: float) -> Called:
    """Return what calls by log odds [studies, n] are worth where so many are ill: PPV and NPV."""
    sick = np.asarray(ill, dtype=bool)
    count = elsewhere(sick, prevalence)
    above = count * (expit(np.atleast_2d(np.asarray(odds, dtype=float))) >= threshold)
    below = count - above
    return Called(_ratio(above * sick, above, sick), _ratio(below * ~sick, below, sick))


def told_too_many(ill: ArrayLike, odds: ArrayLike, *, prevalence: float) -> Told:
    """Return how many are foretold to be ill for each who is, where so many are: 1 is right."""
    sick, count = np.asarray(ill, dtype=bool), elsewhere(ill, prevalence)
    chances = expit(np.atleast_2d(np.asarray(odds, dtype=float)))
    return _mean(count * chances / prevalence, sick)
