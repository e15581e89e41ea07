"""The 12-lead ECG of a hidden heart: what is drawn of a person, then its samples in mV.

`form` draws everything about a person that holds for the whole recording; `draw` adds what differs
from sample to sample. Leads I, II and V1-V6 are drawn; III = II - I, aVR = -(I + II) / 2,
aVL = I - II / 2 and aVF = II - I / 2 follow, so Einthoven's law holds.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.cohort import FS, SECONDS
from hfgnn.world.details import Details, add_breath, add_fibrillation, add_fine, details
from hfgnn.world.heard import heard as _heard
from hfgnn.world.latent import Heart
from hfgnn.world.noise import LEADS, Noise, electrodes, noise
from hfgnn.world.proportion import proportioned
from hfgnn.world.rhythm import Beats, rhythm
from hfgnn.world.waves import Waves, beats, waves

Floats = NDArray[np.floating]
TOGETHER = 25  # people whose samples fit into a processor's cache
STEP = 0.001  # mV of one step of the recorder, as PTB-XL is stored


@dataclass(frozen=True)
class Form:
    """All that is drawn about n people before the samples."""

    waves: Waves
    beats: Beats
    details: Details
    noise: Noise

    def __len__(self) -> int:
        return len(self.waves)

    def take(self, index: NDArray[np.generic]) -> "Form":
        """Return these people's forms, by number or by yes and no."""
        return Form(*(part.take(index) for part in vars(self).values()))


def form(heart: Heart, rng: np.random.Generator, *, seconds: float = SECONDS) -> Form:
    """Draw each heart's beat, rhythm and recording conditions."""
    own = proportioned(waves(heart, rng), heart.sex)
    when = rhythm(heart, rng, seconds)
    return Form(own, when, details(own, when.p_wave, rng), noise(heart.age, rng))


def draw(
    form: Form, rng: np.random.Generator, *, fs: float = FS, seconds: float = SECONDS
) -> NDArray[np.float32]:
    """Draw the samples, [n, 12, fs * seconds] in mV, leads I II III aVR aVL aVF V1..V6."""
    n, stretches = len(form), range(0, len(form), TOGETHER)
    parts = [form.take(np.arange(i, min(i + TOGETHER, n))) for i in stretches]
    return np.concatenate([_drawn(part, rng, fs=fs, seconds=seconds) for part in parts])


def _drawn(
    form: Form, rng: np.random.Generator, *, fs: float, seconds: float
) -> NDArray[np.float32]:
    clean = beats(form.waves, form.beats, fs, seconds)
    add_fine(clean, form.details, form.beats, fs)
    add_fibrillation(clean, form.details, rng, fs=fs)
    add_breath(clean, form.details, form.beats, fs)
    breath, phase = form.beats.breath, form.beats.phase
    added = electrodes(form.noise, rng, breath=breath, phase=phase, fs=fs, seconds=seconds)
    clean += LEADS @ added
    return twelve(np.round(clean / np.float32(STEP)) * np.float32(STEP))


def twelve(eight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return all twelve leads of I II V1..V6, [..., 8, T] -> [..., 12, T]."""
    one, two = eight[..., 0, :], eight[..., 1, :]
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.concatenate([np.stack(limbs, axis=-2), eight[..., 2:, :]], axis=-2)


def heard(form: Form, *, seconds: float = SECONDS) -> pd.DataFrame:
    """Return what an ECG of this form tells of the heart, one row a person: clean numbers."""
    return _heard(form.waves, form.beats, seconds=seconds)
