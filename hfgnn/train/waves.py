"""The population's beats as statistics: from real records to the table that the world samples.

No record's own beat is kept: only quantiles, correlations and principal shapes leave this module.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hfgnn.cohort import GROUPS
from hfgnn.data.ptbxl import Record, group_of
from hfgnn.train.beats import Beat, fit_beat
from hfgnn.world.drives import covariates
from hfgnn.world.kernels import LEADS, TYPICAL, WAVES, geometry
from hfgnn.world.learned import LEVELS
from hfgnn.world.shapes import FIRST_SCORE, Space, encode

Floats = NDArray[np.floating]
Ints = NDArray[np.int_]
Table = dict[str, NDArray[np.generic]]
NO_P = "AFIB"  # the group without P waves
WHOLE = ("NORM", "other")  # groups with quantiles of their own; the rest are stretched normal ones
SCORES = {"p": 20, "qrs": 36, "t": 18}  # of 48, 104 and 48: more only adds the records' noise
FLOOR = 0.03  # of a wave's loudest moment: quieter moments weigh no more than this
RARITY = 0.5  # a record counts as its group's size to minus this power: rare shapes are kept too
SPREADS = 2.0  # records' worth of trust in the normal spread for a small group
CORRELATIONS = 1.0  # likewise in the normal correlations
STRANGE = 2.0  # how fast trust in a record falls with its distance from the others of its group
SLOPES = 30.0  # ridge of the regression on sex, age and RR, in records
MISFIT = 0.25  # a beat that leaves more of itself undrawn is not of this kind


@dataclass(frozen=True)
class Fitted:
    """The beats of n records that could be fitted."""

    times: Floats  # [n, 5]
    matrices: Floats  # [n, 8, 25] mV
    rr: Floats  # [n] s
    group: NDArray[np.str_]  # [n]
    covariates: Floats  # [n, 3]


def fit(records: Iterable[Record], *, patients: Set[int] | None = None) -> Table:
    """Return the statistics of these records' beats, of some patients only where they are named."""
    return statistics(
        gathered((r, beat_of(r)) for r in records if patients is None or r.patient_id in patients)
    )


def beat_of(record: Record) -> Beat:
    """Return a record's beat as kernels: a tenth of a second each, the slow part of a fit."""
    return fit_beat(record.signal, record.fs, atrial=group_of(record.codes) != NO_P)


def gathered(pairs: Iterable[tuple[Record, Beat]]) -> Fitted:
    """Return the beats that were drawn well and are what they are called."""
    known = [(r, b, group_of(r.codes)) for r, b in pairs if b.misfit < MISFIT]
    good = [(r, b, group) for r, b, group in known if not mislabelled(group, b)]
    rr = np.array([b.rr for _, b, _ in good])
    return Fitted(
        times=np.array([b.times for _, b, _ in good]),
        matrices=np.array([b.matrices for _, b, _ in good]),
        rr=rr,
        group=np.array([group for _, _, group in good]),
        covariates=covariates([r.sex for r, _, _ in good], [r.age for r, _, _ in good], rr),
    )


def mislabelled(group: str, beat: Beat) -> bool:
    """Return whether a left bundle branch block moves towards V1, as only a right one does."""
    return group == "CLBBB" and float(beat.matrices[LEADS.index("V1"), WAVES["qrs"]].sum()) > 0


def statistics(beats: Fitted) -> Table:
    """Return all that the world samples beats from, as arrays to be saved."""
    rows = [np.flatnonzero(beats.group == g) for g in GROUPS]
    rows = [r if len(r) > 1 else rows[0] for r in rows]  # of whom nothing is known looks normal
    spaces = {wave: _space(beats, wave) for wave in WAVES}
    x = encode(beats.times, beats.matrices, beats.rr, spaces=spaces)
    normal = x[rows[0]]
    trusts = [_trust(x[r], normal, g) for g, r in zip(GROUPS, rows, strict=True)]
    tables = [
        _quantiles(x[r], normal, None if g in WHOLE else w)
        for g, r, w in zip(GROUPS, rows, trusts, strict=True)
    ]
    z = [_scores(x[r], q) for r, q in zip(rows, tables, strict=True)]
    centre = np.array([w @ beats.covariates[r] for r, w in zip(rows, trusts, strict=True)])
    within = [beats.covariates[r] - c for r, c in zip(rows, centre, strict=True)]
    slope = _slope(np.concatenate(within), np.concatenate(z))
    left = [a - c @ slope for a, c in zip(z, within, strict=True)]
    factors = [_factor(a, left[0], w) for a, w in zip(left, trusts, strict=True)]
    table = {"quantiles": tables, "centre": centre, "slope": slope, "factors": factors}
    for wave, space in spaces.items():
        table |= {f"{wave}_{name}": value for name, value in vars(space).items()}
    return {name: np.asarray(value, np.float32) for name, value in table.items()}


