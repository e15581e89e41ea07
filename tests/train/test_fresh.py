"""New people: plain formulas judge the record alike, and it is of today's people and model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from hfgnn.ledger.claims import read_claims
from hfgnn.train.fresh import FARTHEST, Fresh, fresh, judged, shipped
from hfgnn.train.newcomers import read, seen
from hfgnn.train.patient import chances
from tests.conftest import ROOT
from tests.train import test_newcomers as made
from tests.train import test_promises as plain
from tests.train.test_newcomers import BOOK, REMEDY, SMALL, small
from tests.train.test_promises import held, likeliest, mended, scores

pages, model = made.pages, made.model  # fixtures: a small model, of made-up pages
here = made.here  # and a copy of a record of forty people


@pytest.fixture(scope="module")
def written(pages, model, tmp_path_factory) -> Path:
    """Return a folder with that record, made in this process."""
    with pytest.MonkeyPatch.context() as patch:
        made.at_hand(patch)
        return made.made(tmp_path_factory.mktemp("recorded"), patch, model, pages)


def test_a_record_may_be_as_far_off_as_the_ledger_allows():
    allowed = read_claims(ROOT / "book" / "ledger" / "claims.yml")["patient.fresh.apart"].tolerance
    assert allowed == {"abs": FARTHEST}


# Scored by other formulas


def test_the_books_record_is_scored_as_plain_formulas_score_it(model):
    record = read(BOOK)
    assert record is not None
    found = judged(replace(BOOK, redrawn=2), model, *record, again=0, apart=None)
    sick, raw = record[0]["sick"].to_numpy(bool), record[0]["chance"].to_numpy(float)
    truth, said = sick[2_000:], raw[2_000:]
    own = model.own["sick"].to_numpy(bool), model.own["chance"].to_numpy(float)
    given = {"own people": own, "fresh people": (sick[:2_000], raw[:2_000])}

    wanted = {"not at all": scores(truth, said)}
    wanted |= {name: scores(truth, mended(*pair, said)) for name, pair in given.items()}
    lines = found.calibration.set_index("calibrated")
    pd.testing.assert_frame_equal(
        lines, pd.DataFrame(wanted).T, rtol=1e-5, atol=1e-6, check_names=False
    )

    rows = found.coverage.set_index(["calibrated", "group"])
    for name, pair in given.items():
        sets = held(*pair, said)
        right = sets[np.arange(len(truth)), truth.astype(int)]
        for group, who in {"all": truth | True, "normal": ~truth, "sick": truth}.items():
            row, k, n = rows.loc[(name, group)], right[who].sum(), who.sum()
            assert row["n"] == n
            assert row["covered"] == pytest.approx(k / n)
            assert row["size"] == pytest.approx(sets[who].sum(axis=1).mean())
            assert row["both"] - row["none"] == pytest.approx(row["size"] - 1)
            ends = beta.ppf([0.025, 0.975], [k, k + 1], [n - k + 1, n - k])
            assert row[["low", "high"]].to_list() == pytest.approx(ends, abs=1e-9)

    curve, chance = found.reliability, mended(*given["fresh people"], said)
    assert curve["n"].to_list() == [1_000] * 10
    assert found.people["judged"].sum() == len(truth)
    assert curve["n"] @ curve["share"] == pytest.approx(truth.sum())
    assert curve["n"] @ curve["chance"] == pytest.approx(chance.sum(), rel=1e-6)


def of_asked(model, few: int = 300, redrawn: int = 60) -> tuple[Fresh, np.ndarray, np.ndarray]:
    """Return what is judged of made-up chances of 900 people, the first few of whom calibrate."""
    sick, raw = plain.asked()
    people = pd.DataFrame({"person": np.arange(len(sick)), "sick": sick, "chance": raw})
    params = replace(SMALL, calibrate=few, redrawn=redrawn)
    return judged(params, model, people, pd.DataFrame(), {}, again=0, apart=None), sick, raw


def test_luck_brackets_what_is_judged(model):
    found, _, _ = of_asked(model)
    assert len(found.luck) == 60
    assert found.luck["covered"].mean() == pytest.approx(0.9, abs=0.015)  # as promised
    kept = found.coverage.set_index(["calibrated", "group"])["covered"]
    slope = found.calibration.set_index("calibrated")["slope"]
    given = {"slope": slope["fresh people"], "covered": kept["fresh people", "all"]}
    for name, value in given.items():
        low, high = found.luck[name].quantile([0.025, 0.975])
        assert low <= value <= high
    low, high = found.luck["slope"].quantile([0.025, 0.975])
    assert not low <= slope["not at all"] <= high


def test_the_shipped_model_is_calibrated_on_those_who_are_not_judged(model):
    met, sick, raw = of_asked(model, redrawn=1)
    found = shipped(SMALL.patient, model, met)
    few_sick, few_raw = sick[:300], raw[:300]
    target = np.where(few_sick, (few_sick.sum() + 1) / (few_sick.sum() + 2), 0)
    target = np.where(few_sick, target, 1 / ((~few_sick).sum() + 2))
    assert found.line == pytest.approx(likeliest(target, few_raw), rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(found.calibrated(raw), mended(few_sick, few_raw, raw), atol=1e-6)
    np.testing.assert_array_equal(found.sets(raw), held(few_sick, few_raw, raw))
    inside = [np.where(few_sick, 1 - few_raw, few_raw)[few_sick == label] for label in (0, 1)]
    ranks = [int(np.ceil(0.9 * (len(strange) + 1) - 1e-9)) for strange in inside]
    wanted = [np.sort(strange)[k - 1] for strange, k in zip(inside, ranks, strict=True)]
    assert found.limits == pytest.approx(wanted)

    assert found.line != pytest.approx(model.line, abs=0.01)
    assert found.limits != pytest.approx(model.limits, abs=0.001)
    np.testing.assert_array_equal(chances(found, patients_raw()), chances(model, patients_raw()))
    pd.testing.assert_frame_equal(found.own, model.own)


def patients_raw() -> np.ndarray:
    """Return what is read of a few people whom the small model has not met."""
    return made.patients.raw_of(made.patients.people(30), "ecg")


# Read back, and asked again


def test_a_record_agrees_with_who_is_asked_again(here, model, pages):
    found = fresh(SMALL, model, pages)
    assert found.again == 6
    assert found.apart is not None
    assert found.apart < 1e-5
    assert found.how["of"] == SMALL.told
    assert list(np.flatnonzero(found.people["judged"])) == list(range(16, 40))
    told = pd.read_parquet(here / "people.parquet")
    pd.testing.assert_frame_equal(found.people.drop(columns="judged"), told)
    pd.testing.assert_frame_equal(found.shuffled, pd.read_parquet(here / "shuffled.parquet"))


def test_how_far_recorded_chances_are_from_todays_is_told(here, model, pages):
    told = pd.read_parquet(here / "people.parquet")
    told.loc[3, "chance"] += 0.03 if told["chance"][3] < 0.5 else -0.03
    told.to_parquet(here / "people.parquet", index=False)
    assert fresh(SMALL, model, pages).apart == pytest.approx(0.03, abs=1e-4)


def test_a_record_of_another_model_is_told_with_its_remedy(here, model, pages):
    other = replace(model, weights=model.weights | {"last.bias": np.float32([0.5, -0.5])})
    with pytest.raises(ValueError, match=r"people\.parquet .* of another model") as told:
        fresh(SMALL, other, pages)
    assert REMEDY in str(told.value)


def test_a_record_of_other_people_is_told_with_its_remedy(here, model, pages):
    table = pd.read_parquet(here / "people.parquet")
    table.loc[2, "sick"] ^= True
    table.to_parquet(here / "people.parquet", index=False)
    with pytest.raises(ValueError, match=r"people\.parquet is of other people") as told:
        fresh(SMALL, model, pages)
    assert REMEDY in str(told.value)


def test_without_a_record_the_sample_is_all_there_is(tmp_path, monkeypatch, model, pages):
    small(tmp_path, monkeypatch)
    params = replace(SMALL, again=30, calibrate=40, shuffles=3)
    found = fresh(params, model, pages)
    assert (found.how, found.apart, found.again) == ({}, None, 30)
    raw, sick = seen(SMALL.newcomers, 0, 30, SMALL.pages)
    np.testing.assert_array_equal(found.people["sick"], sick)
    np.testing.assert_allclose(found.people["chance"], chances(model, raw), atol=1e-6)
    assert found.people["judged"].sum() == 15  # a half
    assert list(found.shuffled["shuffle"]) == [0, 0, 1, 1, 0, 0]  # of three, two are enough
    assert list(found.shuffled["planted"]) == [0, 0, 0, 0, 0.5, 0.5]
    assert not list(tmp_path.iterdir())
