"""The three sizes of the book: smoke (does it run), book (published), paper (as in the works)."""

from dataclasses import dataclass

from hfgnn.pipeline.places import BuildError


@dataclass(frozen=True)
class Profile:
    """How large the computations of one build are."""

    name: str
    clinical_draws: int  # people per class drawn for the Monte Carlo check of the ceiling
    clinical_repeats: int  # times that the thesis's train and test sizes are drawn anew
    clinical_large: int  # people per class of the one large sample
    population: int  # people of the hospital whose table the chapters share
    measured: int  # people whose ECGs are drawn and measured like real ones
    copied: int  # people whose pages are copied as the thesis's folders have them
    ceilings: int  # people of each population from whom the ceilings are estimated
    studied: float  # share of the published size of each survival cohort
    pages: int  # people whose printed pages the chapters on the thesis share
    rivals: tuple[str, ...]  # backbones beside the book's own
    resplits: int  # times that these people are split anew
    again: int  # times at most that a quick comparison is made anew
    draws: int  # of the probes' bootstrap
    taught: int  # people of a hospital who teach the dual attention network
    followed: int  # people of a study from whom it learns a risk
    newcomers: int  # people whose risk it is asked for
    small: int  # people of a small study
    studies: tuple[int, int]  # large and small ones of the record
    epochs: tuple[int, int, int]  # of pre-training, of the risk, of the risk in a small study
    network: str  # the sizes of both rivals' networks: tiny, small or published
    seen: tuple[int, int]  # people whose hearts are pictured, and newcomers
    filled: int  # epochs in which hidden patches are filled in
    paired: tuple[int, int]  # epochs of two looks at a picture, and of pictures beside ECGs


SMOKE = Profile(
    "smoke",
    clinical_draws=2_000,
    clinical_repeats=2,
    clinical_large=1_000,
    population=750,
    measured=250,
    copied=60,
    ceilings=1_000,
    studied=0.02,
    pages=150,
    rivals=("random",),
    resplits=2,
    again=2,
    draws=50,
    taught=150,
    followed=300,
    newcomers=250,
    small=400,
    studies=(1, 1),
    epochs=(2, 2, 2),
    network="tiny",
    seen=(300, 300),
    filled=2,
    paired=(1, 1),
)
BOOK = Profile(
    "book",
    clinical_draws=400_000,
    clinical_repeats=100,
    clinical_large=100_000,
    population=10_000,
    measured=2_000,
    copied=929,  # as many as the collection has pages
    ceilings=20_000,
    studied=1.0,
    pages=1_600,
    rivals=("random",),
    resplits=10,
    again=5,
    draws=1_000,
    taught=2_500,
    followed=3_000,
    newcomers=5_000,
    small=800,
    studies=(4, 6),
    epochs=(10, 8, 30),
    network="small",
    seen=(6_000, 10_000),
    filled=9,
    paired=(4, 6),
)
PAPER = Profile(
    "paper",
    clinical_draws=4_000_000,
    clinical_repeats=1_000,
    clinical_large=1_000_000,
    population=100_000,
    measured=10_000,
    copied=929,
    ceilings=200_000,
    studied=1.0,
    pages=20_000,
    rivals=("random", "imagenet"),
    resplits=30,
    again=5,
    draws=1_000,
    taught=4_400,  # as published, of PTB-XL
    followed=11_575,  # as published, of UKB-HYP
    newcomers=20_000,
    small=800,
    studies=(10, 20),
    epochs=(300, 100, 100),  # as published for networks that were pre-trained; from nothing, 400
    network="published",
    seen=(40_044, 20_000),  # as published, of the work before it
    filled=400,
    paired=(400, 400),  # the first is not stated
)

PROFILES = {profile.name: profile for profile in (SMOKE, BOOK, PAPER)}


def profile_named(name: str) -> Profile:
    """Return the profile of that name."""
    if name not in PROFILES:
        raise BuildError(f"profile {name!r} is not known: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