def save(path: Path, table: Table) -> None:
    """Write a table; the same numbers give the same bytes."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **table)


def _space(beats: Fitted, wave: str) -> Space:
    """Return a wave's coordinates: leads and moments weigh by how loud normal hearts are there."""
    part, normal = WAVES[wave], beats.group == "NORM"
    matrices = beats.matrices[:, :, part]
    centres, widths = (a[part] for a in geometry(**TYPICAL))
    moments = np.arange(centres.min() - 0.1, centres.max() + 0.1, 0.002)
    kernels = np.exp(-0.5 * ((moments[:, None] - centres) / widths) ** 2)
    drawn = matrices[normal] @ kernels.T
    loud = np.sqrt((drawn**2).mean(axis=(0, 1)))
    heard = kernels / (loud / loud.max() + FLOOR)[:, None]
    mix = np.linalg.cholesky(heard.T @ heard / (heard**2).sum() + 1e-5 * np.eye(len(centres)))
    each = np.sqrt((drawn**2).mean(axis=(0, 2)))
    leads = np.sqrt(each.mean() / each)
    unit = (leads[:, None] * matrices @ mix).reshape(len(matrices), -1)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
    mean = unit[normal].mean(axis=0)
    shown = beats.group != NO_P if wave == "p" else np.ones(len(unit), bool)
    size = np.array([(beats.group == g).sum() for g in beats.group[shown]], float)
    counted = (unit[shown] - mean) * size[:, None] ** -RARITY
    basis = np.linalg.svd(counted, full_matrices=False)[2][: SCORES[wave]]
    signs = np.sign(basis[np.arange(len(basis)), np.abs(basis).argmax(axis=1)])
    return Space(leads, mix, mean, basis * signs[:, None])


def _trust(x: Floats, normal: Floats, group: str) -> Floats:
    """Return weights [n]: a record far from the rest says little of a small group."""
    if group in WHOLE:
        return np.full(len(x), 1 / len(x))
    strange = ((x - np.median(x, axis=0)) / normal.std(axis=0)) ** 2
    far = strange[:, :FIRST_SCORE].mean(axis=1) + strange[:, FIRST_SCORE:].mean(axis=1)
    weight = np.minimum(1, np.median(far) / far) ** STRANGE
    return np.asarray(weight / weight.sum())


def _quantiles(x: Floats, normal: Floats, weight: Floats | None) -> Floats:
    """Return a group's quantiles [Q, P]: its own, or the normal ones moved and stretched."""
    own = np.quantile(x if weight is None else normal, ndtr(LEVELS), axis=0, method="hazen")
    if weight is None:
        return np.asarray(own)
    mean, n = weight @ x, 1 / (weight @ weight)
    usual = normal.var(axis=0)
    variance = (n * (weight @ (x - mean) ** 2) + SPREADS * usual) / (n + SPREADS)
    return np.asarray(mean + np.sqrt(variance / usual) * (own - normal.mean(axis=0)))


def _scores(x: Floats, quantiles: Floats) -> Floats:
    """Return the normal scores of coordinates [n, P] by a group's quantiles [Q, P]."""
    columns = [np.interp(a, q, LEVELS) for a, q in zip(x.T, quantiles.T, strict=True)]
    return np.stack(columns, axis=1)


def _slope(c: Floats, z: Floats) -> Floats:
    """Return the ridge slopes [3, P] of scores on covariates, both about their groups' middles."""
    return np.asarray(np.linalg.solve(c.T @ c + SLOPES * np.eye(c.shape[1]), c.T @ z))


def _factor(z: Floats, normal: Floats, weight: Floats) -> Floats:
    """Return F, packed, of F F' = the covariance of scores, shrunk to the normal one."""
    usual, n = np.cov(normal.T), 1 / (weight @ weight)
    own = usual if z is normal else (z.T * weight) @ z
    mixed = (n * own + CORRELATIONS * usual) / (n + CORRELATIONS)
    factor = np.linalg.cholesky(mixed + 1e-4 * np.eye(len(usual)))
    return np.asarray(factor[np.tril_indices(len(factor))])
