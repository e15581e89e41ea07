"""Arms: each differs from another in what its name says; frozen ones are weighed, others learn."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch

from hfgnn.evaluate.survival import concordance
from hfgnn.features.biomarkers import CRITERIA
from hfgnn.models.dual_attention import CODED, PUBLISHED, SMALL, SOUND, Encoder, Sizes
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import PAPER, PROFILES
from hfgnn.pipeline.stages import SEED, catalogue
from hfgnn.seeding import rng
from hfgnn.train import arms as room
from hfgnn.train.aligned import Aligned, AlignedParams, aligned
from hfgnn.train.arms import (
    APART,
    ARMS,
    Arm,
    ArmParams,
    ArmsParams,
    encoder,
    features,
    lesson,
    lesson_of,
    people_of,
    rivals,
    told,
)
from hfgnn.train.cox import COMPONENTS, clinical, cox_model
from hfgnn.train.followed import Followed, FollowedParams
from hfgnn.train.grid import SHOWN
from hfgnn.train.risk import RiskParams, learned
from hfgnn.train.small_study import TAUGHT
from hfgnn.train.steps import Pace, as_read, weights_of
from hfgnn.train.worth import NETWORKS
from tests.train import test_risk as risks

LITTLE = Sizes(samples=304, channels=(4, 4, 4, 4, 4), heads=2, features=32)
WIDER = replace(LITTLE, channels=(4, 8, 8, 8, 8), features=64)
FEW = ArmsParams(
    5,
    taught=100,
    people=200,
    newcomers=150,
    sizes=LITTLE,
    lesson=Pace(epochs=1, rate=2e-3, batch=32),
    course=Pace(epochs=1, rate=5e-3, batch=32),
)


def met(people: int, seed: int, *, strength: float = 1.5) -> Followed:
    """Draw people whose beats, signs and clinical values all tell of their hazard, the last best.

    Six of seven have no planted disease; the others have one each, and one in a hundred has two.
    """
    found, dice = risks.met(people, seed, strength=strength), rng(seed, "arms")
    eta = found.table["eta"].to_numpy()
    hidden = dice.normal(size=(people, len(CRITERIA))) + 0.5 * eta[:, None]
    blurred = eta[:, None] + 0.6 * dice.normal(size=(people, 5))
    table = found.table.assign(
        ef=0.6 - 0.05 * blurred[:, 0],
        bnp=np.exp(4 + 0.5 * blurred[:, 1]),
        nyha=np.clip(np.round(2 + blurred[:, 2]), 1, 4).astype(int),
        sbp=130 - 10 * blurred[:, 3],
        age=65 + 8 * blurred[:, 4],
        heart_conduction=dice.choice([0, 1, 2], size=people, p=[0.9, 0.07, 0.03]),
        heart_infarct=dice.choice([0, 1, 2, 3], size=people, p=[0.8, 0.1, 0.07, 0.03]),
    )
    signs = pd.DataFrame((hidden > 0.5).astype(float), columns=list(CRITERIA))
    return replace(found, table=table, signs=signs)


@pytest.fixture(scope="module")
def hospital() -> Followed:
    return met(100, 1)


@pytest.fixture(scope="module")
def study() -> Followed:
    return met(160, 2)


@pytest.fixture(scope="module")
def newcomers() -> Followed:
    return met(150, 3)


@pytest.fixture(scope="module")
def taught(hospital) -> Aligned:
    return lesson(ArmParams(FEW, "language model"), hospital)


# What arms are


def apart(one: Arm, other: Arm) -> dict[str, object]:
    """Return in which fields the first differs from the second, the faults one by one."""
    flat = ({**asdict(arm), **asdict(arm)["faults"]} for arm in (one, other))
    first, second = ({k: v for k, v in arm.items() if k != "faults"} for arm in flat)
    return {name: value for name, value in first.items() if second[name] != value}


REFERENCES = {
    "untrained": ("language model", {"text": ""}),
    "no text": ("language model", {"text": "none"}),
    "codes": ("language model", {"text": "codes"}),
    "shuffled": ("language model", {"text": "shuffled"}),
    "no counterexamples": ("language model", {"contrast": False}),
    "no time": ("language model", {"time": False}),
    "no lead": ("language model", {"lead": False}),
    "no attention": ("language model", {"time": False, "lead": False}),
    "tuned, from nothing": ("untrained", {"tuned": True}),
    "tuned, from nothing, no attention": ("tuned, from nothing", {"time": False, "lead": False}),
    "tuned, no text": ("no text", {"tuned": True}),
    "tuned, language model": ("language model", {"tuned": True}),
    "positions mended": ("as published", {"positions": False}),
    "moments mended": ("as published", {"moments": False}),
    "leads mended": ("as published", {"leads": False}),
    "target mended": ("as published", {"whole": True}),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_an_arm_differs_from_another_in_what_its_name_says(name):
    other, wanted = REFERENCES[name]
    assert apart(ARMS[name], ARMS[other]) == wanted


def test_the_arms_that_are_no_variants_are_the_sound_one_and_the_published_one():
    assert set(ARMS) - set(REFERENCES) == {"language model", "as published"}
    sound, published = ARMS["language model"], ARMS["as published"]
    assert (sound.text, sound.contrast, sound.tuned, sound.faults) == (
        "language model",
        True,
        False,
        SOUND,
    )
    assert published == Arm("language model", contrast=False, tuned=True, faults=CODED, whole=False)
    assert all((sound.time, sound.lead, published.time, published.lead))
    assert all(asdict(CODED).values())
    assert not any(asdict(SOUND).values())
    assert len(set(ARMS.values())) == len(ARMS)


@pytest.mark.parametrize("name", ARMS)
def test_both_trainings_of_an_arm_carry_its_switches(name):
    params, arm = ArmParams(FEW, name, study=3), ARMS[name]
    course = RiskParams(
        8,
        time=arm.time,
        lead=arm.lead,
        faults=arm.faults,
        whole=arm.whole,
        sizes=LITTLE,
        pace=FEW.course,
    )
    assert params.course == course
    if not arm.text:
        return
    first = AlignedParams(
        8,
        text=arm.text,
        contrast=arm.contrast,
        time=arm.time,
        lead=arm.lead,
        faults=arm.faults,
        sizes=LITTLE,
        pace=FEW.lesson,
    )
    assert params.lesson == lesson_of(params) == first


def test_an_arm_without_a_text_has_no_lesson():
    with pytest.raises(ValueError, match="text '' is not known; choose one of none"):
        _ = ArmParams(FEW, "untrained").lesson


def test_arms_whose_lessons_are_equal_can_share_one():
    """Whole trainings differ from frozen arms, and the target from the published, behind it."""
    for one, other in (
        ("tuned, language model", "language model"),
        ("tuned, no text", "no text"),
        ("target mended", "as published"),
    ):
        assert ArmParams(FEW, one).lesson == ArmParams(FEW, other).lesson
    names = [name for name, arm in ARMS.items() if arm.text]
    assert len({ArmParams(FEW, name).lesson for name in names}) == len(names) - 3


def test_an_arm_that_is_not_known_is_named():
    with pytest.raises(KeyError, match="no leads"):
        _ = ArmParams(FEW, "no leads").arm


# Who they meet


def test_every_study_has_its_own_people_and_all_are_asked_about_the_same():
    own = [FEW.hospital(n).population.seed for n in range(10)]
    assert own == [FEW.study(n).population.seed for n in range(10)] == list(range(5, 15))
    assert FEW.asked.seed == 5 + APART
    assert FEW.asked.seed not in own
    assert FEW.asked == FollowedParams(105, "book", 150)
    assert FEW.study(2) == FollowedParams(7, "book", 200)
    assert FEW.hospital(2) == FollowedParams(7, "hospital", 100, signs=False)


def test_the_people_of_a_repeat_are_drawn_as_told():
    few = replace(FEW, taught=6, people=9)
    first, second = people_of(few, 1)
    assert (len(first) + first.unread, len(second) + second.unread) == (6, 9)
    assert first.signs.shape[1] == 0
    assert list(second.signs) == list(CRITERIA)
    other = people_of(few, 2)[1]
    assert not np.array_equal(other.table["heart_age"], second.table["heart_age"])


@pytest.mark.parametrize("profile", PROFILES)
def test_stages_meet_the_people_that_their_arms_name(profile):
    stages = {stage.name: stage for stage in catalogue(PROFILES[profile], SEED)}
    names = ("dual.hospital", "dual.study", "dual.newcomers", "dual.arms")
    hospital, study, asked, arms = (now(stages[name].params) for name in names)
    of, sizes = arms.of, PROFILES[profile]
    assert (hospital, study, asked) == (of.hospital(0), of.study(0), of.asked)
    assert (of.taught, of.people, of.newcomers) == (sizes.taught, sizes.followed, sizes.newcomers)
    assert (of.lesson.epochs, of.course.epochs) == sizes.epochs[:2]
    assert of.sizes == {"smoke": risks.TINY, "book": SMALL, "paper": PUBLISHED}[profile]
    assert max(arms.studies, now(stages["dual.folds"].params).studies) <= APART
    assert now(stages["dual.small"].params) == now(stages["dual.folds"].params).study(0)
    made = stages["dual.arms"].needs[2:]
    assert stages["dual.worth"].needs[2:] == made
    both = now(stages["dual.mended"].params)
    assert (both.stays, both.tuned) == tuple(ArmParams(of, arm) for arm in SHOWN)
    assert now(stages[made[0]].params) == both.stays
    for name, start in zip(made, ("dual.lesson", "dual.placed"), strict=True):
        assert stages[name].needs == ("dual.study", "dual.newcomers", start)
        assert now(stages[start].params) == both
        assert stages[start].needs == ("dual.hospital",)
    small = now(stages[stages["dual.folds"].needs[1]].params)
    assert small.tuned.lesson == ArmParams(of, TAUGHT).lesson
    assert now(stages["dual.folds"].params).of == of
    assert now(stages["dual.maps"].params).of.of == ArmParams(of, "language model")
    assert now(stages["dual.real"].params).lesson == ArmParams(of, "language model").lesson


def test_who_is_held_against_the_record_is_who_is_looked_up():
    assert SHOWN == NETWORKS


def test_the_book_is_of_the_sizes_that_the_params_begin_with():
    stages = {stage.name: stage for stage in catalogue(PROFILES["book"], SEED)}
    assert now(stages["dual.arms"].params).of == ArmsParams(SEED)


# What arms say


def test_a_frozen_arm_is_coxs_model_of_what_its_encoder_makes(study, newcomers, taught):
    params = ArmParams(FEW, "language model")
    before = {name: part.copy() for name, part in taught.encoder.items()}
    found = told(params, study, newcomers, taught)
    for name, part in taught.encoder.items():
        np.testing.assert_array_equal(part, before[name])
    net = Encoder(LITTLE, faults=SOUND)
    net.load_state_dict({name: torch.tensor(part) for name, part in taught.encoder.items()})
    net.eval()
    with torch.no_grad():
        seen, new = (net(as_read(p.beats, LITTLE)).double().numpy() for p in (study, newcomers))
    centre, scale = seen.mean(axis=0), seen.std(axis=0)
    z = (seen - centre) / scale
    turned = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)[2][:COMPONENTS].T
    short = cox_model(z @ turned, study.table)
    np.testing.assert_allclose(found.own, short.of(z @ turned), atol=1e-3)
    np.testing.assert_allclose(
        found.risk, short.of((new - centre) / scale @ turned), atol=1e-3, rtol=1e-3
    )
    assert found.risk.shape == (150,)
    assert found.own.shape == (160,)
    assert found.curve.shape == (0, 0)
    assert found.epoch == 0


@pytest.mark.parametrize("name", ["untrained", "no time", "no lead", "no attention"])
def test_an_encoder_is_what_its_lesson_left_or_new(name, hospital):
    params = ArmParams(FEW, name)
    start = lesson(params, hospital) if params.arm.text else None
    net = encoder(params, start.encoder if start else None)
    assert not net.training
    assert (net.time is not None, net.lead is not None) == (params.arm.time, params.arm.lead)
    if start is None:
        return
    assert set(weights_of(net)) == set(start.encoder)
    for part, kept in zip(weights_of(net).values(), start.encoder.values(), strict=True):
        np.testing.assert_array_equal(part, kept)


def test_an_untrained_encoder_is_its_seeds_and_disturbs_no_other_dice():
    torch.manual_seed(9)
    after = torch.rand(3)
    torch.manual_seed(9)
    params = ArmParams(FEW, "untrained")
    one, same, other = (
        weights_of(encoder(p, None)) for p in (params, params, replace(params, study=1))
    )
    torch.testing.assert_close(torch.rand(3), after, atol=0, rtol=0)
    name = next(n for n in one if n.endswith("mean.weight"))
    for part, again in zip(one.values(), same.values(), strict=True):
        np.testing.assert_array_equal(part, again)
    assert not np.isclose(one[name], other[name]).any()


def test_features_are_the_same_in_parts_as_at_once(newcomers, taught, monkeypatch):
    net = encoder(ArmParams(FEW, "language model"), taught.encoder)
    whole = features(net, newcomers, LITTLE)
    assert whole.shape == (150, 32)
    monkeypatch.setattr(room, "AT_ONCE", 7)
    np.testing.assert_allclose(features(net, newcomers, LITTLE), whole, atol=1e-5)


@pytest.mark.parametrize("name", ["tuned, from nothing", "tuned, language model"])
def test_a_tuned_arm_is_the_network_that_learned(name, study, newcomers, taught):
    params = ArmParams(FEW, name)
    start = taught if params.arm.text else None
    found = told(params, study, newcomers, start)
    net = learned(params.course, study, start)
    np.testing.assert_array_equal(found.risk, net.of(newcomers))
    np.testing.assert_array_equal(found.own, net.of(study))
    pd.testing.assert_frame_equal(found.curve, net.curve)
    assert found.epoch == net.epoch == 1


@pytest.mark.parametrize("name", ["language model", "as published"])
def test_the_same_seed_says_the_same_and_another_study_another_thing(name, study, newcomers):
    def said(**changed: int) -> np.ndarray:
        params = ArmParams(FEW, name, **changed)
        start = lesson(params, met(60, 1 + params.study))
        return told(params, few, newcomers, start).risk

    few = study.take(np.arange(80))
    one = said()
    np.testing.assert_array_equal(one, said())
    assert not np.allclose(one, said(study=1), atol=1e-3)


@pytest.mark.parametrize("name", ["untrained", "language model"])
def test_a_planted_risk_is_found_by_what_is_left_as_it_is(name):
    """Of six seeds the worst reached 0.75, where the truth reaches 0.84."""
    of = replace(FEW, sizes=WIDER, lesson=Pace(epochs=4, rate=5e-3, batch=32))
    params, people, new = ArmParams(of, name), met(240, 150), met(240, 250)
    start = lesson(params, met(130, 350)) if params.arm.text else None
    found = told(params, people, new, start)
    reached = concordance(new.table["time"], new.table["event"], found.risk)
    assert 0.65 < reached <= concordance(new.table["time"], new.table["event"], new.table["eta"])
    silent = met(240, 250, strength=0.0)
    blind = told(params, people, silent, start).risk
    assert concordance(silent.table["time"], silent.table["event"], blind) == pytest.approx(
        0.5, abs=0.1
    )


# Whom they are to beat


def test_rivals_learn_from_the_study_and_the_hidden_heart_has_nothing_to_learn(study, newcomers):
    found = rivals(study, newcomers)
    assert list(found) == ["hidden heart", "clinical values", "fifteen signs"]
    np.testing.assert_array_equal(found["hidden heart"][0], newcomers.table["eta"])
    np.testing.assert_array_equal(found["hidden heart"][1], study.table["eta"])
    for name, view in (
        ("clinical values", lambda people: clinical(people.table)),
        ("fifteen signs", lambda people: people.signs.to_numpy()),
    ):
        model = cox_model(view(study), study.table)
        np.testing.assert_array_equal(found[name][0], model.of(view(newcomers)))
        np.testing.assert_array_equal(found[name][1], model.of(view(study)))
    time, event = newcomers.table["time"], newcomers.table["event"]
    c = {name: concordance(time, event, risk) for name, (risk, _) in found.items()}
    assert 0.6 < c["fifteen signs"] < c["clinical values"] < c["hidden heart"]


def test_rivals_do_not_see_what_becomes_of_the_newcomers(study, newcomers):
    known = {
        "time": newcomers.table["time"].to_numpy()[::-1],
        "event": ~newcomers.table["event"],
    }
    other = rivals(study, replace(newcomers, table=newcomers.table.assign(**known)))
    for name, (risk, _) in rivals(study, newcomers).items():
        np.testing.assert_array_equal(other[name][0], risk)


# The largest profile


def test_one_step_of_each_training_at_the_published_size():
    """There are two, of which the last is at a rate of nought, as the last of any training is."""
    stages = {stage.name: stage for stage in catalogue(PAPER, SEED)}
    whole = ArmParams(now(stages["dual.arms"].params).of, "as published")
    assert whole.of.sizes == PUBLISHED
    paces = {f: replace(getattr(whole.of, f), epochs=2) for f in ("lesson", "course")}
    assert {pace.batch for pace in paces.values()} == {128}
    assert [pace.at(0.5) > 0 == pace.at(1) for pace in paces.values()] == [True, True]
    params = replace(whole, of=replace(whole.of, **paces))
    people = met(60, 4)
    start = lesson(params, people)
    assert np.isfinite(start.curve.to_numpy()).all()
    assert len(start.curve) == 2
    still = aligned(replace(params.lesson, pace=Pace(epochs=1, rate=0.0)), people)
    assert sum(part.size for part in start.text.values()) == 384 * 256 + 512 * 256 + 2 * (
        256 + 256 * 128 + 128
    )
    assert moved(start.encoder, still.encoder)
    assert moved(start.decoder, still.decoder)
    assert moved(start.text, still.text)
    risk = learned(params.course, people, start)
    assert np.isfinite(risk.curve.to_numpy()).all()
    assert len(risk.curve) == 2
    assert moved(weights_of(risk.net["encoder"]), start.encoder)
    assert np.isfinite(risk.of(people)).all()
    assert np.ptp(risk.of(people)) > 0


def moved(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Return whether every matrix of weights has moved."""
    names = [name for name, part in one.items() if name.endswith("weight") and part.ndim > 1]
    return bool(names) and all((one[name] != other[name]).any() for name in names)
