"""The stages of the works that the thesis is held against, and of the answer to the book's title.

`hfgnn.pipeline.stages` has the thesis's own.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from hfgnn.pipeline.later import later
from hfgnn.pipeline.places import places
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.models import dual_attention as network
    from hfgnn.models import image, masked
    from hfgnn.train import (
        answer,
        arms,
        atlas,
        begun,
        filled,
        fillings,
        folds,
        followed,
        gains,
        grid,
        left,
        limits,
        maps,
        marked,
        matched,
        nodes,
        ranks,
        rare,
        regimes,
        repeated,
        retrieval,
        seen,
        small_study,
        steps,
        worth,
    )
else:
    answer, marked = later("hfgnn.train.answer"), later("hfgnn.train.marked")
    nodes, regimes = later("hfgnn.train.nodes"), later("hfgnn.train.regimes")
    arms, folds, followed = (later(f"hfgnn.train.{n}") for n in ("arms", "folds", "followed"))
    atlas = later("hfgnn.train.atlas")
    filled, fillings, seen = (later(f"hfgnn.train.{n}") for n in ("filled", "fillings", "seen"))
    image, masked = later("hfgnn.models.image"), later("hfgnn.models.masked")
    begun, matched, rare = (later(f"hfgnn.train.{n}") for n in ("begun", "matched", "rare"))
    gains, limits = later("hfgnn.train.gains"), later("hfgnn.train.limits")
    grid, maps, ranks = (later(f"hfgnn.train.{n}") for n in ("grid", "maps", "ranks"))
    left = later("hfgnn.train.left")
    repeated, retrieval = (later(f"hfgnn.train.{n}") for n in ("repeated", "retrieval"))
    worth = later("hfgnn.train.worth")
    small_study, steps = (later(f"hfgnn.train.{n}") for n in ("small_study", "steps"))
    network = later("hfgnn.models.dual_attention")


SIZES = {
    "tiny": network.Sizes(samples=304, channels=(2, 2, 2, 2, 2), heads=1, features=32),
    "small": network.SMALL,
    "published": network.PUBLISHED,
}
MASKED = {
    "tiny": masked.Sizes(samples=250, patch=25, width=16, depth=1, heads=2, told=(16, 1, 2)),
    "small": masked.SMALL,
    "published": masked.PUBLISHED,
}
PICTURES = {
    "tiny": image.Sizes(stem=8, blocks=(1, 1), widths=(8, 16), expansion=1),
    "small": image.SMALL,
    "published": image.PUBLISHED,
}
ROUNDS = 4  # in which everybody's record is met once, so that a single meeting has a curve
READ = ("dual.study", "dual.newcomers")  # whom an arm learns from, and whom it is asked about


def record(name: str) -> tuple[Path, ...]:
    """Return the files of a record; none, where it is not there."""
    return tuple(sorted((places().ledger / "recorded" / name).glob("*.*")))


def dual_attention(profile: Profile, seed: int) -> list[Stage]:
    """Return the stages of the dual attention network."""
    return [*_followed(profile, seed), *_trained(profile, seed), *_judged(profile, seed)]


def _followed(profile: Profile, seed: int) -> list[Stage]:
    """Return the people of the second work: a hospital's, a study's, and others of its kind."""
    kinds = {
        "hospital": followed.FollowedParams(seed, "hospital", profile.taught, signs=False),
        "study": followed.FollowedParams(seed, "book", profile.followed),
        "newcomers": followed.FollowedParams(seed + 100, "book", profile.newcomers),
        "small": followed.FollowedParams(seed, "post-infarct", profile.small),
    }
    sizes = (profile.taught, profile.followed, profile.newcomers, profile.small)
    return [
        Stage(f"dual.{name}", followed.followed, who, seconds=n * 0.013)
        for (name, who), n in zip(kinds.items(), sizes, strict=True)
    ]


def arms_params(profile: Profile, seed: int) -> "arms.ArmsParams":
    """Return how many people the arms of the second work learn from, and how long."""
    return arms.ArmsParams(
        seed,
        taught=profile.taught,
        people=profile.followed,
        newcomers=profile.newcomers,
        sizes=SIZES[profile.network],
        lesson=steps.Pace(epochs=profile.epochs[0], rate=2e-3),
        course=steps.Pace(epochs=profile.epochs[1], rate=5e-4),
    )


def _trained(profile: Profile, seed: int) -> list[Stage]:
    """Return the arms that every build trains."""
    of = arms_params(profile, seed)
    language, mended = arms.ArmParams(of, "language model"), arms.ArmParams(of, "positions mended")
    both = left.LeftParams(language, mended)
    taught, weighed, kept = ("dual.hospital",), (*READ, "dual.placed"), record("weights")
    begun = (*taught, "dual.lesson")
    return [
        Stage("dual.lesson", left.taught, both, needs=taught, inputs=kept, seconds=1),
        Stage("dual.again", left.again, both, needs=begun, inputs=kept, seconds=22),
        Stage("dual.placed", left.placed, both, needs=taught, inputs=kept, seconds=1),
        Stage("dual.as_it_is", arms.told, language, needs=(*READ, "dual.lesson"), seconds=14),
        Stage("dual.mended", left.mended, both, needs=weighed, inputs=kept, seconds=3),
    ]


def _judged(profile: Profile, seed: int) -> list[Stage]:
    """Return what is asked of them, and of those that are recorded."""
    of = arms_params(profile, seed)
    files = {name: record(name) for name in ("dual", "folds", "maps", "retrieval")}
    every, scores = ranks.GridParams(of, studies=profile.studies[0]), worth.WorthParams(seed)
    few = small_study.SmallParams(
        of,
        studies=profile.studies[1],
        people=profile.small,
        course=steps.Pace(epochs=profile.epochs[2], rate=5e-4),
    )
    language, mended = (arms.ArmParams(of, name) for name in ("language model", "positions mended"))
    small, shown = ("dual.small", "dual.placed"), (*READ, "dual.lesson", "dual.mended")
    looked = maps.MapsParams(language, mended, random=min(20, profile.newcomers // 80))
    many = atlas.AtlasParams(looked, trainings=min(5, profile.studies[1]))
    both, dealt = ("dual.study", "dual.small", "dual.lesson"), repeated.RepeatedParams(language)
    found, filed = retrieval.RetrievalParams(arms.lesson_of(language)), files["folds"]
    told, ranked = (*READ, "dual.as_it_is", "dual.mended"), files["dual"]
    return [
        Stage("dual.arms", grid.grid, every, needs=told, inputs=ranked, seconds=20),
        Stage("dual.worth", worth.worth, scores, needs=told, seconds=12),
        Stage("dual.maps", atlas.looked, many, needs=shown, inputs=files["maps"], seconds=10),
        Stage("dual.atlas", atlas.atlas, many, needs=("dual.maps",), inputs=files["maps"]),
        Stage("dual.folds", small_study.small, few, needs=small, inputs=filed, seconds=30),
        Stage("dual.repeated", repeated.repeated, dealt, needs=both, seconds=20),
        Stage("dual.luck", folds.luck, folds.LuckParams(seed), seconds=10),
        Stage("dual.real", retrieval.retrieval, found, inputs=files["retrieval"]),
    ]


def _filling(profile: Profile, seed: int) -> "filled.FilledParams":
    """Return how the autoencoder learns: as published, or in a few minutes."""
    sizes, times = MASKED[profile.network], profile.filled
    if profile.network == "published":
        pace = steps.Pace(epochs=times, rate=1e-3, decay=0.05, climb=0.1, batch=256)
        return filled.FilledParams(seed, sizes, pace)
    pace = steps.Pace(epochs=times, rate=7e-3, decay=0.05, climb=0.1, batch=16, clip=1.0)
    return filled.FilledParams(seed, sizes, pace, changed=0.0, rounds=ROUNDS)


def beginning(profile: Profile, seed: int) -> "begun.BegunParams":
    """Return how all is learned that needs no label: as published, or in a few minutes."""
    sizes, picture = MASKED[profile.network], PICTURES[profile.network]
    looks, pairs = profile.paired
    looked = matched.LookedParams(
        seed, picture, steps.Pace(epochs=looks, rate=2e-3, decay=1e-4, climb=0.1, batch=64)
    )
    near = steps.Pace(epochs=pairs, rate=1e-3, decay=1e-4, climb=0.05, batch=64)
    sides = matched.MatchedParams(seed, sizes, picture, near, cut=False)
    if profile.network == "published":
        near = steps.Pace(epochs=pairs, rate=1e-5, decay=1e-4, climb=0.05, batch=64)
        sides = matched.MatchedParams(seed, sizes, picture, near, by_lead=False)
    return begun.BegunParams(_filling(profile, seed), looked, sides)


def self_supervision(profile: Profile, seed: int) -> list[Stage]:
    """Return the stages of the third work."""
    sizes, (many, new) = MASKED[profile.network], profile.seen
    people = seen.SeenParams(seed, many, sizes)
    newcomers = seen.SeenParams(seed + 100, new, sizes)
    own = _filling(profile, seed)
    ways = fillings.FillingsParams(own, people, newcomers)
    read = ("selfsup.people", "selfsup.newcomers")
    files, needs = record("autoencoder"), (*read, "selfsup.filled")
    every, learned = record("rare"), beginning(profile, seed)
    if profile.network == "tiny":
        arms_ = rare.RareParams(people, newcomers, learned, 1, steps=8, epochs=(1, 2), draws=30)
    else:
        arms_ = rare.RareParams(people, newcomers, learned)
    most = limits.LimitsParams(newcomers, profile.ceilings // 2)
    return [
        Stage("selfsup.people", seen.seen, people, seconds=many * 0.012),
        Stage("selfsup.newcomers", seen.seen, newcomers, seconds=new * 0.012),
        Stage("selfsup.filled", filled.filled, own, needs=read[:1], seconds=80),
        Stage("selfsup.fillings", fillings.fillings, ways, needs=needs, inputs=files, seconds=20),
        Stage("selfsup.gains", gains.gains, arms_, needs=needs, inputs=every, seconds=60),
        Stage("selfsup.limits", limits.limits, most, needs=read[1:], seconds=45),
    ]


def regime_params(profile: Profile, seed: int) -> "regimes.RegimesParams":
    """Return how the map is drawn."""
    if profile.network != "tiny":
        return regimes.RegimesParams(seed)
    short = nodes.Recipe(epochs=3, rate=5e-3, decay=5e-4, patience=2)
    axes = regimes.Axes(people=(60, 120))
    return regimes.RegimesParams(seed, axes, seeds=1, people=120, recipe=short, draws=5)


def answered(profile: Profile, seed: int) -> list[Stage]:
    """Return the map of when a graph helps, and where on it the thesis lies."""
    whole = regime_params(profile, seed)
    read = ("graph.anatomy", "gnn.both", "gnn.published")
    return [
        Stage("answer.regimes", answer.answer, whole, inputs=record("regimes"), seconds=20),
        Stage("answer.thesis", marked.marked, marked.MarkedParams(), needs=read),
    ]
