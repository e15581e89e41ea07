"""Every stage of the book, declared with what it needs: read it as the book's recipe.

Rooms are named, not imported (`later`): a build with nothing to make is told so in a second.
"""

from functools import cache, partial
from typing import TYPE_CHECKING

from hfgnn.data.public import public_files
from hfgnn.pipeline.answers import compared_stages
from hfgnn.pipeline.audits import audits
from hfgnn.pipeline.later import later
from hfgnn.pipeline.places import Places, places
from hfgnn.pipeline.profiles import Profile, profile_named
from hfgnn.pipeline.rivals import answered, dual_attention, self_supervision
from hfgnn.pipeline.stage import Stage, Workshop

if TYPE_CHECKING:
    from hfgnn.train import (
        again,
        album,
        augmentation,
        ceilings,
        clinic,
        controls,
        equal,
        explain,
        fresh,
        fusion,
        graphs,
        hidden,
        newcomers,
        pages,
        patient,
        probes,
        public,
        published,
        realism,
        stage_one,
        verdicts,
    )
    from hfgnn.world import patients, population, studies, truth
else:
    album, ceilings, controls = (
        later(f"hfgnn.train.{n}") for n in ("album", "ceilings", "controls")
    )
    hidden, pages, public = (later(f"hfgnn.train.{n}") for n in ("hidden", "pages", "public"))
    fusion, probes = (later(f"hfgnn.train.{n}") for n in ("fusion", "probes"))
    graphs = later("hfgnn.train.graphs")
    explain, fresh = (later(f"hfgnn.train.{n}") for n in ("explain", "fresh"))
    newcomers, patient = (later(f"hfgnn.train.{n}") for n in ("newcomers", "patient"))
    augmentation, equal = (later(f"hfgnn.train.{n}") for n in ("augmentation", "equal"))
    realism, stage_one = (later(f"hfgnn.train.{n}") for n in ("realism", "stage_one"))
    again, clinic = (later(f"hfgnn.train.{n}") for n in ("again", "clinic"))
    published, verdicts = (later(f"hfgnn.train.{n}") for n in ("published", "verdicts"))
    patients, population = (later(f"hfgnn.world.{n}") for n in ("patients", "population"))
    studies, truth = (later(f"hfgnn.world.{n}") for n in ("studies", "truth"))

SEED = 2025  # the notebooks' default: the year of the thesis


def catalogue(profile: Profile, seed: int) -> list[Stage]:
    """Return the stages at the sizes of a profile, all randomness from one seed."""
    published = [*_data(profile, seed), *_clinical(profile, seed), *_thesis(profile, seed)]
    return [
        *published,
        *_augmentation(profile, seed),
        *_fusion(profile, seed),
        *_graph(profile, seed),
        *_gnn(profile, seed),
        *_patient(profile, seed),
        *dual_attention(profile, seed),
        *self_supervision(profile, seed),
        *answered(profile, seed),
        *compared_stages(profile, seed),
        *audits(profile, seed),
    ]


def _data(profile: Profile, seed: int) -> list[Stage]:
    hospital = population.population(
        "hospital", people=profile.population, seed=seed, signals=False
    )
    measured = realism.RealismParams(seed, profile.measured)
    return [
        Stage("data.population", population.simulate, hospital, seconds=12),
        Stage("data.album", album.album, album.AlbumParams(seed), seconds=8),
        Stage("data.realism", realism.realism, measured, needs=("data.population",), seconds=30),
        Stage(
            "data.ceilings",
            ceilings.ceilings,
            ceilings.CeilingsParams(seed, profile.ceilings),
            seconds=60,
        ),
        Stage(
            "data.studies",
            studies.studies,
            studies.StudiesParams(seed, profile.studied),
            seconds=8,
        ),
        Stage("data.patients", patients.patients, patients.PatientsParams(seed), seconds=6),
        *_folders(profile, seed),
    ]


def _folders(profile: Profile, seed: int) -> list[Stage]:
    """Return the first chapter's folders of pages, simulated and public."""
    lists = public_files()
    copied = stage_one.CopiesParams(seed, profile.copied)
    shown = public.PublicParams(seed)
    told = public.TellParams(seeds=min(3, profile.again), floors=profile.again)
    real = ("data.realism",)
    return [
        Stage("data.folder", stage_one.folder_audit, stage_one.FolderParams(seed), seconds=8),
        Stage("data.copies", stage_one.copies, copied, seconds=20),
        Stage("data.public", public.public_pages, shown, inputs=lists, seconds=20),
        Stage("data.tell", public.tell, told, needs=real, inputs=lists, seconds=30),
    ]


def _clinical(profile: Profile, seed: int) -> list[Stage]:
    draws = controls.SampledParams(seed, draws=profile.clinical_draws)
    sizes = controls.RivalsParams(
        seed, repeats=profile.clinical_repeats, large=profile.clinical_large
    )
    return [
        Stage("clinical.ceiling", truth.ceiling, truth.CeilingParams(), seconds=3),
        Stage("clinical.sampled", controls.sampled, draws, seconds=4),
        Stage("clinical.rivals", controls.rivals, sizes, seconds=25),
        Stage(
            "clinical.hidden",
            hidden.hidden,
            hidden.HiddenParams(seed),
            needs=("data.population",),
            seconds=8,
        ),
    ]


