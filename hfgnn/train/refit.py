"""All tables of the world, made anew from records of PTB-XL: statistics, nothing of a record."""

from collections.abc import Iterator
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
    """Read a PTB-XL folder at once; fit waves, noise and reference quantiles as they are asked for.

    Each table's path is given when it lies there.
    """
    return _fitted(list(records(folder)), out)


def _fitted(everyone: list[Record], out: Path) -> Iterator[Path]:
    out.mkdir(parents=True, exist_ok=True)
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
