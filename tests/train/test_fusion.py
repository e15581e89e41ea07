"""How pages were printed, who is near, what each side weighs: against plain loops and by hand."""

import json
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from hfgnn.features.fuse import CLINICAL, Scaler
from hfgnn.features.resnet import ECG_SHA256, backbone, features, small
from hfgnn.train.fusion import (
    RUN_FILES,
    NearestParams,
    RunParams,
    SizesParams,
    WeightsParams,
    agreement,
    described,
    nearest,
    others,
    recorded_run,
    shared,
    sizes,
    weights,
)
from hfgnn.train.pages import Pages, PagesParams, reprinted, sheets
from hfgnn.world.page import styles
from hfgnn.world.population import block, streams

SMALL = (276, 196)
PARAMS = PagesParams(9, people=12, backbone="random", rivals=(), size=SMALL)


def test_the_record_is_that_of_the_weights_that_are_shipped():
    assert json.loads(RUN_FILES[0].read_text(encoding="utf-8"))["sha256"] == ECG_SHA256
    run = recorded_run(RunParams())
    last = run.curve.iloc[-1]
    assert run.facts["steps"] == last["step"]
    assert run.facts["hours"] == pytest.approx(last["seconds"] / 3600, abs=1e-3)
    assert run.facts["attributes"] == run.curve.shape[1] - 3


def test_sizes_are_relative_distances_of_the_same_pages():
    large = (1300, 923)  # decoded to a half
    found = sizes(SizesParams(PARAMS, people=4, large=large))
    people, net = block(PARAMS.population, 0), backbone("random")
    coded = list(sheets(PARAMS.population, people, 0, np.arange(4), large))
    a = features(np.stack([small(sheet) for sheet in coded]), net)
    b = features(np.stack([small(Image.open(BytesIO(sheet))) for sheet in coded]), net)
    c = features(reprinted(PARAMS, np.arange(4)), net)
    for i, row in enumerate(found.apart.itertuples()):
        assert row.decode == pytest.approx(np.linalg.norm(a[i] - b[i]) / np.linalg.norm(b[i]))
        assert row.size == pytest.approx(
            np.linalg.norm(c[i] - a[i]) / np.linalg.norm(a[i]), rel=1e-3
        )
        away = np.mean([np.linalg.norm(a[i] - a[j]) for j in range(4) if j != i])
        assert row.others == pytest.approx(away / np.linalg.norm(a[i]))
    assert found.apart["decode"].min() > 0
    own = sum(np.linalg.norm(a - c[i], axis=1).argmin() == i for i in range(4))
    assert found.own == own


def test_a_page_that_is_small_already_is_decoded_in_full():
    found = sizes(SizesParams(PARAMS, people=3, large=SMALL))
    np.testing.assert_array_equal(found.apart[["decode", "size"]], 0)
    assert found.own == 3


@pytest.fixture(scope="module")
def people() -> Pages:
    """Return people whose page is mostly their class, with a network that knows nothing."""
    rng = np.random.default_rng(3)
    kinds = np.array(["Normal", "MI", "Abnormal", "History_MI"])[np.arange(12) % 4]
    values = rng.normal(size=(12, 5))
    table = pd.DataFrame({"class": kinds, "sick": kinds != "Normal"})
    table["split"] = np.where(np.arange(12) < 8, "train", "test")
    for name, column in zip(("EF", "BNP", "NYHA", "SBP", "age"), values.T, strict=True):
        table[f"published_{name}"] = column
    shown = pd.DataFrame({"rate": rng.normal(size=12), "af": (np.arange(12) % 4 == 1) * 1.0})
    known = rng.normal(scale=0.1, size=(12, 512)).astype(np.float32)
    known[np.arange(12), np.arange(12) % 4] += 20
    seen = {"random": known, "ecg": rng.normal(size=(10, 512)).astype(np.float32)}
    return Pages(table, shown, seen, np.arange(10))