def _thesis(profile: Profile, seed: int) -> list[Stage]:
    """Return what more than one of the thesis's chapters reads: people and their pages."""
    return [Stage("thesis.pages", pages.read_pages, _pages(profile, seed), seconds=140)]


def _pages(profile: Profile, seed: int) -> "pages.PagesParams":
    return pages.PagesParams(seed, people=profile.pages, rivals=profile.rivals)


def _augmentation(profile: Profile, seed: int) -> list[Stage]:
    people, made = "thesis.pages", ("augmentation.pools", "augmentation.askew")
    printed = _pages(profile, seed)
    drawn = augmentation.PoolsParams(seed, printed)
    dealt = equal.BalanceParams(seed, deals=profile.resplits)
    turned = augmentation.FlipsParams(printed)
    return [
        Stage(made[0], augmentation.pools, drawn, needs=(people,), seconds=45),
        Stage(made[1], augmentation.askew, drawn, needs=(people,), seconds=12),
        Stage("augmentation.balance", equal.balance, dealt, needs=(people, *made), seconds=8),
        Stage("augmentation.flips", augmentation.flips, turned, needs=(people, made[0]), seconds=8),
    ]


def _fusion(profile: Profile, seed: int) -> list[Stage]:
    people, near = _pages(profile, seed), fusion.NearestParams(_pages(profile, seed))
    record, read = places().ledger / "recorded" / "backbone", ("thesis.pages",)
    files = (record / "recipe.json", record / "curve.csv")
    looked = probes.ProbesParams(people, draws=profile.draws)
    return [
        Stage("fusion.run", fusion.recorded_run, fusion.RunParams(), inputs=files, seconds=1),
        Stage("fusion.probes", probes.probes, looked, needs=read, seconds=24),
        Stage("fusion.sizes", fusion.sizes, fusion.SizesParams(people), seconds=7),
        Stage("fusion.nearest", fusion.nearest, near, needs=read, seconds=3),
        Stage("fusion.weights", fusion.weights, fusion.WeightsParams(), needs=read, seconds=1),
    ]


def _graph(profile: Profile, seed: int) -> list[Stage]:
    deals, read = min(5, profile.resplits), ("thesis.pages",)
    params = graphs.GraphsParams(seed, deals=deals)
    return [
        Stage("graph.anatomy", graphs.anatomy, params, needs=read, seconds=12),
        Stage("graph.newcomers", graphs.newcomers, params, needs=read, seconds=4),
        Stage("graph.layout", graphs.drawn, params, needs=read, seconds=5),
    ]


def _gnn(profile: Profile, seed: int) -> list[Stage]:
    people, read = "thesis.pages", ("thesis.pages", "augmentation.pools")
    split = clinic.ClinicParams(seed, splits=profile.resplits)
    dealt = published.PublishedParams(seed, repeats=max(2, profile.resplits // 2))
    whole = partial(again.AgainParams, _pages(profile, seed), split, dealt)
    files = tuple(sorted((places().ledger / "recorded" / "gnn").glob("*.*")))
    most = verdicts.TopParams(seed, profile.ceilings)
    return [
        Stage(
            "gnn.published",
            again.published_again,
            whole("published"),
            needs=read,
            inputs=files,
            seconds=10,
        ),
        Stage("gnn.homophily", verdicts.why, verdicts.WhyParams(seed), needs=(people,), seconds=25),
        Stage("gnn.drawn", verdicts.drawn, verdicts.DrawnParams(seed), seconds=1),
        Stage("gnn.top", verdicts.top, most, seconds=8),
        *(
            Stage(
                f"gnn.{view}",
                again.clinic_again,
                whole(view),
                needs=(people,),
                inputs=files,
                seconds=seconds,
            )
            for view, seconds in (("page", 5), ("clinical", 3), ("both", 20))
        ),
    ]


def _patient(profile: Profile, seed: int) -> list[Stage]:
    people, read = _pages(profile, seed), ("patient.model", "thesis.pages")
    dealt, record = patient.PatientParams(seed), places().ledger / "recorded" / "patient"
    files = tuple(sorted(record.glob("*.*")))
    asked = newcomers.FreshParams(dealt, people, again=min(100, profile.pages // 4))
    parts = explain.DeletionParams(seed, people=min(100, profile.pages // 10))
    one = explain.WorkedParams(people)
    return [
        Stage("patient.model", patient.learned, dealt, needs=("thesis.pages",), seconds=3),
        Stage("patient.deletion", explain.deletion, parts, needs=read, seconds=14),
        Stage("patient.worked", explain.worked, one, needs=read, seconds=6),
        Stage("patient.fresh", fresh.fresh, asked, needs=read, inputs=files, seconds=18),
        Stage("patient.shipped", fresh.shipped, dealt, needs=("patient.model", "patient.fresh")),
    ]


@cache
def workshop(profile: str, seed: int, places: Places) -> Workshop:
    """Return the stages of a profile and seed over the store of a build."""
    stages = catalogue(profile_named(profile), seed)
    return Workshop({stage.name: stage for stage in stages}, places)
