"""Other people's detectors, of neurokit2 and wfdb, find simulated beats as they find real ones."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, filtfilt, resample_poly

from hfgnn.cohort import FS, GROUPS
from hfgnn.seeding import rng
from hfgnn.world.ecg import draw, form
from hfgnn.world.latent import hearts

pytestmark = [pytest.mark.data, pytest.mark.slow]
II, MARGIN, NEAR = 1, 0.5, 0.075  # the lead; s left out at each end; s of a hit
WITHIN = 0.03  # three points: by what simulated records may score below real ones
ENOUGH = 15  # real records of a group, from which on their own sampling error is not allowed for
WANTED = {"NORM": 200, "other": 67, "AMI": 27, "IMI": 18, "LVH": 16, "LAFB": 13, "AFIB": 8}
WANTED |= {"CLBBB": 7, "CRBBB": 4}  # the real records' own numbers
# Of each group by itself: detectors fail in whole records, so that fewer would leave two points.
MANY = {"AMI": 400, "other": 400, "AFIB": 300, "CLBBB": 200}
MANY |= dict.fromkeys(("IMI", "LVH", "LAFB", "CRBBB"), 150)
COUNTS = ["found", "there", "right", "made"]
Finder = Callable[[np.ndarray, int], np.ndarray]


def neurokit(lead: np.ndarray, fs: int) -> np.ndarray:
    import neurokit2 as nk

    clean = nk.ecg_clean(lead, sampling_rate=fs)
    return np.asarray(nk.ecg_peaks(clean, sampling_rate=fs)[1]["ECG_R_Peaks"]) / fs


def xqrs(lead: np.ndarray, fs: int) -> np.ndarray:
    from wfdb import processing

    finder = processing.XQRS(sig=lead.astype(float), fs=fs)
    finder.detect(verbose=False)
    return np.asarray(finder.qrs_inds) / fs


def hits(found: np.ndarray, known: np.ndarray, seconds: float) -> tuple[int, int, int, int]:
    """Beats found, beats there, detections right, detections made: in the inner seconds."""

    def right(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
        inner = a[(a > MARGIN) & (a < seconds - MARGIN)]
        return int((np.abs(inner[:, None] - b).min(axis=1, initial=9) <= NEAR).sum()), len(inner)

    return *right(known, found), *right(found, known)


def counts(ecg, times, groups, finder: Finder) -> pd.DataFrame:
    """The hits of each record and its group."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [
            hits(np.atleast_1d(finder(lead, FS)), known, len(lead) / FS)
            for lead, known in zip(ecg, times, strict=True)
        ]
    return pd.DataFrame(rows, columns=COUNTS).assign(group=np.asarray(groups))


def scores(sums: np.ndarray) -> np.ndarray:
    """Sensitivity and precision, [..., 2], of sums of COUNTS, [..., 4]."""
    found, there, right, made = np.moveaxis(np.asarray(sums, float), -1, 0)
    return np.stack([found / there, right / np.maximum(made, 1)], axis=-1)


