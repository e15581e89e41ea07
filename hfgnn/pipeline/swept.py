"""The cells of sweeps, and how they are gathered into the records that builds read."""

from dataclasses import replace
from typing import TYPE_CHECKING

from hfgnn.pipeline import rivals
from hfgnn.pipeline.answers import (
    CHANGED,
    CHANGES,
    SPOILED,
    asked_params,
    coverage_params,
    newcomers,
    school,
)
from hfgnn.pipeline.gathering import Gathered, Load
from hfgnn.pipeline.later import later, now
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.train import ablations, answer, covered, followed, gauged, schooled
else:
    answer, covered = later("hfgnn.train.answer"), later("hfgnn.train.covered")
    ablations, gauged = later("hfgnn.train.ablations"), later("hfgnn.train.gauged")
    followed, schooled = later("hfgnn.train.followed"), later("hfgnn.train.schooled")

ENCODERS = ("dual.lesson", "ablations.lessons", "selfsup.filled", "ablations.paired")


def ablation_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return encoders, people as these read them, and what all arms of each study say."""
    of, arms = school(profile, seed), rivals.arms_params(profile, seed)
    who = newcomers(profile, seed)
    both = ("selfsup.people", "selfsup.filled")
    cells = [
        Stage("ablations.lessons", schooled.beats_read, of, needs=("dual.hospital",), seconds=90),
        Stage("ablations.paired", schooled.pictures_read, of, needs=both, seconds=200),
        Stage("ablations.newcomers", gauged.gauged, who, needs=ENCODERS, seconds=250),
    ]
    for study in range(seeds):
        mine = f"ablations.{study}"
        beats = f"{mine}.beats" if study else "dual.study"
        people = gauged.GaugedParams(seed + study, profile.followed, of)
        cells.append(Stage(f"{mine}.read", gauged.gauged, people, needs=ENCODERS, seconds=150))
        if study:
            met = followed.FollowedParams(seed + study, "book", profile.followed)
            cells.append(Stage(beats, followed.followed, met, seconds=15))
        read, whole = (f"{mine}.read", "ablations.newcomers"), (beats, "dual.newcomers")
        for part, needs in (("flat", read), ("graph", read), ("whole", (*whole, "dual.lesson"))):
            maker = ablations.wholly if part == "whole" else ablations.answered
            how = ablations.AblationParams(study, arms, part)
            cells.append(Stage(f"{mine}.{part}", maker, how, needs=needs, seconds=150))
    return [*cells, *_spoiled(profile, seed)]


def _spoiled(profile: Profile, seed: int) -> list[Stage]:
    """Return newcomers whose records are not as usual, and what arms of the first study say."""
    cells, some = list[Stage](), min(CHANGED, profile.newcomers)
    arms, of = rivals.arms_params(profile, seed), school(profile, seed)
    for name, change in CHANGES.items():
        mine = "ablations." + name.replace(" ", "_")
        other = gauged.Change(**change)
        who = gauged.GaugedParams(seed + 100, some, of, change=other)
        cells.append(Stage(mine, gauged.gauged, who, needs=ENCODERS, seconds=50))
        for part, only in SPOILED.items():
            told = ablations.AblationParams(0, arms, part, only)
            needs = ("ablations.0.read", mine)
            cells.append(Stage(f"{mine}.{part}", ablations.answered, told, needs=needs, seconds=40))
    return cells


def gather_ablations(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    """Return what all arms of all studies have said, usual records and spoiled ones."""
    from hfgnn.train import asked as record
    from hfgnn.train.ablations import PARTS

    params = now(asked_params(profile, seed, seeds))
    answers = {s: [load(f"ablations.{s}.{part}") for part in PARTS] for s in range(seeds)}
    spoiled = {
        name: [load(f"ablations.{name.replace(' ', '_')}.{part}") for part in SPOILED]
        for name in CHANGES
    }
    tables = record.gathered(params, answers, spoiled)
    return Gathered(record.FILES, tables, record.told(params), record.COMMAND)


def coverage_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return a cell for each size of the smaller class."""
    own = now(coverage_params(profile, seed))
    return [
        Stage(f"coverage.{size}", covered.cell, covered.CellParams(own, size), seconds=0.6 * size)
        for size in own.sizes
    ]


def gather_coverage(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    """Return the shares of all sizes."""
    from hfgnn.train import covered as record

    params = now(coverage_params(profile, seed))
    tables = record.gathered([load(f"coverage.{size}") for size in params.sizes])
    return Gathered(record.FILES, tables, record.told(params), record.COMMAND)


def regime_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return a cell for each world of the map."""
    from hfgnn.train.answer import worlds

    params = replace(now(rivals.regime_params(profile, seed)), seeds=seeds)
    return [
        Stage(f"regimes.{one.number}.{one.seed}", answer.scored, one, seconds=3)
        for one in worlds(params)
    ]


def gather_regimes(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    """Return the map's table."""
    from hfgnn.train import answer as record

    params = replace(now(rivals.regime_params(profile, seed)), seeds=seeds)
    tables = record.gathered(load(f"regimes.{w.number}.{w.seed}") for w in record.worlds(params))
    return Gathered(record.FILES, tables, record.told(params), record.COMMAND)
