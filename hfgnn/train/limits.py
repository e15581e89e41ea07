"""The ceilings of every population that the book speaks of, side by side."""

from dataclasses import dataclass

import pandas as pd

from hfgnn.seeding import rng
from hfgnn.train.ceilings import CeilingsParams, ceilings, questions, recruited
from hfgnn.world.latent import Heart
from hfgnn.world.survival import STUDIES


@dataclass(frozen=True)
class LimitsParams:
    """How many people of each population are asked about, and as many again learned from."""

    seed: int
    people: int = 20_000  # both together


@dataclass(frozen=True)
class Limits:
    """What the best possible predictor scores, from the hidden heart and from each view of it."""

    table: pd.DataFrame  # population, question, statistic, view, ceiling, error, from half, people
    prevalence: pd.DataFrame  # population, question, prevalence: of the labels that are drawn


def limits(params: LimitsParams) -> Limits:
    """Estimate the ceilings of the hospital and of every survival cohort."""
    names = ["hospital", *(study.name for study in STUDIES)]
    tables = [
        ceilings(CeilingsParams(params.seed, name, params.people)).table.assign(population=name)
        for name in names
    ]
    shares = [
        (name, question.name, float(question.truth.mean()))
        for name in names
        for question in questions(name, _people(name, params))
        if "AUROC" in question.statistics
    ]
    columns = ["population", "question", "prevalence"]
    return Limits(pd.concat(tables, ignore_index=True), pd.DataFrame(shares, columns=columns))


def _people(name: str, params: LimitsParams) -> Heart:
    return recruited(name, params.people, rng(params.seed, "prevalence", name))
