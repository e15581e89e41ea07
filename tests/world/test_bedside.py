"""What is measured at the bedside, against published correlations and SciPy's probit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hfgnn.seeding import rng
from hfgnn.world.bedside import BEDSIDE, bedside, burden, log_bnp
from hfgnn.world.latent import Heart, hearts

N = 200_000
MIX = {  # groups of PTB-XL's diagnoses: whom a cardiology department records
    **{"NORM": 0.58, "LVH": 0.07, "IMI": 0.08, "AMI": 0.076, "CLBBB": 0.016, "CRBBB": 0.016},
    **{"LAFB": 0.058, "AFIB": 0.026, "other": 0.078},
}


@pytest.fixture(scope="module")
def patients() -> Heart:
    """Whom a hospital records: each group at its share."""
    people = hearts(N, rng(1, "community"))
    names, inverse, counts = np.unique(people.group, return_inverse=True, return_counts=True)
    weight = np.array([MIX[name] for name in names])[inverse] / counts[inverse]
    return people.take(rng(2, "mix").choice(N, 40_000, p=weight / weight.sum()))


@pytest.fixture(scope="module")
def measured(patients: Heart) -> pd.DataFrame:
    return bedside(patients, rng(3, "bedside"))


def inside(ours: float, published: float, n: int) -> bool:
    """Whether a correlation lies in the 95 % interval of one that was published for n people."""
    return bool(abs(np.arctanh(ours) - np.arctanh(published)) < 1.96 / np.sqrt(n - 3))


def test_each_value_is_one_that_a_chart_could_hold(patients: Heart, measured: pd.DataFrame) -> None:
    assert list(measured) == ["ef", "bnp", "nyha", "sbp", "age"]
    for name, (low, high) in {
        "ef": (0.05, 0.85),
        "bnp": (5, 5000),
        "nyha": (1, 4),
        "sbp": (70, 260),
        "age": (18, 94),
    }.items():
        assert measured[name].between(low, high).all()
    for name, decimals in {"ef": 3, "bnp": 1, "nyha": 0, "sbp": 0, "age": 0}.items():
        assert (measured[name] == measured[name].round(decimals)).all()
    assert ((patients.age - measured["age"]) >= 0).all()
    assert ((patients.age - measured["age"]) < 1).all()
    assert measured["nyha"].nunique() == 4


def test_the_same_stream_measures_the_same(patients: Heart) -> None:
    few = patients.take(np.arange(100))
    assert bedside(few, rng(5, "a")).equals(bedside(few, rng(5, "a")))
    assert not bedside(few, rng(5, "a")).equals(bedside(few, rng(5, "b")))


def test_only_the_pump_the_pressures_the_rhythm_and_the_person_are_heard(patients: Heart) -> None:
    few = patients.take(np.arange(1000))
    other = replace(patients.take(np.arange(1000, 2000)), sex=few.sex, age=few.age, ef=few.ef)
    other = replace(other, af=few.af, filling=few.filling, pressure=few.pressure)
    assert bedside(few, rng(6, "x")).equals(bedside(other, rng(6, "x")))
    for name in ("sex", "age", "ef", "af", "filling", "pressure"):
        changed = replace(few, **{name: np.roll(getattr(few, name), 1)})
        assert not bedside(few, rng(6, "x")).equals(bedside(changed, rng(6, "x"))), name


def test_two_readers_differ_as_two_experts_do(patients: Heart) -> None:
    """Akil 2024: the difference of two experts' biplane readings of 140 people has SD 7.0."""
    readings = [bedside(patients, rng(seed, "echo"))["ef"] for seed in (1, 2)]
    spread = 100 * np.std(readings[0] - readings[1])
    low, high = np.sqrt(139 / stats.chi2.ppf([0.975, 0.025], 139)) * 7.0
    assert low < spread < high
    assert np.corrcoef(readings[0], readings[1])[0, 1] > 0.7


