"""The cells of the comparison of all three works; a sweep makes them, `hfgnn.pipeline.sweeps`."""

from typing import TYPE_CHECKING

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
    return cells
