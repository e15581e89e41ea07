"""The reader: errs as often as declared, knows when it is in doubt, and writes like PTB-XL."""

import ast
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm

from hfgnn.seeding import rng
from hfgnn.world.latent import LBBB, Heart, hearts
from hfgnn.world.population import HOSPITAL
from hfgnn.world.report import CODES, LIKELIHOODS, STATEMENTS, as_dicts, codes, sentences, stated

BY_CODE = {statement.code: statement for statement in STATEMENTS}


@pytest.fixture(scope="module")
def heart() -> Heart:
    """The hospital's mix, twenty thousand people."""
    pool, stream = hearts(300_000, rng(1, "report")), rng(2, "report")
    group = pool.group
    rows = [
        stream.choice(np.flatnonzero(group == name), round(20_000 * share))
        for name, share in HOSPITAL.items()
    ]
    return pool.take(np.concatenate(rows))


@pytest.fixture(scope="module")
def read(heart: Heart) -> pd.DataFrame:
    return codes(heart, rng(3, "report"))


@pytest.mark.parametrize("code", BY_CODE)
def test_misses_and_false_alarms_are_as_often_as_declared(heart, read, code):
    """Oracle: scipy's normal law at the declared levels, by exact binomial intervals."""
    statement = BY_CODE[code]
    sign = np.full(len(heart), np.nan) if statement.sign is None else statement.sign(heart)
    clear = heart.conduction != LBBB  # which hides some signs
    without = np.isnan(sign) & clear
    alarms = read.loc[without, code].notna()
    low, high = binomtest(int(alarms.sum()), len(alarms)).proportion_ci(0.999)
    assert low <= norm.cdf(statement.absent) <= high
    there = ~np.isnan(sign) & clear
    if there.any():
        chances = norm.cdf(statement.present + statement.slope * sign[there])
        found = read.loc[there, code].notna().sum()
        spread = np.sqrt((chances * (1 - chances)).sum())
        assert abs(found - chances.sum()) < 3.5 * spread


def test_the_stated_chances_are_those_of_the_reading(heart, read):
    expected = stated(heart)
    for code in BY_CODE:
        gap = read[code].notna().mean() - expected[code].mean()
        assert abs(gap) < 4 * np.sqrt(expected[code].mean() / len(heart))


def test_what_is_surer_is_more_often_right(heart, read):
    for code in ("IMI", "ASMI", "LAFB", "LVH"):
        sign = ~np.isnan(BY_CODE[code].sign(heart))
        right = [sign[read[code] == grade].mean() for grade in LIKELIHOODS]
        assert right[0] + 0.15 < right[-1]
        assert np.corrcoef(LIKELIHOODS, right)[0, 1] > 0.7


def test_small_scars_are_missed_more_often(heart, read):
    for code, territory in (("IMI", 1), ("ASMI", 2)):
        there = heart.infarct == territory
        size = heart.infarct_size[there]
        found = read.loc[there, code].notna().to_numpy()
        halves = size < np.median(size)
        assert found[halves].mean() + 0.05 < found[~halves].mean()


def test_a_normal_ecg_is_one_of_which_nothing_else_is_said(read):
    abnormal = read[list(BY_CODE)].notna().any(axis=1)
    assert (read["NORM"].notna() == ~abnormal).all()
    assert set(read["NORM"].dropna()) == {80.0, 100.0}
    rhythms = read[["SR", "SBRAD", "STACH", "AFIB"]].notna().sum(axis=1)
    assert (rhythms == 1).all()


def test_dictionaries_hold_what_the_table_holds(read):
    some = read.iloc[::997]
    for row, made in zip(as_dicts(some), some.to_dict("records"), strict=True):
        assert row == {code: value for code, value in made.items() if value == value}
        assert set(row) <= set(CODES)
        assert ast.literal_eval(str(row)) == row  # as PTB-XL stores it


def test_a_sentence_says_each_statement_once_and_no_other(read):
    some = read.iloc[::53]
    texts = sentences(some, rng(4, "report"))
    for text, row in zip(texts, as_dicts(some), strict=True):
        assert text.count(".") == len(row)
        for code, statement in BY_CODE.items():
            said = any(words.lower() in text.lower() for words in statement.words)
            if code in row:
                assert said, (text, code)
    doubtful = some[(some["IMI"] == 15)]
    for text in sentences(doubtful, rng(4, "report")):
        assert "nferior infarct cannot be ruled out" in text


def test_reports_of_one_ecg_differ_in_words(read):
    row = read[read["NORM"].notna()].iloc[[0]]
    texts = {sentences(row, rng(seed, "words"))[0] for seed in range(20)}
    assert len(texts) == 2


@pytest.mark.data
def test_the_shares_are_like_those_of_real_readers(real_data, read):
    """Within a factor of 2.2, and 3 percentage points: the group shares are those of PTB-XL."""
    real = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv")["scp_codes"]
    counts = Counter(code for text in real for code in ast.literal_eval(text))
    counts["ASMI"] += counts["AMI"] + counts["ALMI"]  # the reader here has one word for them
    for code in ("NORM", "IMI", "ASMI", "LVH", "CLBBB", "LAFB", "AFIB", "IRBBB", "SR"):
        share, ours = counts[code] / len(real), read[code].notna().mean()
        assert abs(ours - share) < 0.03 or 1 / 2.2 < ours / share < 2.2, (code, ours, share)