def test_errors_are_those_of_the_law(patients: Heart, measured: pd.DataFrame) -> None:
    inner = measured["bnp"].between(5.1, 4999).to_numpy() & (log_bnp(patients) > 4)
    z = (np.log(measured["bnp"]) - log_bnp(patients))[inner] / BEDSIDE.bnp_sd
    assert stats.kstest(z, "norm").pvalue > 0.01
    z = measured["sbp"] + rng(9, "sub").uniform(-0.5, 0.5, len(measured)) - patients.pressure
    assert stats.kstest(z[patients.pressure > 110] / BEDSIDE.sbp_sd, "norm").pvalue > 0.01


def chances_of_classes(heart: Heart) -> np.ndarray:
    """Of the classes I to IV given the heart, [n, 4]: an ordered probit."""
    above = stats.norm.cdf(burden(heart)[:, None] - np.array(BEDSIDE.nyha_steps))
    ends = np.ones((len(heart), 1))
    return -np.diff(np.hstack([ends, above, 0 * ends]), axis=1)


def test_classes_have_the_chances_of_an_ordered_probit(patients: Heart, measured) -> None:
    chances = chances_of_classes(patients)
    for k in range(4):
        error = np.sqrt((chances[:, k] * (1 - chances[:, k])).sum())
        assert (measured["nyha"] == k + 1).sum() == pytest.approx(
            chances[:, k].sum(), abs=4 * error
        )


def test_bnp_tells_of_the_pump_as_much_as_is_asked_for(patients: Heart, measured) -> None:
    """Rank correlation with the true and with the measured ejection fraction: -.6 to -.4."""
    for ef in (patients.ef, measured["ef"]):
        assert -0.6 < stats.spearmanr(measured["bnp"], ef).statistic < -0.4


def test_bnp_tells_of_the_pump_in_heart_failure(patients: Heart, measured) -> None:
    """Kruger 2002: r = -.50 in 70 people with chronic heart failure; weak pumps with symptoms."""
    ill = (patients.ef < 0.45) & (measured["nyha"] >= 2)
    assert inside(np.corrcoef(np.log(measured["bnp"])[ill], measured["ef"][ill])[0, 1], -0.50, 70)
    assert inside(np.corrcoef(measured["bnp"][ill], measured["ef"][ill])[0, 1], -0.50, 70)


def test_bnp_tells_of_the_filling_pressure_in_heart_failure(patients: Heart, measured) -> None:
    """Iwanaga 2006: r2 = .296 with the end-diastolic pressure in 160 people with heart failure."""
    ill = ((patients.ef < 0.45) | (patients.filling > 15)) & (measured["nyha"] >= 2)
    ours = np.corrcoef(measured["bnp"][ill], patients.filling[ill])[0, 1]
    assert inside(ours, np.sqrt(0.296), 160)


def test_bnp_of_the_normal_rises_with_age_and_is_higher_in_women(patients: Heart, measured) -> None:
    """Redfield 2002: in both sexes, in every age."""
    some = (patients.group == "NORM") & (patients.ef > 0.5)
    ages = pd.cut(patients.age, [45, 55, 65, 75, 95])
    table = measured["bnp"][some].groupby([patients.sex[some], ages[some]], observed=True).median()
    table = table.unstack()
    assert (table.diff(axis=1).iloc[:, 1:] > 0).all().all()
    assert (table.loc[1] > table.loc[0]).all()
    assert 10 < table.loc[0].iloc[0] < 30


def test_bnp_rises_with_the_class(measured: pd.DataFrame) -> None:
    """Song 2005: more with every class."""
    groups = [group["bnp"].to_numpy() for _, group in measured.groupby("nyha")]
    for one, more in zip(groups, groups[1:], strict=False):
        assert stats.mannwhitneyu(one, more, alternative="less").pvalue < 1e-6
    assert 0.3 < stats.spearmanr(measured["bnp"], measured["nyha"]).statistic < 0.6


def test_most_people_with_good_hearts_feel_well(patients: Heart) -> None:
    chances = chances_of_classes(patients)
    good = (patients.group == "NORM") & (patients.ef > 0.55) & (patients.age < 65)
    assert chances[good, 0].mean() > 0.85
    assert chances[patients.ef < 0.35, 1:].sum(axis=1).mean() > 0.7
