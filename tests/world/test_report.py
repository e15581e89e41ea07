"""The reader: errs as often as declared, knows when it is in doubt, and writes like PTB-XL."""

import ast
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm

from hfgnn.data.ptbxl import group_of
from hfgnn.seeding import rng
from hfgnn.world.latent import LBBB, Heart, hearts
from hfgnn.world.population import HOSPITAL
from hfgnn.world.report import (
    CODES,
    HARMLESS,
    LIKELIHOODS,
    STATEMENTS,
    as_dicts,
    codes,
    sentences,
    stated,
)

BY_CODE = {statement.code: statement for statement in STATEMENTS}


def mixed(shares: dict[str, float]) -> Heart:
    """Twenty thousand people whose groups have these shares."""
    pool, stream = hearts(300_000, rng(1, "report")), rng(2, "report")
    group = pool.group
    rows = [
        stream.choice(np.flatnonzero(group == name), round(20_000 * share))
        for name, share in shares.items()
    ]
    return pool.take(np.concatenate(rows))


@pytest.fixture(scope="module")
def heart() -> Heart:
    return mixed(HOSPITAL)


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
    every = 1 - 0.001 / len(BY_CODE)  # one false alarm of this test in a thousand, over all codes
    low, high = binomtest(int(alarms.sum()), len(alarms)).proportion_ci(every)
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
    abnormal = read[[code for code in BY_CODE if code not in HARMLESS]].notna().any(axis=1)
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
def test_the_shares_are_those_of_real_readers(real_data):
    """In people with the groups of the real records, by exact binomial intervals of the latter."""
    real = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv")["scp_codes"]
    codes_of = [ast.literal_eval(text) for text in real]
    shares = Counter(group_of(each) for each in codes_of)
    read = codes(mixed({group: n / len(real) for group, n in shares.items()}), rng(5, "report"))
    counts = Counter(code for each in codes_of for code in each)
    one_word = {"ASMI": ("ASMI", "AMI", "ALMI"), "IMI": ("IMI", "ILMI")}
    for code in ("NORM", "IMI", "ASMI", "LVH", "CLBBB", "LAFB", "AFIB", "IRBBB", "NDT", "PVC"):
        several = one_word.get(code, (code,))
        n = (
            counts[code]
            if len(several) == 1
            else sum(any(c in e for c in several) for e in codes_of)
        )
        low, high = binomtest(n, len(real)).proportion_ci(0.99)
        assert low <= read[code].notna().mean() <= high, (code, n / len(real))
