"""The survival cohorts at their published sizes: who had heart failure, and how long one waited."""

from dataclasses import dataclass, replace

import pandas as pd

from hfgnn.world.population import blocks, population, recruited, streams
from hfgnn.world.survival import STUDIES, Study


@dataclass(frozen=True)
class StudiesParams:
    """Which draw of the cohorts, and what share of their people (1 is the published size)."""

    seed: int
    share: float = 1.0


@dataclass(frozen=True)
class Studies:
    """What each cohort came out as."""

    table: pd.DataFrame  # by study: people, events, median, longest (months), rate (per 1,000 y)


def studies(params: StudiesParams) -> Studies:
    """Follow everyone of every study once."""
    rows = {study.name: _outcome(study, params) for study in STUDIES}
    return Studies(pd.DataFrame.from_dict(rows, orient="index").rename_axis("study"))


def _outcome(study: Study, params: StudiesParams) -> dict[str, float]:
    people = max(1, round(study.people * params.share))
    config = replace(population(study.name, people=people, seed=params.seed), signals=False)
    parts = []
    for number in blocks(config):
        stream = streams(config, number)
        heart, _ = recruited(config, number, stream)
        parts.append(study.follow(heart, stream("follow")))
    found = pd.concat(parts)
    return {
        "people": people,
        "events": int(found["event"].sum()),
        "median": float(found["time"].median()),
        "longest": float(found["time"].max()),
        "rate": float(12_000 * found["event"].sum() / found["time"].sum()),
    }
