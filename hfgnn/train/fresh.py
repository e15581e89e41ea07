"""Do the patient's model's chances and sets keep what they promise, on thousands of new people?

Printing 12,000 pages takes a quarter of an hour, so what the model said of them is recorded once
(`newcomers`), and whoever builds the book prints some of them again and compares (`fresh`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hfgnn.evaluate.calibration import masses, platt, reliability
from hfgnn.evaluate.conformal import conformal_by_class
from hfgnn.seeding import rng
from hfgnn.train.newcomers import COMMAND, FreshParams, read, seen, table
from hfgnn.train.pages import Pages
from hfgnn.train.patient import Model, PatientParams, chances
from hfgnn.train.promises import covered, line, luck

FARTHEST = 0.1  # between a recorded chance and today's, as in the ledger: processors differ


@dataclass(frozen=True)
class Fresh:
    """What the model said of people whom it has not met."""

    people: pd.DataFrame  # person, sick, raw chance, judged (the others calibrate)
    coverage: pd.DataFrame  # calibrated on, group: covered, low, high, size, none, both, n
    calibration: pd.DataFrame  # calibrated on: slope, intercept, ECE, Brier
    reliability: pd.DataFrame  # of the line of the fresh calibration people
    luck: pd.DataFrame  # slope and covered, each time that others calibrate
    shuffled: pd.DataFrame  # shuffle, mirrored, planted, AUROC
    how: dict[str, Any]  # of the record; empty if there is none of these people
    again: int  # people who were printed and asked again
    apart: float | None  # the largest difference of their chances from the recorded ones


def fresh(params: FreshParams, model: Model, pages: Pages) -> Fresh:
    """Read what was recorded, ask some people again; without a record, these are all there is."""
    config = params.newcomers
    raw, sick = seen(config, 0, params.again, params.pages)
    mine = table(np.arange(len(sick)), sick, chances(model, raw))
    found = read(params)
    if found is None:
        tries = params.tries(pages, raw, sick, most=2)
        return judged(params, model, mine, tries, {}, len(mine), None)
    people, tries, how = found
    same = people.iloc[: len(mine)]
    if not (same["sick"].to_numpy() == sick).all():
        raise ValueError(
            "people.parquet is of other people than today's simulator draws; make it anew with "
            f"`{COMMAND}`"
        )
    apart = float((same["chance"] - mine["chance"]).abs().max())
    if apart > FARTHEST:
        raise ValueError(
            f"people.parquet holds chances that differ from today's model's by {apart:.3f}, more "
            f"than {FARTHEST}: it is of another model; make it anew with `{COMMAND}`"
        )
    return judged(params, model, people, tries, how, len(mine), apart)


def judged(
    params: FreshParams,
    model: Model,
    people: pd.DataFrame,
    tries: pd.DataFrame,
    how: dict[str, Any],
    again: int,
    apart: float | None,
) -> Fresh:
    """Calibrate on the first of these people and judge on the others."""
    few = params.calibrate if len(people) > params.calibrate else len(people) // 2
    sick, raw = people["sick"].to_numpy(bool), people["chance"].to_numpy(float)
    own = model.own["sick"].to_numpy(bool), model.own["chance"].to_numpy(float)
    truth, said = sick[few:], raw[few:]
    kept, lines, curve = [], [], pd.DataFrame()
    for name, (y, p) in {"own people": own, "fresh people": (sick[:few], raw[:few])}.items():
        sets, chance = conformal_by_class(y, p, alpha=params.patient.miss)(said), platt(y, p)(said)
        kept.append(covered(truth, sets).assign(calibrated=name))
        lines.append({"calibrated": name, **line(truth, chance)})
        curve = reliability(truth, chance, edges=masses(chance))
    lines.insert(0, {"calibrated": "not at all", **line(truth, said)})
    told = people.assign(judged=np.arange(len(people)) >= few)
    parts = pd.concat(kept, ignore_index=True), pd.DataFrame(lines), curve
    stream = rng(params.patient.seed, "patient", "luck")
    return Fresh(
        told,
        *parts,
        luck(sick, raw, few, params.patient.miss, draws=params.redrawn, rng=stream),
        tries,
        how,
        again,
        apart,
    )


def shipped(params: PatientParams, model: Model, met: Fresh) -> Model:
    """Return the model as it is asked: calibrated on those of the new people who judge nothing."""
    own = met.people[~met.people["judged"]]
    return model.recalibrated(own["sick"], own["chance"], params.miss)
