"""What electrodes add to a heart: wander, mains, muscle and motion, as loud as in real records.

Noise enters at the electrodes RA LA LL V1..V6, so that leads made of them obey Einthoven. The power
of electrode e in band b is q_eb(Phi(z_eb)), z = slope age + factors f + own e, with quantiles q of
real records and standard normal f and e; each frequency then has a random phase and height.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len

Floats = NDArray[np.floating]

TABLE = Path(__file__).parent / "tables" / "noise.npz"
# Hz: where the bands of the statistics begin and end
EDGES = np.array(
    [0.15, 0.35, 0.65, 1, 1.6, 2.5, 4, 6.5, 10, 16, 25, 35, 45, 55, 67, 80, 95, 110, 119, 125]
)
LEVELS = np.array([0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99])  # of quantiles
SCORES = np.array([-2.326, -1.645, -1.282, -0.842, -0.385, 0, 0.385, 0.842, 1.282, 1.645, 2.326])
ELECTRODES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")
NEIGHBOUR = 0.2  # of its noise reaches the next chest lead: V5 and V6 correlate .37, V1 and V6 .03
# Leads I II V1..V6 from the electrodes. The arms' noise cancels in the terminal that the chest is
# read against: real chest leads hardly correlate with limb leads, nor far ones with each other.
LEADS = np.zeros((8, 9), np.float32)
LEADS[0, [0, 1]], LEADS[1, [0, 2]] = (-1, 1), (-1, 1)
LEADS[2:, 3:] = np.eye(6) + NEIGHBOUR * (np.eye(6, k=1) + np.eye(6, k=-1))
LEADS[2:] /= np.linalg.norm(LEADS[2:], axis=1, keepdims=True)
SLOWEST = 0.05  # Hz: recorders pass no slower wander
BREATHED = 0.6  # of the slowest band's power that moves with the breath; the rest is random
BREATHED_BELOW = 0.35  # Hz
MAINS = 50.0  # Hz
MOVED, BURST = 0.05, 0.04  # shares of people whose electrode slips or whose muscle fires; chosen
STEP, STEP_SD = 0.12, 0.7  # mV: median, SD of the logarithm
RETURNS = (0.2, 1.5)  # s in which a slipped electrode comes back
BURST_S, LOUDER = (0.3, 1.5), (2.0, 6.0)  # s that a burst lasts; by what it is louder


@dataclass(frozen=True)
class Statistics:
    """What `hfgnn.train.noise` learned from real records; B bands, L levels, K factors."""

    quantiles: Floats  # [L, 9 B] of log10 mV2/Hz
    slope: Floats  # [9 B] of the score on (age - 60) / 18
    years: Floats  # mean of (age - 60) / 18
    factors: Floats  # [K, 9 B]
    own: Floats  # [9 B]
    mains: Floats  # [2] mean and SD of log mV
    fine_law: Floats  # [3] level, slope on log width, SD of the finest QRS's log share
    fine_mean: Floats  # [8 F]
    fine_basis: Floats  # [S, 8 F]


@cache
def shipped() -> Statistics:
    """Return the statistics that come with the package."""
    with np.load(TABLE, allow_pickle=False) as table:
        return Statistics(**table)


@dataclass(frozen=True)
class Noise:
    """What n people's electrodes add, before the samples; all [n, ...]."""

    level: Floats  # [n, 9, B] log10 mV2/Hz
    breathed: Floats  # [n, 9] mV of wander with the breath
    mains: Floats  # [n, 9] mV
    step: Floats  # [n] mV by which one electrode slips, 0 for most
    burst: Floats  # [n] by what one electrode's muscle is louder, 0 for most
    where: NDArray[np.int64]  # [n, 2] the electrodes that slip and fire
    when: Floats  # [n, 2] share of the recording at which they do
    lasts: Floats  # [n, 2] s

    def __len__(self) -> int:
        return len(self.level)

    def take(self, index: NDArray[np.generic]) -> "Noise":
        """Return these people's noise, by number or by yes and no."""
        return Noise(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def noise(age: Floats, rng: np.random.Generator) -> Noise:
    """Draw what each person's electrodes add, ages [n] in years."""
    table, n = shipped(), len(age)
    years = (np.clip(age, 18, 90) - 60) / 18 - table.years
    z = np.outer(years, table.slope) + table.own * rng.standard_normal((n, len(table.own)))
    z += rng.standard_normal((n, len(table.factors))) @ table.factors
    level = _quantile(z, table.quantiles).reshape(n, len(ELECTRODES), -1)
    slow = 10 ** level[:, :, 0] * (EDGES[1] - EDGES[0]) * BREATHED
    breathed = np.sqrt(slow) * rng.standard_normal(slow.shape)
    mean, sd = table.mains
    hum = np.exp(mean + sd * rng.standard_normal((n, 1)) + 0.5 * rng.standard_normal((n, 9)))
    slips, fires = rng.random((2, n)) < np.array([[MOVED], [BURST]])
    step = STEP * np.exp(STEP_SD * rng.standard_normal(n)) * rng.choice([-1.0, 1.0], n)
    parts = (level, breathed, hum / np.sqrt(2), slips * step, fires * rng.uniform(*LOUDER, n))
    where, when = rng.integers(0, len(ELECTRODES), (n, 2)), rng.random((n, 2))
    lasts = np.stack([rng.uniform(*RETURNS, n), rng.uniform(*BURST_S, n)], axis=1)
    small = [np.asarray(part, np.float32) for part in parts]
    return Noise(small[0], small[1], small[2], small[3], small[4], where, when, lasts)


def _quantile(z: Floats, q: Floats) -> Floats:
    """Return the quantiles q [L, P] at scores z [n, P]; beyond the last, as the last ones go on."""
    at = np.clip(np.searchsorted(SCORES, z) - 1, 0, len(SCORES) - 2)
    column = np.arange(z.shape[1])
    share = (np.clip(z, -3, 3) - SCORES[at]) / (SCORES[at + 1] - SCORES[at])
    return np.asarray(q[at, column] * (1 - share) + q[at + 1, column] * share)


def electrodes(
    person: Noise,
    rng: np.random.Generator,
    *,
    breath: Floats,
    phase: Floats,
    fs: float,
    seconds: float,
) -> Floats:
    """Draw the noise of each electrode, [n, 9, fs * seconds] float32 mV."""
    n, samples = len(person), round(fs * seconds)
    size = next_fast_len(samples + samples // 5, real=True)  # the end need not meet the start
    f = np.fft.rfftfreq(size, 1 / fs)
    amplitude = _amplitude(person.level, f) * np.float32(np.sqrt(fs * size / 4))
    spectrum = rng.standard_normal((2, *amplitude.shape), dtype=np.float32)
    spectrum *= amplitude
    wave = irfft(spectrum[0] + 1j * spectrum[1], n=size, axis=-1)[..., :samples]
    _fire(wave, person, fs)
    time = np.arange(samples, dtype=np.float32) / np.float32(fs)
    breathing = np.sin(2 * np.pi * breath[:, None].astype(np.float32) * time + phase[:, None])
    hum = np.sin(2 * np.pi * MAINS * time + 2 * np.pi * rng.random((n, 1)))
    lines = np.stack([breathing, hum], axis=1).astype(np.float32)
    wave += np.stack([np.sqrt(2) * person.breathed, np.sqrt(2) * person.mains], axis=2) @ lines
    _slip(wave, person, fs)
    return np.asarray(wave, np.float32)


def _amplitude(level: Floats, f: Floats) -> Floats:
    """Return the root of power at frequencies f, [n, 9, len(f)]: straight on logarithmic paper."""
    centre = np.sqrt(EDGES[1:] * EDGES[:-1])
    inside = (f >= SLOWEST) & (f <= EDGES[-1])
    share = [np.interp(np.log(f[inside]), np.log(centre), unit) for unit in np.eye(len(centre))]
    height = np.zeros((*level.shape[:2], len(f)), np.float32)
    logs = level.astype(np.float32) @ np.array(share, np.float32)
    logs += np.where(f[inside] < BREATHED_BELOW, np.log10(1 - BREATHED), 0).astype(np.float32)
    height[..., inside] = np.exp(np.float32(np.log(10) / 2) * logs)
    return height


def _fire(wave: Floats, person: Noise, fs: float) -> None:
    """Make an electrode's noise louder for a while, in place."""
    who = np.flatnonzero(person.burst)
    time = np.arange(wave.shape[2]) / fs
    since = time - person.when[who, 1:] * time[-1]
    swell = np.exp(-0.5 * (since / (person.lasts[who, 1:] / 2)) ** 2)
    wave[who, person.where[who, 1]] *= 1 + person.burst[who, None] * swell


def _slip(wave: Floats, person: Noise, fs: float) -> None:
    """Let an electrode slip and come back, in place."""
    who = np.flatnonzero(person.step)
    time = np.arange(wave.shape[2]) / fs
    since = np.maximum(time - person.when[who, :1] * time[-1], 0)
    fast = 1 - np.exp(-since / 0.03)
    wave[who, person.where[who, 0]] += (
        person.step[who, None] * fast * np.exp(-since / person.lasts[who, :1])
    )
