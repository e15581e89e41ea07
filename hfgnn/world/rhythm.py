"""When the heart beats: sinus rhythm that breathes, fibrillation that has no rule, beats too early.

In sinus rhythm RR_k = 60 / rate exp(s m(t_k)), where m is a sum of lines of unit variance: a drift
below 0.05 Hz, the baroreflex about 0.1 Hz and the breath at 0.2-0.3 Hz. The person's own s is
log s = a + b (age - 50) + c log(rate / 67) + d diabetes + e (filling - 9) + f z, with b-e below 0.
In atrial fibrillation RR_k = 60 / rate exp(s z_k): no interval knows of another. A ventricular
ectopic leaves the sinus clock alone, so its pause compensates; an atrial one resets the clock.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hfgnn.world.causes import weakness
from hfgnn.world.latent import Heart

Floats = NDArray[np.float64]

SINUS, VENTRICULAR, ATRIAL = range(3)
SPREAD, SPREAD_SD = -3.60, 0.56  # log SD of log RR at 50 years and 67 bpm: normal ECGs of PTB-XL
SPREAD_AGE, SPREAD_RATE = -0.019, -0.5  # a year; log rate: the same ECGs
SPREAD_DIABETES, SPREAD_FILLING = -0.30, -0.025  # diabetes; a mmHg above 9: less vagal tone; chosen
SPREAD_MOST = 0.15  # sinus arrhythmia of the young
DRIFT_SHARE = 0.15  # of the variance, below 0.05 Hz
BREATH_SHARE = (-0.1, -0.015, 0.6)  # logit of the breath's share of the rest: at 50, a year, SD
BREATH, BREATH_SD = 0.25, 0.025  # Hz, kept within 0.2-0.3
REFLEX, REFLEX_SD = 0.1, 0.012  # Hz
LINES = 4  # lines for each part: enough that amplitudes wax and wane
AF_SPREAD, AF_SPREAD_SD = 0.19, 0.035  # SD of log RR in fibrillation: CV .19 in PTB-XL
SHORTEST = 0.28  # s: the node is refractory
ECTOPIC, ECTOPIC_AGE, ECTOPIC_WEAK = -1.60, 0.018, 0.22  # probit at 50, a year, 10 points of EF
BURDEN = 0.10  # of the beats of those who have them, on average; exponential between people
MOST_BURDEN = 0.33
VENTRICULAR_SHARE = 0.6  # of those with ectopics; the rest have atrial ones
COUPLING = (0.52, 0.72)  # of the usual RR before a ventricular ectopic
ATRIAL_COUPLING = (0.60, 0.82)
FASTEST = 200.0  # bpm: `Law.rate_most`
LEAD, TRAIL = 2.0, 1.2  # s of rhythm before and after the recording


@dataclass(frozen=True)
class Beats:
    """The beats of n people about a recording, padded with NaN: arrays [n, B] and [n]."""

    times: Floats  # [n, B] s, the middle of QRS; a few lie before 0 and after the end
    rr_before: Floats  # [n, B] s, the interval that ends at this beat
    kind: NDArray[np.int8]  # [n, B] SINUS (any conducted beat), VENTRICULAR or ATRIAL ectopic
    p_wave: NDArray[np.bool_]  # [n] whether atria contract
    breath: Floats  # [n] Hz
    phase: Floats  # [n] of the breath at 0 s

    def __len__(self) -> int:
        return len(self.p_wave)

    def take(self, index: NDArray[np.generic]) -> "Beats":
        """Return these people's beats, by number or by yes and no, without columns nobody needs."""
        chosen = {field.name: getattr(self, field.name)[index] for field in fields(self)}
        kept = np.isfinite(chosen["times"]).any(axis=0)
        for name in ("times", "rr_before", "kind"):
            chosen[name] = chosen[name][:, kept]
        return Beats(**chosen)


def variability(heart: Heart, z: Floats) -> Floats:
    """Return each person's SD of log RR in sinus rhythm, [n]."""
    s = SPREAD + SPREAD_AGE * (heart.age - 50) + SPREAD_RATE * np.log(heart.rate / 67)
    s = s + SPREAD_DIABETES * heart.diabetes + SPREAD_FILLING * (heart.filling - 9)
    return np.minimum(np.exp(s + SPREAD_SD * z), SPREAD_MOST)


