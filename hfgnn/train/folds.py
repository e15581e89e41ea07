"""Whom a study of few events tests on: folds as published, folds repeated, and what luck does.

A fold is a mask [n], True for who is tested; the others train.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from sklearn.model_selection import StratifiedKFold

from hfgnn.evaluate.survival import concordance
from hfgnn.seeding import rng as stream_of

POOL = 50_000  # people of whom folds are drawn; chosen: a hundred times the folds of UKB-MI
FEWEST = 16  # events of a fold of UKB-MI
Pool = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]
SHORTEST = 0.29  # of the longest follow-up: 24 of 83 months in UKB-MI


def published_folds(
    event: ArrayLike, seeds: Sequence[int] = (42, 2021, 2022, 2023, 2024), *, folds: int = 2
) -> NDArray[np.bool_]:
    """Return the folds [seeds, folds, n] of Chen et al.: for each seed, events in equal shares."""
    ill = np.asarray(event, dtype=bool)
    tested = np.zeros((len(seeds), folds, len(ill)), dtype=bool)
    for row, seed in zip(tested, seeds, strict=True):
        dealt = StratifiedKFold(folds, shuffle=True, random_state=seed).split(ill, ill)
        for fold, (_, test) in zip(row, dealt, strict=True):
            fold[test] = True
    return tested


def repeated_folds(
    event: ArrayLike, rng: np.random.Generator, *, folds: int, repeats: int
) -> NDArray[np.bool_]:
    """Return folds [repeats, folds, n] with events in equal shares, the people dealt anew."""
    return published_folds(event, rng.integers(2**31, size=repeats).tolist(), folds=folds)


def spread(
    c: float, events: int, people: int, *, rng: np.random.Generator, repeats: int
) -> NDArray[np.float64]:
    """Return Harrell's C [repeats] in folds of that many people and events, where in truth it is c.

    A risk x is standard normal, the hazard exp(b x), and people are lost at even times from
    SHORTEST on; b is solved for c, and the level of the hazard for the share of events.
    """
    pool = _pool(c, events / people, rng)
    return _drawn(pool, events, people, rng=rng, repeats=repeats)


def _pool(c: float, share: float, rng: np.random.Generator) -> Pool:
    """Return risk, time and event of people among whom that share falls ill, C being c."""
    risk, wait = rng.normal(size=POOL), rng.exponential(size=POOL)
    last = rng.uniform(SHORTEST, 1, POOL)

    def followed(b: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        time = wait * np.exp(-b * risk)
        time = time / np.quantile(time / last, share)
        return np.minimum(time, last), time <= last

    b = brentq(lambda b: concordance(*followed(b), risk) - c, -4, 4, xtol=1e-4)
    return risk, *followed(b)


def _drawn(
    pool: Pool, events: int, people: int, *, rng: np.random.Generator, repeats: int
) -> NDArray[np.float64]:
    """Return C [repeats] of folds drawn from a pool, with exactly that many events."""
    risk, time, ill = pool
    parts = ((np.flatnonzero(ill), events), (np.flatnonzero(~ill), people - events))
    draws = (np.concatenate([rng.choice(*part) for part in parts]) for _ in range(repeats))
    return np.array([concordance(time[rows], ill[rows], risk[rows]) for rows in draws])


@dataclass(frozen=True)
class LuckParams:
    """How sure one fold can be of a C, by how many events it has."""

    seed: int
    c: float = 0.58  # published, of UKB-MI
    people: int = 400  # of one of its folds
    events: tuple[int, ...] = (FEWEST, 32, 64, 128)  # people keep their share
    repeats: int = 500


@dataclass(frozen=True)
class Luck:
    """How C varies where nothing does but who was tested."""

    table: pd.DataFrame  # events, people, SD, low, high


def luck(params: LuckParams) -> Luck:
    """Draw folds of that many events and tell what their C are, in truth being all the same."""
    rows, share = [], params.events[0] / params.people
    pool = _pool(params.c, share, stream_of(params.seed, "luck"))
    for events in params.events:
        people, stream = round(events / share), stream_of(params.seed, "luck", str(events))
        c = _drawn(pool, events, people, rng=stream, repeats=params.repeats)
        low, high = np.quantile(c, [0.025, 0.975])
        rows.append({"events": events, "people": people, "SD": c.std(), "low": low, "high": high})
    return Luck(pd.DataFrame(rows))
