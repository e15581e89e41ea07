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


SMOKE = Profile("smoke", clinical_draws=2_000, clinical_repeats=2, clinical_large=1_000)
BOOK = Profile("book", clinical_draws=400_000, clinical_repeats=100, clinical_large=100_000)
PAPER = Profile("paper", clinical_draws=4_000_000, clinical_repeats=1_000, clinical_large=1_000_000)

PROFILES = {profile.name: profile for profile in (SMOKE, BOOK, PAPER)}


def profile_named(name: str) -> Profile:
    """Return the profile of that name."""
    if name not in PROFILES:
        raise BuildError(f"profile {name!r} is not known: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
