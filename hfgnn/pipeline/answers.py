"""The comparison of all three works as every build makes it, and what it is of.

A sweep makes the record of cells (`hfgnn.pipeline.swept`); what a build makes reads it.
"""

from typing import TYPE_CHECKING, Any

from hfgnn.pipeline import rivals
from hfgnn.pipeline.later import later
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.evaluate import coverage
    from hfgnn.train import asked, compared, covered, fair, gauged, schooled, tops
else:
    asked, compared = later("hfgnn.train.asked"), later("hfgnn.train.compared")
    coverage, covered = later("hfgnn.evaluate.coverage"), later("hfgnn.train.covered")
    fair, tops = later("hfgnn.train.fair"), later("hfgnn.train.tops")
    gauged, schooled = later("hfgnn.train.gauged"), later("hfgnn.train.schooled")

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


def coverage_params(profile: Profile, seed: int) -> "covered.CoveredParams":
    """Return how often intervals are tried."""
    if profile.network != "tiny":
        return covered.CoveredParams(seed)
    return covered.CoveredParams(seed, coverage.Setting(repeats=20), (10, 20), 20)


def compared_stages(profile: Profile, seed: int) -> list[Stage]:
    """Return the comparison as every build has it."""
    who, tiny = newcomers(profile, seed), profile.network == "tiny"
    read = ("dual.study", "dual.newcomers", "dual.lesson")
    told, held_so = rivals.record("ablations"), rivals.record("coverage")
    every, others = asked_params(profile, seed), profile.ceilings // 2
    drawn = compared.ComparedParams(who, 100) if tiny else compared.ComparedParams(who)
    by_group = fair.FairParams(seed, 50) if tiny else fair.FairParams(seed)
    held = coverage_params(profile, seed)
    some = ("answer.asked", "dual.newcomers")
    beside = ("answer.asked", "answer.ceilings", "dual.newcomers")
    return [
        Stage("answer.ceilings", tops.tops, tops.TopsParams(who, others), seconds=20),
        Stage("answer.asked", asked.asked, every, needs=read, inputs=told, seconds=25),
        Stage("answer.compared", compared.compared, drawn, needs=beside, seconds=50),
        Stage("answer.fair", fair.fair, by_group, needs=some, seconds=20),
        Stage("answer.coverage", covered.coverage, held, inputs=held_so, seconds=6),
    ]