def rhythm(heart: Heart, rng: np.random.Generator, seconds: float) -> Beats:
    """Draw the beats of each heart from a little before 0 to a little after `seconds`."""
    n = len(heart)
    z, u = rng.standard_normal((4, n)), rng.random((2, n))
    breath = np.clip(BREATH + BREATH_SD * z[0], 0.2, 0.3)
    phase = 2 * np.pi * u[0]
    wanted = 1 + int(np.ceil((seconds + LEAD + TRAIL) * FASTEST / 60))
    kind, factor = _ectopics(heart, rng, wanted)
    usual = 60 / heart.rate
    irregular = np.clip(AF_SPREAD + AF_SPREAD_SD * z[1], 0.10, 0.30)
    free = np.exp(irregular[:, None] * rng.standard_normal((n, wanted)))
    lines = _lines(heart, breath, phase, spread=variability(heart, z[2]), z=z[3], rng=rng)
    times = np.empty((n, wanted))
    times[:, 0] = -LEAD - u[1] * usual
    for beat in range(1, wanted):
        before = times[:, beat - 1]
        change = np.where(heart.af, free[:, beat], np.exp(_modulation(before, *lines)))
        times[:, beat] = before + np.maximum(usual * change * factor[:, beat], SHORTEST)
    return _kept(times, kind, seconds, ~heart.af, breath=breath, phase=phase)


def _lines(
    heart: Heart,
    breath: Floats,
    phase: Floats,
    *,
    spread: Floats,
    z: Floats,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    """Return frequencies, amplitudes and phases of m's lines, [n, 2 + 2 LINES] each."""
    n = len(breath)
    logit, slope, sd = BREATH_SHARE
    share = expit(logit + slope * (heart.age - 50) + sd * z)
    reflex = REFLEX + REFLEX_SD * rng.standard_normal((n, LINES))
    near = breath[:, None] + 0.01 * rng.standard_normal((n, LINES))
    frequencies = np.column_stack([rng.uniform(0.01, 0.05, (n, 2)), reflex, near])
    parts = np.column_stack(
        [np.full(n, DRIFT_SHARE), (1 - DRIFT_SHARE) * (1 - share), (1 - DRIFT_SHARE) * share]
    )
    variance = np.repeat(parts / [2, LINES, LINES], [2, LINES, LINES], axis=1)
    amplitudes = np.sqrt(2 * variance) * rng.rayleigh(np.sqrt(0.5), variance.shape)
    phases = rng.uniform(0, 2 * np.pi, variance.shape)
    phases[:, -LINES:] = phase[:, None] + 0.5 * rng.standard_normal((n, LINES))  # the same breath
    return frequencies, spread[:, None] * amplitudes, phases


def _modulation(t: Floats, frequencies: Floats, amplitudes: Floats, phases: Floats) -> Floats:
    return np.asarray(
        (amplitudes * np.sin(2 * np.pi * frequencies * t[:, None] + phases)).sum(axis=1)
    )


def _ectopics(
    heart: Heart, rng: np.random.Generator, wanted: int
) -> tuple[NDArray[np.int8], Floats]:
    """Return each beat's kind and by what its interval is multiplied, [n, wanted]."""
    n = len(heart)
    eta = ECTOPIC + ECTOPIC_AGE * (heart.age - 50) + ECTOPIC_WEAK * weakness(heart.ef)
    prone = eta + rng.standard_normal(n) > 0
    burden = np.where(prone, np.minimum(BURDEN * rng.standard_exponential(n), MOST_BURDEN), 0)
    ventricular = (rng.random(n) < VENTRICULAR_SHARE) | heart.af
    low, high = np.where(
        ventricular, np.array(COUPLING)[:, None], np.array(ATRIAL_COUPLING)[:, None]
    )
    usual = low + (high - low) * rng.random(n)  # a person's ectopics couple alike
    early = usual[:, None] + 0.015 * rng.standard_normal((n, wanted))
    ectopic = rng.random((n, wanted)) < burden[:, None]
    for beat in range(1, wanted):  # never two in a row
        ectopic[:, beat] &= ~ectopic[:, beat - 1]
    kind = np.where(ectopic, np.where(ventricular, VENTRICULAR, ATRIAL)[:, None], SINUS)
    compensates = (ventricular & ~heart.af)[:, None]
    pause = np.where(compensates, 2 - early, 1.05)
    after = np.zeros_like(ectopic)
    after[:, 1:] = ectopic[:, :-1]
    previous = np.concatenate([np.ones((n, 1)), pause[:, :-1]], axis=1)
    factor = np.where(ectopic, early, np.where(after, previous, 1.0))
    return kind.astype(np.int8), factor


def _kept(
    times: Floats,
    kind: NDArray[np.int8],
    seconds: float,
    p_wave: NDArray[np.bool_],
    *,
    breath: Floats,
    phase: Floats,
) -> Beats:
    """Return the beats that reach into the recording; the first has no interval before it."""
    reach = (times[:, 1:] > -TRAIL) & (times[:, 1:] < seconds + TRAIL / 2)
    order = np.argsort(~reach, axis=1, kind="stable")  # what is kept comes first
    whole = (times[:, 1:], np.diff(times, axis=1), kind[:, 1:])
    here, at, rr, kinds = (np.take_along_axis(a, order, axis=1) for a in (reach, *whole))
    beats = Beats(
        np.where(here, at, np.nan),
        np.where(here, rr, np.nan),
        np.where(here, kinds, SINUS).astype(np.int8),
        p_wave,
        breath,
        phase,
    )
    return beats.take(np.arange(len(p_wave)))
