"""The comparison of all three works: what every build makes of it, and the cells of its record.

A sweep makes the cells (`hfgnn.pipeline.sweeps`); what a build makes reads the record.
"""

from typing import TYPE_CHECKING, Any

from hfgnn.pipeline import rivals
from hfgnn.pipeline.later import later
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.evaluate import coverage
    from hfgnn.train import (
        ablations,
        asked,
        compared,
        covered,
        fair,
        followed,
        gauged,
        schooled,
        tops,
    )
else:
    asked, compared = later("hfgnn.train.asked"), later("hfgnn.train.compared")
    coverage, covered = later("hfgnn.evaluate.coverage"), later("hfgnn.train.covered")
    fair, tops = later("hfgnn.train.fair"), later("hfgnn.train.tops")
    ablations, gauged = later("hfgnn.train.ablations"), later("hfgnn.train.gauged")
    followed, schooled = later("hfgnn.train.followed"), later("hfgnn.train.schooled")

ENCODERS = ("dual.lesson", "ablations.lessons", "selfsup.filled", "ablations.paired")
STUDIES = 4  # that all arms learn from
CHANGED = 1_000  # newcomers whose records are spoiled, the first of all
CHANGES: dict[str, dict[str, Any]] = {  # what is other than usual in them
    "noise": {"noise": 0.1},
    "arms swapped": {"swapped": True},
    "V1 to V3 lost": {"lost": ("V1", "V2", "V3")},
    "another layout": {"layout": "12x1"},
}
SPOILED = {  # arms that are asked about them
    "flat": ("page", "fifteen signs", "dual attention", "autoencoder", "page and values"),
    "graph": ("GCN", "GCN, nobody heard"),
}


def school(profile: Profile, seed: int) -> "schooled.SchooledParams":
    """Return how the encoders of both rivals learn."""
    return schooled.SchooledParams(
        rivals.arms_params(profile, seed), rivals.beginning(profile, seed)
    )


def newcomers(profile: Profile, seed: int) -> "gauged.GaugedParams":
    """Return whom all arms are asked about."""
    return gauged.GaugedParams(seed + 100, profile.newcomers, school(profile, seed))


def asked_params(profile: Profile, seed: int, studies: int = STUDIES) -> "asked.AskedParams":
    """Return what a record of this comparison must agree with."""
    some = min(CHANGED, profile.newcomers)
    every = tuple(arm for arms in SPOILED.values() for arm in arms)
    spoiled = tuple((name, every) for name in CHANGES)
    arms = rivals.arms_params(profile, seed)
    return asked.AskedParams(newcomers(profile, seed), arms, studies, spoiled, some)


def compared_stages(profile: Profile, seed: int) -> list[Stage]:
    """Return the comparison as every build has it."""
    who, tiny = newcomers(profile, seed), profile.network == "tiny"
    read = ("dual.study", "dual.newcomers", "dual.lesson")
    told, held_so = rivals.record("ablations"), rivals.record("coverage")
    every, others = asked_params(profile, seed), profile.ceilings // 2
    drawn = compared.ComparedParams(who, 100) if tiny else compared.ComparedParams(who)
    held, by_group = covered.CoveredParams(seed), fair.FairParams(seed)
    if tiny:
        by_group = fair.FairParams(seed, 50)
        quick = coverage.Setting(repeats=20)
        held = covered.CoveredParams(seed, quick, sizes=(10, 20), replicates=20)
    some = ("answer.asked", "dual.newcomers")
    beside = ("answer.asked", "answer.ceilings", "dual.newcomers")
    return [
        Stage("answer.ceilings", tops.tops, tops.TopsParams(who, others), seconds=20),
        Stage("answer.asked", asked.asked, every, needs=read, inputs=told, seconds=25),
        Stage("answer.compared", compared.compared, drawn, needs=beside, seconds=50),
        Stage("answer.fair", fair.fair, by_group, needs=some, seconds=20),
        Stage("answer.coverage", covered.coverage, held, inputs=held_so, seconds=6),
    ]


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
