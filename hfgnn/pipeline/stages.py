"""Every stage of the book, declared with what it needs: read it as the book's recipe."""

from dataclasses import replace
from functools import cache

from hfgnn.pipeline.places import Places
from hfgnn.pipeline.profiles import Profile, profile_named
from hfgnn.pipeline.stage import Stage, Workshop
from hfgnn.train.album import AlbumParams, album
from hfgnn.train.ceilings import CeilingsParams, ceilings
from hfgnn.train.controls import RivalsParams, SampledParams, rivals, sampled
from hfgnn.train.hidden import HiddenParams, hidden
from hfgnn.train.public import PublicParams, TellParams, public_files, public_pages, tell
from hfgnn.train.realism import RealismParams, realism
from hfgnn.train.stage_one import CopiesParams, FolderParams, copies, folder_audit
from hfgnn.world.population import population, simulate
from hfgnn.world.studies import StudiesParams, studies
from hfgnn.world.truth import CeilingParams, ceiling

SEED = 2025  # the notebooks' default: the year of the thesis


def catalogue(profile: Profile, seed: int) -> list[Stage]:
    """Return the stages at the sizes of a profile, all randomness from one seed."""
    return [*_data(profile, seed), *_clinical(profile, seed)]


def _data(profile: Profile, seed: int) -> list[Stage]:
    hospital = population("hospital", people=profile.population, seed=seed)
    return [
        Stage("data.population", simulate, replace(hospital, signals=False), seconds=12),
        Stage("data.album", album, AlbumParams(seed), seconds=8),
        Stage(
            "data.realism",
            realism,
            RealismParams(seed, profile.measured),
            needs=("data.population",),
            seconds=30,
        ),
        Stage("data.ceilings", ceilings, CeilingsParams(seed, profile.ceilings), seconds=60),
        Stage("data.studies", studies, StudiesParams(seed, profile.studied), seconds=8),
        Stage("data.folder", folder_audit, FolderParams(seed), seconds=8),
        Stage("data.copies", copies, CopiesParams(seed, profile.copied), seconds=20),
        Stage("data.public", public_pages, PublicParams(seed), inputs=public_files(), seconds=20),
        Stage(
            "data.tell",
            tell,
            TellParams(),
            needs=("data.realism",),
            inputs=public_files(),
            seconds=30,
        ),
    ]


def _clinical(profile: Profile, seed: int) -> list[Stage]:
    sizes = RivalsParams(seed, repeats=profile.clinical_repeats, large=profile.clinical_large)
    return [
        Stage("clinical.ceiling", ceiling, CeilingParams(), seconds=3),
        Stage(
            "clinical.sampled",
            sampled,
            SampledParams(seed, draws=profile.clinical_draws),
            seconds=4,
        ),
        Stage("clinical.rivals", rivals, sizes, seconds=25),
        Stage(
            "clinical.hidden",
            hidden,
            HiddenParams(seed),
            needs=("data.population",),
            seconds=8,
        ),
    ]


@cache
def workshop(profile: str, seed: int, places: Places) -> Workshop:
    """Return the stages of a profile and seed over the store of a build."""
    stages = catalogue(profile_named(profile), seed)
    return Workshop({stage.name: stage for stage in stages}, places)