def noise(recorded: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """The standard errors of the scores of a group's few real records.

    Records are drawn again, since detectors fail in whole records. Where all but all went well this
    says that records never fail, so the error is at least that of as many beats, each by itself, if
    the true scores were WITHIN above the simulated ones: against that the few are to speak.
    """
    again = rng(31, "again").integers(0, len(recorded), (2_000, len(recorded)))
    p = np.minimum(scores(simulated.sum(axis=0)) + WITHIN, 1)
    least = np.sqrt(p * (1 - p) / np.maximum(recorded.sum(axis=0)[[1, 3]], 1))
    return np.maximum(scores(recorded[again].sum(axis=1)).std(axis=0), least)


def allowed(recorded: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """By how much the scores of simulated records may lie below those of a group's real ones."""
    if len(recorded) >= ENOUGH:
        return np.full(2, WITHIN)
    return WITHIN + 2 * noise(recorded, simulated)


def drawn(wanted: dict[str, int], *, pool: int, name: str = ""):
    """Simulated records, wanted of each group, with their beats and groups."""
    everyone = hearts(pool, rng(31, "hearts"))
    chosen = [np.flatnonzero(everyone.group == group)[:n] for group, n in wanted.items()]
    heart = everyone.take(np.concatenate(chosen))
    people = form(heart, rng(31, f"{name}form"))
    times = [t[np.isfinite(t)] for t in people.beats.times]
    return draw(people, rng(31, f"{name}signal"))[:, II], times, heart.group


@pytest.fixture(scope="module")
def real(real_data, measuring_tool):
    """Real records with the beats that the measuring program sees in all leads together.

    At the rate of the simulated ones: at 500 Hz wfdb's detector sees not one beat of eight of these
    records, at 250 Hz it sees beats of each.
    """
    import ast

    import wfdb

    rows = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv")
    rows = rows.drop_duplicates("patient_id")
    groups = [measuring_tool.group_of(ast.literal_eval(codes)) for codes in rows["scp_codes"]]
    ecg, times = [], []
    for file in rows["filename_hr"]:
        signal = wfdb.rdsamp(str(real_data / "ptb-xl-400" / file))[0]
        smooth = filtfilt(*butter(2, [0.5 / 250, 40 / 250], "band"), signal, axis=0)
        ecg.append(resample_poly(signal[:, II], 1, 2))
        times.append(measuring_tool.beats(smooth) / 500)
    return ecg, times, groups


@pytest.fixture(scope="module")
def records(real) -> dict[str, tuple]:
    return {
        "real": real,
        "simulated": drawn(WANTED, pool=40_000),
        "many": drawn(MANY, pool=100_000, name="many "),
    }


@pytest.fixture(scope="module", params=[neurokit, xqrs], ids=["neurokit2", "wfdb"])
def read(request, records) -> dict[str, pd.DataFrame]:
    """What a detector finds in each record."""
    return {name: counts(*those, request.param) for name, those in records.items()}


def of(table: pd.DataFrame, *groups: str) -> np.ndarray:
    """The counts of these groups' records, [n, 4]."""
    return table.loc[table["group"].isin(groups), COUNTS].to_numpy()


def test_detectors_find_beats_as_well_as_in_real_records(read):
    """Of 200 people: the precision of wfdb's is known to a point; in 10,500 it was .991."""
    norm, others = (
        {name: scores(of(read[name], *groups).sum(axis=0)) for name in ("real", "simulated")}
        for groups in (["NORM"], MANY)
    )
    assert norm["simulated"].min() >= 0.99, norm
    assert norm["real"].min() >= 0.99, norm  # else the comparison would say nothing
    assert (others["real"] - others["simulated"]).max() <= WITHIN, others


@pytest.mark.parametrize("group", MANY)
def test_detectors_find_beats_as_well_as_in_the_real_records_of_a_group(read, group):
    """Not worse by more than three points; simulated beats may be easier to find than real ones.

    Of a group with fewer than ENOUGH real records twice their standard error is allowed beyond:
    one of seven records in which a detector fails is fourteen points.
    """
    recorded, simulated = of(read["real"], group), of(read["many"], group)
    assert len(simulated) == MANY[group]
    gap = scores(recorded.sum(axis=0)) - scores(simulated.sum(axis=0))
    assert (gap <= allowed(recorded, simulated)).all(), (gap, allowed(recorded, simulated))


def test_the_score_itself_counts_misses_and_false_alarms():
    known = np.arange(0.7, 10, 0.8)
    assert hits(known + 0.02, known, 10) == (11, 11, 11, 11)
    assert hits(known[::2], known, 10)[:2] == (6, 11)
    assert hits(np.sort(np.r_[known, known + 0.3]), known, 10)[2:] == (11, 22)
    assert hits(np.empty(0), known, 10) == (0, 11, 0, 0)


def test_every_group_is_looked_at():
    assert {"NORM", *MANY} == set(GROUPS)


def test_only_small_groups_are_allowed_more_and_never_nothing():
    perfect, poor = np.full((7, 4), 10), np.array([[9, 10, 9, 10]] * 300)
    by_beats = 2 * np.sqrt(0.93 * 0.07 / 70)
    assert allowed(perfect, poor) == pytest.approx(0.03 + by_beats)
    assert (allowed(perfect, poor) < 0.1).all()  # so these are told apart
    assert allowed(np.full((ENOUGH, 4), 10), poor) == pytest.approx(0.03)
    one_fails = np.array([[10, 10, 10, 10]] * 6 + [[0, 10, 0, 10]])
    assert (noise(one_fails, perfect) > 0.1).all()
