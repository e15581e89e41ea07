"""The cells of the comparison of all three works; a sweep makes them, `hfgnn.pipeline.sweeps`."""

from typing import TYPE_CHECKING, Any

from hfgnn.pipeline import rivals
from hfgnn.pipeline.later import later
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.train import ablations, followed, gauged, schooled
else:
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


def ablation_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return encoders, people as these read them, and what all arms of each study say."""
    of, arms = school(profile, seed), rivals.arms_params(profile, seed)
    asked = gauged.GaugedParams(seed + 100, profile.newcomers, of)
    both = ("selfsup.people", "selfsup.filled")
    cells = [
        Stage("ablations.lessons", schooled.beats_read, of, needs=("dual.hospital",), seconds=90),
        Stage("ablations.paired", schooled.pictures_read, of, needs=both, seconds=200),
        Stage("ablations.newcomers", gauged.gauged, asked, needs=ENCODERS, seconds=250),
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
            who = ablations.AblationParams(study, arms, part)
            cells.append(Stage(f"{mine}.{part}", maker, who, needs=needs, seconds=150))
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
