"""The stages of the audit: what each decision of the published protocols is worth."""

from typing import TYPE_CHECKING

from hfgnn.pipeline import rivals
from hfgnn.pipeline.gathering import Gathered, Load
from hfgnn.pipeline.later import later, now
from hfgnn.pipeline.profiles import Profile
from hfgnn.pipeline.stage import Stage

if TYPE_CHECKING:
    from hfgnn.train import audit_thesis, pages
else:
    audit_thesis, pages = later("hfgnn.train.audit_thesis"), later("hfgnn.train.pages")

PEOPLE = {"tiny": 150, "small": 800, "published": 1_600}  # of a repeat, by the rivals' networks
REPEATS = 8  # of the thesis's record
THESIS = ("thesis.pages", "augmentation.pools")


def audits(profile: Profile, seed: int) -> list[Stage]:
    """Return each audit, from a record of which some sets are scored again."""
    files, whole = rivals.record("audit-thesis"), thesis_params(profile, seed)
    return [
        Stage("audit.thesis", audit_thesis.again, whole, needs=THESIS, inputs=files, seconds=12),
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
    from hfgnn.train.audit_thesis import WORK, gathered, told

    tables = gathered(load(f"audit.thesis.{repeat}") for repeat in range(seeds))
    return Gathered(WORK.files, tables, told(now(thesis_params(profile, seed))), WORK.command)
