"""What an ECG tells of the heart, as clean numbers: read off what was drawn, never off the heart.

The beat is brought back to its coordinates x (`shapes.encode`), x to normal scores z of a normal
heart, and z is projected on the directions that tell groups, sexes and ages best where all spread
alike, d_g = (F F' + r I)^-1 (z_g - z_0), as in linear discriminant analysis. Nothing beyond x, the
rhythm and the noise reaches the samples, so no reader of the drawn ECG knows more than these say.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.world.drives import GROUPS
from hfgnn.world.kernels import Waves
from hfgnn.world.learned import BEYOND, LEVELS, Statistics, shipped
from hfgnn.world.rhythm import ATRIAL, SINUS, VENTRICULAR, Beats
from hfgnn.world.shapes import GAINS, TIMES, encode

Floats = NDArray[np.floating]
RIDGE = 0.3  # variance that is added to every score: what the cut to three dipoles disturbs
PARTS = ("qrs", "t", "p")


def heard(waves: Waves, beats: Beats, *, seconds: float) -> pd.DataFrame:
    """Return one row a person: rhythm, times, gains, and the beat along telling directions."""
    rhythm = _rhythm(waves, beats, seconds)
    matrices = np.concatenate([waves.p, waves.qrs, waves.t], axis=2).astype(float)
    times = np.stack([getattr(waves, name) for name in TIMES], axis=1).astype(float)
    s = shipped()
    x = encode(times, matrices, 60 / rhythm["rate"].to_numpy(), spaces=s.spaces)
    columns = {**_times(x), **_directions(_scores(x, s), s)}
    return pd.concat([rhythm, pd.DataFrame(columns)], axis=1)


def _rhythm(waves: Waves, beats: Beats, seconds: float) -> pd.DataFrame:
    """Return rate, the spread of RR at once and over the recording, P waves and ectopics."""
    inside = (beats.times >= 0) & (beats.times < seconds)
    early = beats.kind != SINUS
    after = np.zeros_like(early)
    after[:, 1:] = early[:, :-1]
    rr = np.where(inside & ~early & ~after, beats.rr_before, np.nan)
    rr = np.where(np.isfinite(rr).any(axis=1, keepdims=True), rr, waves.rr[:, None])
    middle = np.nanmedian(rr, axis=1)
    return pd.DataFrame(
        {
            "rate": 60 / middle,
            "spread": np.log(np.nanstd(rr, axis=1) / middle + 0.003),
            "p_wave": beats.p_wave.astype(float),
            "ventricular": (inside & (beats.kind == VENTRICULAR)).sum(axis=1),
            "atrial": (inside & (beats.kind == ATRIAL)).sum(axis=1),
        }
    )


def _times(x: Floats) -> dict[str, Floats]:
    gains = {f"gain_{wave}": x[:, at] for wave, at in GAINS.items()}
    return {name: x[:, at] for at, name in enumerate(TIMES)} | gains


def _scores(x: Floats, s: Statistics) -> Floats:
    """Return the normal scores [..., P] of coordinates x [..., P] among normal hearts."""
    columns = [
        np.interp(values, quantiles, LEVELS)
        for values, quantiles in zip(x.T, s.quantiles[0].T, strict=True)
    ]
    return np.asarray(np.clip(np.stack(columns, axis=-1), -BEYOND, BEYOND))


def _directions(z: Floats, s: Statistics) -> dict[str, Floats]:
    """Return how far each person lies along each telling direction, by wave."""
    covariance = s.factors[0] @ s.factors[0].T + RIDGE * np.eye(z.shape[1])
    middles = _scores(s.medians, s)
    toward = dict(zip(GROUPS[1:], middles[1:] - middles[0], strict=True))
    toward |= dict(zip(("sex", "age"), s.slope[:2], strict=True))
    found = {}
    for wave in PARTS:
        part = s.part(wave)
        inverse = np.linalg.inv(covariance[np.ix_(part, part)])
        for name, shift in toward.items():
            if wave != "p" or name in ("sex", "age", "LVH"):
                found[f"{wave}_{name}"] = np.asarray(z[:, part] @ inverse @ shift[part])
    return found