def test_near_pages_are_near_and_printed_as_they_were(people):
    found = nearest(NearestParams(PARAMS, k=2), people)
    np.testing.assert_array_equal(found.rows, [[1, *found.rows[0, 1:]], [0, *found.rows[1, 1:]]])
    assert sorted(found.rows[0]) == [1, 5, 9]  # the same class
    assert sorted(found.rows[1]) == [0, 4, 8]
    again = reprinted(PARAMS, found.rows[1])
    np.testing.assert_array_equal(found.pictures[1], again)
    alike = found.alike
    assert alike.loc["class", "random"] > 0.75 > alike.loc["class", "ecg"]
    assert alike.loc["af", "random"] > 0.6


def test_agreement_is_what_loops_find_and_chance_is_the_share_of_pairs(people):
    table = described(PARAMS, people)
    near = np.random.default_rng(0).integers(12, size=(12, 3))
    found = agreement(table, near)
    pairs = [(i, j) for i in range(12) for j in near[i]]
    for name in ("class", "layout", "colour"):
        same = np.mean([table[name][i] == table[name][j] for i, j in pairs])
        assert found[name] == pytest.approx(same)
    rate = np.corrcoef([[table["rate"][i] for i, _ in pairs], [table["rate"][j] for _, j in pairs]])
    assert found["rate"] == pytest.approx(rate[0, 1])
    assert found["af"] == pytest.approx(np.mean([table["af"][j] for i, j in pairs if table.af[i]]))
    chance = agreement(table, others(12))
    assert chance["class"] == pytest.approx(4 * 3 * 2 / (12 * 11))
    assert chance["rate"] == pytest.approx(-1 / 11)
    assert chance["af"] == pytest.approx(2 / 11)


def test_looks_are_those_of_each_block_also_of_the_last(people):
    params = PagesParams(9, people=255)
    many = Pages(
        pd.concat([people.table] * 22, ignore_index=True)[:255],
        pd.concat([people.shown] * 22, ignore_index=True)[:255],
        {},
        people.collected,
    )
    table = described(params, many)
    looks = styles(5, streams(params.population, 1)("page"))
    assert table["colour"].tolist()[250:] == [look.colour for look in looks]
    assert table["layout"].tolist()[250:] == [look.layout for look in looks]


def test_a_sides_share_is_its_share_of_all_squared_distances(people):
    found = weights(WeightsParams(k=3), people)
    assert found.width == 517
    rows = np.flatnonzero((people.table["split"] == "train")[people.collected])
    drawn = people.table[[f"published_{n}" for n in ("EF", "BNP", "NYHA", "SBP", "age")]]
    five = drawn.to_numpy()[people.collected]
    five = Scaler.fit(five[rows])(five)[rows]
    page = people.seen["random"][rows].astype(float)
    far = [((side[:, None] - side) ** 2).sum() for side in (page, five)]
    assert found.table.loc["random", "share"] == pytest.approx(far[0] / sum(far))
    assert found.table.loc["random", "clinical"] == pytest.approx(len(CLINICAL))


def test_the_scaler_knows_training_rows_alone_and_five_hundred_and_eleven_are_refused(people):
    before = weights(WeightsParams(k=3), people).table
    moved = people.table.copy()
    moved.loc[8:, "published_BNP"] = 1e6
    after = weights(WeightsParams(k=3), Pages(moved, *list(vars(people).values())[1:])).table
    sides = ["page", "clinical", "share"]
    np.testing.assert_array_equal(after[sides], before[sides])
    assert not after.equals(before)  # neighbours feel it
    short = {"ecg": people.seen["ecg"][:, :511]}
    with pytest.raises(ValueError, match="512"):
        weights(WeightsParams(), Pages(people.table, people.shown, short, people.collected))


def test_shared_neighbours_are_counted_whatever_their_order():
    one, other = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[3, 1, 9], [0, 0, 0]])
    assert shared(one, other) == pytest.approx(2 / 6)
    assert shared(one, one[:, ::-1]) == 1
