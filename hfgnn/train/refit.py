"""All tables of the world, made anew from records of PTB-XL: statistics, nothing of a record."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from hfgnn.data.ptbxl import Record, records
from hfgnn.evaluate.morphology import measured
from hfgnn.evaluate.realism import apart_by_sex
from hfgnn.train import noise, reference, waves

UNSTEADY = {"AFIB"}  # groups whose mean beat leaves waves of fibrillation in what remains
PACED = "PACE"  # a pacemaker's spikes are no muscle noise


def refit(folder: Path, out: Path) -> Iterator[Path]:
    """Look at once whether the folder is one of PTB-XL; read and fit when a table is asked for.

    Tables are waves, noise and reference quantiles; each one's path is given when it lies there.
    """
    found = records(folder)
    first = next(found)
    out.mkdir(parents=True, exist_ok=True)
    return _fitted(chain([first], found), out)


def _fitted(found: Iterator[Record], out: Path) -> Iterator[Path]:
    everyone = list(found)
    beats = [waves.beat_of(record) for record in everyone]
    path = out / "waves.npz"
    waves.save(path, waves.statistics(waves.gathered(zip(everyone, beats, strict=True))))
    yield path
    steady = [i for i, r in enumerate(everyone) if r.group not in UNSTEADY and PACED not in r.codes]
    signals = [np.asarray(everyone[i].signal, float) for i in steady]
    law = noise.noise(np.stack(signals), np.array([everyone[i].age for i in steady]))
    law |= noise.finest(signals, [beats[i] for i in steady])
    yield noise.save(law, out)
    table = pd.DataFrame([vars(record) for record in everyone])
    features = measured(table["signal"], everyone[0].fs)
    yield reference.save(
        reference.reference(*apart_by_sex(features, table["group"], table["sex"])), out
    )
