"""Every stage of the book, declared with what it needs: read it as the book's recipe."""

from functools import cache

from hfgnn.pipeline.places import Places
from hfgnn.pipeline.profiles import Profile, profile_named
from hfgnn.pipeline.stage import Stage, Workshop
from hfgnn.train.controls import RivalsParams, SampledParams, rivals, sampled
from hfgnn.world.truth import CeilingParams, ceiling

SEED = 2025  # the notebooks' default: the year of the thesis


def catalogue(profile: Profile, seed: int) -> list[Stage]:
    """Return the stages at the sizes of a profile, all randomness from one seed."""
    return [
        Stage("clinical.ceiling", ceiling, CeilingParams(), seconds=3),
        Stage(
            "clinical.sampled",
            sampled,
            SampledParams(seed, draws=profile.clinical_draws),
            seconds=4,
        ),
        Stage(
            "clinical.rivals",
            rivals,
            RivalsParams(seed, repeats=profile.clinical_repeats, large=profile.clinical_large),
            seconds=25,
        ),
    ]


@cache
def workshop(profile: str, seed: int, places: Places) -> Workshop:
    """Return the stages of a profile and seed over the store of a build."""
    stages = catalogue(profile_named(profile), seed)
    return Workshop({stage.name: stage for stage in stages}, places)
