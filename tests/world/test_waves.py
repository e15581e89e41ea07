"""Beats: drawn as a dense formula says, sampled as the table says, and moved as the heart says."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from scipy import stats

from hfgnn.cohort import GROUPS
from hfgnn.world.drives import MASS, SCAR, STRESS, Drives, drives
from hfgnn.world.kernels import LEADS, WAVES, Waves, beats
from hfgnn.world.latent import ANTERIOR, INFERIOR, LATERAL, Heart, hearts
from hfgnn.world.learned import LEVELS, TABLE, Statistics, shipped
from hfgnn.world.lesions import DOWER
from hfgnn.world.shapes import TIMES, Space, decode, encode
from hfgnn.world.waves import sample, waves

AT = {lead: number for number, lead in enumerate(LEADS)}


@dataclass(frozen=True)
class Rhythm:
    times: np.ndarray
    rr_before: np.ndarray
    kind: np.ndarray
    p_wave: np.ndarray


def regular(n: int, rr: float = 0.8, seconds: float = 2.0) -> Rhythm:
    times = np.tile(np.arange(0.4, seconds, rr), (n, 1))
    return Rhythm(times, np.full_like(times, rr), np.zeros(times.shape, int), np.ones(n, bool))


@pytest.fixture(scope="module")
def community() -> Heart:
    return hearts(60_000, np.random.default_rng(1))


def some(heart: Heart, group: str, n: int = 400) -> Heart:
    return heart.take(np.flatnonzero(heart.group == group)[:n])


def densely(w: Waves, r: Rhythm, fs: float, seconds: float, *, person: int) -> np.ndarray:
    """Sum every kernel of every beat over every sample, as the equation is written."""
    t = np.arange(round(fs * seconds)) / fs
    out = np.zeros((8, len(t)))
    for time, before, kind in zip(
        r.times[person], r.rr_before[person], r.kind[person], strict=True
    ):
        if not np.isfinite(time):
            continue
        late = (before / w.rr[person]) ** 0.15
        scale = 1.7 if kind == 1 else w.qrs_scale[person]
        top = w.t_peak[person] * late + 0.058 * (scale - w.qrs_scale[person])
        p, pr = w.p_scale[person], w.pr[person]
        stretch = w.t_scale[person] * late
        centres = [-pr + p * c for c in (-0.05, -0.025, 0, 0.025, 0.05)]
        centres += [(-pr + 0.06 * p - 0.058 * scale) / 2]
        centres += [scale * (-0.054 + 0.009 * k) for k in range(13)]
        centres += [top + stretch * c for c in (-0.165, -0.12, -0.075, -0.03, 0.015, 0.06)]
        widths = [0.015 * p] * 5 + [0.022] + [0.0068 * scale] * 13
        widths += [stretch * s for s in (0.03, 0.03, 0.03, 0.028, 0.026, 0.026)]
        first = w.ectopic_p if kind == 2 else w.p
        first = first * (r.p_wave[person] and kind != 1)
        rest = (w.ectopic_qrs, w.ectopic_t) if kind == 1 else (w.qrs, w.t)
        matrix = np.concatenate([first[person], *(a[person] for a in rest)], axis=1)
        for k in range(25):
            out += np.outer(matrix[:, k], np.exp(-(((t - time - centres[k]) / widths[k]) ** 2) / 2))
    return out


def test_beats_are_the_sum_of_kernels_in_full(community: Heart) -> None:
    w = waves(community.take(np.arange(4)), np.random.default_rng(0))
    times = np.array([[-0.5, 0.31, 1.2, 1.75, 2.9], [0.02, 0.9, 1.513, 2.4, np.nan]] * 2)
    before = np.diff(times, axis=1, prepend=times[:, :1] - 0.8)
    kind = np.array([[0, 0, 1, 0, 0], [0, 2, 0, 0, 0], [0, 0, 0, 0, 1], [2, 1, 0, 0, 0]])
    r = Rhythm(times, before, kind, np.array([True, True, False, True]))
    drawn = beats(w, r, 250, 2.5)
    assert drawn.shape == (4, 8, 625)
    assert drawn.dtype == np.float32
    for person in range(4):
        np.testing.assert_allclose(drawn[person], densely(w, r, 250, 2.5, person=person), atol=1e-4)
    assert np.abs(drawn).max() > 0.3


def test_a_beat_moved_by_whole_samples_is_the_same_beat(community: Heart) -> None:
    w, r = waves(community.take(np.arange(20)), np.random.default_rng(0)), regular(20)
    moved = replace(r, times=r.times + 5 / 250)
    here, there = beats(w, r, 250, 3.0), beats(w, moved, 250, 3.0)
    np.testing.assert_allclose(there[:, :, 5:], here[:, :, :-5], atol=1e-5)


def test_beats_without_p_waves_have_none(community: Heart) -> None:
    w, r = waves(some(community, "NORM", 20), np.random.default_rng(0)), regular(20)
    silent = replace(w, qrs=0 * w.qrs, t=0 * w.t)
    assert np.abs(beats(silent, r, 250, 2.0)).max() > 0.05
    assert not beats(silent, replace(r, p_wave=np.zeros(20, bool)), 250, 2.0).any()


def test_every_wave_is_what_three_dipoles_draw(community: Heart) -> None:
    everyone = np.concatenate([np.flatnonzero(community.group == g)[:20] for g in GROUPS])
    w = waves(community.take(everyone), np.random.default_rng(0))
    for wave in WAVES:
        matrix = getattr(w, wave).astype(float)
        size = np.abs(matrix).max(axis=(1, 2))
        rank = np.linalg.matrix_rank(matrix[size > 0], tol=1e-4 * size[size > 0])
        assert rank.max() == 3


def test_the_ectopics_are_what_a_dipole_draws(community: Heart) -> None:
    w = waves(community.take(np.arange(50)), np.random.default_rng(0))
    inverse = np.linalg.pinv(DOWER)
    for matrix in (w.ectopic_p, w.ectopic_qrs, w.ectopic_t):
        np.testing.assert_allclose(DOWER @ (inverse @ matrix), matrix, atol=1e-5)
    turned = (w.ectopic_qrs.sum(axis=2) * w.ectopic_t.sum(axis=2)).sum(axis=1)
    assert (turned < 0).mean() > 0.95  # T goes against QRS


def test_the_way_to_coordinates_leads_back() -> None:
    rng = np.random.default_rng(0)
    spaces = {}
    for wave, kernels in (("p", 6), ("qrs", 13), ("t", 6)):
        axes = np.linalg.qr(rng.standard_normal((8 * kernels, 8 * kernels)))[0]
        mix = np.tril(rng.uniform(0.5, 1.5, (kernels, kernels)))
        spaces[wave] = Space(rng.uniform(0.5, 2, 8), mix, rng.standard_normal(8 * kernels), axes)
    times, rr = rng.uniform(0.1, 2, (20, 5)), rng.uniform(0.5, 1.5, 20)
    whole = rng.standard_normal((20, 8, 25))
    back, parts = decode(encode(times, whole, rr, spaces=spaces), rr, spaces=spaces)
    np.testing.assert_allclose(back, times)
    np.testing.assert_allclose(np.concatenate(list(parts.values()), axis=2), whole, atol=1e-6)


def test_three_dipoles_are_the_nearest_in_the_weighted_space() -> None:
    space, rng = shipped().spaces["qrs"], np.random.default_rng(0)
    matrix = rng.standard_normal((5, 8, 13))
    u, size, v = np.linalg.svd(np.diag(space.leads) @ matrix @ space.mix)
    wanted = np.einsum("nij,nj,njk->nik", u[:, :, :3], size[:, :3], v[:, :3])
    found = np.diag(space.leads) @ space.dipoles(matrix) @ space.mix
    np.testing.assert_allclose(found, wanted, atol=1e-8)


def plain(n: int, rng: np.random.Generator) -> Drives:
    """Return the drives of n normal people."""
    none, zero = np.zeros(n, bool), np.zeros(n)
    numbers = {field.name: zero for field in fields(Drives)}
    numbers |= {"voltage": rng.standard_normal(n), "repolarisation": rng.standard_normal(n)}
    numbers |= dict.fromkeys(("ivcd", "acute", "low_voltage"), none)
    numbers |= {"covariates": np.zeros((n, 3)), "second": np.zeros((n, len(GROUPS)))}
    numbers |= {"group": np.full(n, "NORM"), "rr": np.ones(n), "atrial": ~none}
    return Drives(**(numbers | {"territory": np.zeros(n, np.int8)}))


def planted(law: stats.rv_continuous, correlation: np.ndarray) -> Statistics:
    """Return the shipped statistics with a known law for the times of normal people."""
    s = shipped()
    p = s.slope.shape[1]
    quantiles, factors = s.quantiles.copy(), s.factors.copy()
    quantiles[0, :, :5] = law.ppf(stats.norm.cdf(LEVELS))[:, None]
    factors[0] = np.eye(p)
    factors[0, :5, :5] = np.linalg.cholesky(correlation)
    return replace(s, quantiles=quantiles, factors=factors, slope=0 * s.slope)


def test_times_follow_the_quantiles_and_correlations_of_the_table() -> None:
    law = stats.gumbel_r(-1.5, 0.1)
    wanted = 0.6 * np.eye(5) + 0.4
    w = sample(
        plain(8000, np.random.default_rng(1)),
        np.random.default_rng(2),
        learned=planted(law, wanted),
    )
    found = np.log(np.stack([getattr(w, name) for name in TIMES], axis=1).astype(float))
    for column in found.T:
        assert stats.kstest(column, law.cdf).pvalue > 1e-3
    scores = stats.norm.ppf(law.cdf(found))
    np.testing.assert_allclose(np.corrcoef(scores.T), wanted, atol=0.04)


def test_a_wrong_law_would_be_noticed() -> None:
    law = stats.gumbel_r(-1.5, 0.1)
    drawn = sample(
        plain(8000, np.random.default_rng(1)),
        np.random.default_rng(2),
        learned=planted(stats.norm(law.mean(), law.std()), np.eye(5)),
    )
    assert stats.kstest(np.log(drawn.pr.astype(float)), law.cdf).pvalue < 1e-6


def test_the_same_stream_gives_the_same_bytes(community: Heart) -> None:
    heart = community.take(np.arange(30))
    one, two = (waves(heart, np.random.default_rng(4)) for _ in range(2))
    other = waves(heart, np.random.default_rng(5))
    assert all(np.array_equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(Waves))
    assert not np.array_equal(one.qrs, other.qrs)
    np.testing.assert_array_equal(one.take(np.array([3, 1])).t, one.t[[3, 1]])


@pytest.mark.parametrize("group", GROUPS)
def test_drives_are_standard_within_their_group(group: str, community: Heart) -> None:
    d = drives(community.take(np.flatnonzero(community.group == group)))
    named = [("voltage", MASS), ("repolarisation", STRESS), ("size", SCAR)]
    for drive in [getattr(d, name) for name, law in named if group in law]:
        error = 4 / np.sqrt(len(drive))
        assert abs(drive.mean()) < 0.1 + error
        assert abs(drive.std() - 1) < 0.2 + error
    assert len(d.table()) == len(d)


def changed(heart: Heart, **values: object) -> tuple[Waves, Waves]:
    """Return the waves of hearts as they are and with some values changed, by the same chance."""
    n = len(heart)
    other = replace(heart, **{k: np.full(n, v, getattr(heart, k).dtype) for k, v in values.items()})
    return waves(heart, np.random.default_rng(6)), waves(other, np.random.default_rng(6))


def leads(w: Waves) -> np.ndarray:
    """Return one beat of each person in twelve leads, by name, [n, 500] at 500 Hz; QRS at 0.4 s."""
    y = beats(w, regular(len(w), rr=9.0, seconds=1.0), 500, 1.0)
    named = {lead: y[:, i] for lead, i in AT.items()}
    one, two = named["I"], named["II"]
    return named | {"III": two - one, "aVL": one - two / 2, "aVF": two - one / 2}


def test_a_heavier_heart_is_louder(community: Heart) -> None:
    heart = some(community, "NORM")
    before, after = changed(heart, mass=1.0)  # so light that every drive is at its end
    assert (
        np.linalg.norm(after.qrs, axis=(1, 2)).mean()
        < np.linalg.norm(before.qrs, axis=(1, 2)).mean()
    )


def test_voltage_follows_mass_weakly(community: Heart) -> None:
    heart = some(community, "NORM", 3000)
    y = leads(waves(heart, np.random.default_rng(0)))
    sokolow = -y["V1"].min(axis=1) + np.maximum(y["V5"].max(axis=1), y["V6"].max(axis=1))
    assert 0.05 < stats.pearsonr(np.log(heart.mass), sokolow).statistic < 0.45


@pytest.mark.parametrize(("group", "lead"), [("AMI", "V3"), ("IMI", "III")])
def test_a_larger_infarct_takes_more_of_r(group: str, lead: str, community: Heart) -> None:
    small, large = (changed(some(community, group), infarct_size=v)[1] for v in (0.05, 0.5))
    qrs = slice(170, 230)
    one, two = (leads(w)[lead][:, qrs].max(axis=1).mean() for w in (small, large))
    assert two < one - 0.03


RISES = [
    ("AMI", ANTERIOR, "V3", "III"),
    ("IMI", INFERIOR, "III", "aVL"),
    ("other", LATERAL, "aVL", "III"),
]


@pytest.mark.parametrize(("group", "territory", "up", "down"), RISES)
def test_an_acute_infarct_lifts_st_in_its_territory(
    group: str, territory: int, up: str, down: str, community: Heart
) -> None:
    heart = some(community, group)
    heart = heart.take(np.flatnonzero(heart.infarct == territory))
    old, new = (leads(changed(heart, acute=value)[1]) for value in (False, True))
    st = slice(250, 270)  # 100 to 140 ms after the middle of QRS
    assert (new[up] - old[up])[:, st].mean() > 0.08
    assert (new[down] - old[down])[:, st].mean() < -0.03


def test_a_lateral_infarct_has_q_in_the_left_arm(community: Heart) -> None:
    heart = some(community, "other")
    heart = heart.take(np.flatnonzero(heart.infarct == LATERAL))
    with_it, without = (leads(changed(heart, infarct=value)[1]) for value in (LATERAL, 0))
    early = slice(176, 196)
    for lead in ("I", "aVL", "V6"):
        assert (with_it[lead] - without[lead])[:, early].min(axis=1).mean() < -0.05


def test_ischaemia_flattens_t_and_strain_turns_it(community: Heart) -> None:
    after = slice(300, 400)
    heart = some(community, "other")
    calm, ill = (leads(changed(heart, ischaemia=value)[1]) for value in (0.6, 2.5))
    assert (ill["V5"] - calm["V5"])[:, after].mean() < -0.02
    heart = some(community, "LVH")
    calm, ill = (leads(changed(heart, strain=value)[1]) for value in (0.0, 2.5))
    assert (ill["V6"] - calm["V6"])[:, after].mean() < -0.05
    assert np.median(ill["I"][:, after].mean(axis=1)) < 0


def test_low_voltage_is_half_the_voltage(community: Heart) -> None:
    loud, quiet = (changed(some(community, "AMI", 50), low_voltage=v)[1] for v in (False, True))
    np.testing.assert_allclose(quiet.qrs, loud.qrs / 2, atol=1e-4)


def test_conduction_decides_the_width(community: Heart) -> None:
    left = waves(some(community, "CLBBB"), np.random.default_rng(0))
    right = waves(some(community, "CRBBB"), np.random.default_rng(0))
    assert np.quantile(left.qrs_ms, 0.1) > 120
    assert 140 < np.median(left.qrs_ms) < 175
    assert 120 < np.median(right.qrs_ms) < 150
    assert left.qrs_ms.max() < 195
    narrow, delayed = changed(some(community, "NORM"), conduction=4)
    assert np.median(narrow.qrs_ms) < 95
    assert 112 < np.median(delayed.qrs_ms) < 124  # every second one reaches 120 ms, about
    strong, weak = (changed(some(community, "AMI"), ef=value)[1] for value in (0.6, 0.2))
    assert 1.01 < np.median(weak.qrs_ms / strong.qrs_ms) < 1.10


def test_a_left_block_falls_in_v1_and_a_right_one_rises(community: Heart) -> None:
    qrs = slice(150, 250)
    left = leads(waves(some(community, "CLBBB"), np.random.default_rng(0)))["V1"][:, qrs]
    right = leads(waves(some(community, "CRBBB"), np.random.default_rng(0)))["V1"][:, qrs]
    assert (left.sum(axis=1) < 0).mean() > 0.95
    assert np.median(left.max(axis=1)) < 0.35
    assert (right.max(axis=1) > -right.min(axis=1)).mean() > 0.6


def test_fibrillation_has_no_p(community: Heart) -> None:
    heart = community.take(np.flatnonzero(community.af)[:200])
    assert not waves(heart, np.random.default_rng(0)).p.any()


def test_nothing_but_the_drives_reaches_the_waves(community: Heart) -> None:
    heart = some(community, "NORM", 50)
    d = drives(heart)
    one = waves(heart, np.random.default_rng(3))
    two = sample(d, np.random.default_rng(3))
    assert all(np.array_equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(Waves))
    unheard, _ = changed(
        replace(heart, filling=heart.filling + 5, edv=heart.edv + 9), diabetes=True
    )
    np.testing.assert_array_equal(unheard.qrs, waves(heart, np.random.default_rng(6)).qrs)


def test_the_table_is_small_and_plain() -> None:
    assert TABLE.stat().st_size < 300_000
    with np.load(TABLE, allow_pickle=False) as table:
        assert {a.dtype for a in table.values()} == {np.dtype(np.float32)}
        assert all(np.isfinite(a).all() for a in table.values())
    levels = shipped().quantiles
    assert (np.diff(levels, axis=1) >= -1e-6).all()
