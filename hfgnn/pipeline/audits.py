"""The stages of the audit: what each decision of the published protocols is worth."""

from typing import TYPE_CHECKING, Any

from hfgnn.pipeline import rivals
from hfgnn.pipeline.gathering import Gathered, Load
from hfgnn.pipeline.later import later, now
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.train import (
        audit_dual,
        audit_selfsup,
        audit_thesis,
        followed,
        matched,
        pages,
        seen,
        steps,
    )
    from hfgnn.train.audited import Work
else:
    audit_dual, followed = later("hfgnn.train.audit_dual"), later("hfgnn.train.followed")
    audit_selfsup, seen = later("hfgnn.train.audit_selfsup"), later("hfgnn.train.seen")
    matched, steps = later("hfgnn.train.matched"), later("hfgnn.train.steps")
    audit_thesis, pages = later("hfgnn.train.audit_thesis"), later("hfgnn.train.pages")

PEOPLE = {"tiny": 150, "small": 800, "published": 1_600}  # of a repeat, by the rivals' networks
REPEATS = 8  # of a record
THESIS = ("thesis.pages", "augmentation.pools")
DUAL = ("dual.small", "dual.placed")
SELFSUP = ("selfsup.people", "selfsup.newcomers")


def audits(profile: Profile, seed: int) -> list[Stage]:
    """Return each audit, from a record of which some sets are scored again."""
    files, whole = rivals.record("audit-thesis"), thesis_params(profile, seed)
    second, small = rivals.record("audit-dual"), dual_params(profile, seed)
    third, own = rivals.record("audit-selfsup"), selfsup_params(profile, seed)
    return [
        Stage("audit.thesis", audit_thesis.again, whole, needs=THESIS, inputs=files, seconds=12),
        Stage("audit.dual", audit_dual.again, small, needs=DUAL, inputs=second, seconds=30),
        Stage("audit.selfsup", audit_selfsup.again, own, needs=SELFSUP, inputs=third, seconds=40),
    ]


def thesis_params(profile: Profile, seed: int) -> "audit_thesis.ThesisParams":
    """Return whom the thesis's audit meets."""
    own = pages.PagesParams(seed, people=profile.pages, rivals=profile.rivals)
    return audit_thesis.ThesisParams(seed, own, people=PEOPLE[profile.network])


def thesis_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return the cells of the thesis's record: so many repeats, each with every set."""
    whole, every = thesis_params(profile, seed), range(seeds)
    cells = [audit_thesis.CellParams(whole, repeat) for repeat in every]
    return [
        Stage(f"audit.thesis.{repeat}", audit_thesis.cell, cells[repeat], needs=THESIS, seconds=110)
        for repeat in every
    ]


def gather_thesis(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    """Return the record of the thesis's audit."""
    from hfgnn.train.audit_thesis import WORK, told

    return _gathered(WORK, told(now(thesis_params(profile, seed))), "audit.thesis", seeds, load)


def dual_params(profile: Profile, seed: int) -> "audit_dual.DualParams":
    """Return whom the second work's audit meets, and how long heads learn."""
    arms, study = rivals.arms_params(profile, seed), followed.FollowedParams
    small = study(seed, "post-infarct", profile.small)
    if profile.network == "tiny":
        return audit_dual.DualParams(arms, small, 150, 2, steps.Pace(epochs=2, rate=5e-3))
    return audit_dual.DualParams(arms, small)


def dual_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return the cells of the second work's record: so many repeats, each with every set."""
    whole = dual_params(profile, seed)
    make, of = audit_dual.cell, audit_dual.CellParams
    return [
        Stage(f"audit.dual.{repeat}", make, of(whole, repeat), needs=DUAL, seconds=100)
        for repeat in range(seeds)
    ]


def gather_dual(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    """Return the record of the second work's audit."""
    from hfgnn.train.audit_dual import WORK, told

    return _gathered(WORK, told(now(dual_params(profile, seed))), "audit.dual", seeds, load)


def selfsup_params(profile: Profile, seed: int) -> "audit_selfsup.SelfsupParams":
    """Return whom the third work's audit meets, and how long it learns."""
    (many, new), sizes = profile.seen, rivals.MASKED[profile.network]
    people, others = (seen.SeenParams(s, n, sizes) for s, n in ((seed, many), (seed + 100, new)))
    picture, epochs = rivals.PICTURES[profile.network], 1 if profile.network == "tiny" else 8
    pace = steps.Pace(epochs=epochs, rate=2e-3, decay=1e-4, climb=0.1, batch=64)
    looks = matched.LookedParams(seed, picture, pace)
    if profile.network == "tiny":
        short = steps.Pace(epochs=2, rate=1e-2, climb=0.1, batch=16)
        return audit_selfsup.SelfsupParams(seed, people, others, looks, (150, 100, 150), short)
    return audit_selfsup.SelfsupParams(seed, people, others, looks)


def selfsup_cells(profile: Profile, seed: int, seeds: int) -> list[Stage]:
    """Return the cells of the third work's record: so many repeats, each with every set."""
    whole = selfsup_params(profile, seed)
    make, of = audit_selfsup.cell, audit_selfsup.CellParams
    return [
        Stage(f"audit.selfsup.{repeat}", make, of(whole, repeat), needs=SELFSUP, seconds=140)
        for repeat in range(seeds)
    ]


def gather_selfsup(profile: Profile, seed: int, seeds: int, load: Load) -> Gathered:
    """Return the record of the third work's audit."""
    from hfgnn.train.audit_selfsup import WORK, told

    return _gathered(WORK, told(now(selfsup_params(profile, seed))), "audit.selfsup", seeds, load)


def _gathered(work: "Work", told: dict[str, Any], name: str, seeds: int, load: Load) -> Gathered:
    """Return the record of an audit, whose cells are named by stage and repeat."""
    tables = work.gathered(load(f"{name}.{repeat}") for repeat in range(seeds))
    return Gathered(work.files, tables, told, work.command)
