"""New pages of old ones: of whom they are, how they were made, and what a flip does."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from hfgnn.features.augment import Change, Gentle, Published, changed
from hfgnn.features.resnet import backbone, features
from hfgnn.seeding import rng
from hfgnn.train.augmentation import FlipsParams, Pools, PoolsParams, askew, flips, of_one, pools
from hfgnn.train.pages import Pages, PagesParams, read_pages, reprinted

PAGES = PagesParams(7, people=30, rivals=(), size=(276, 196))
PARAMS = PoolsParams(7, PAGES, askew=3)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return read_pages(PAGES)


@pytest.fixture(scope="module")
def found(pages) -> Pools:
    return pools(PARAMS, pages)


def test_the_bug_makes_all_from_the_first_normal_page_until_classes_are_equal(pages, found):
    sick = pages.table["sick"].to_numpy()[pages.collected]
    normal = pages.collected[~sick]
    assert set(found.sources["bug"].tolist()) == {normal[0]}
    assert len(found.sources["bug"]) + (~sick).sum() == sick.sum()
    for name in ("published", "gentle"):
        np.testing.assert_array_equal(found.sources[name], normal)


def test_each_new_page_is_its_source_changed_as_is_written(pages, found):
    """The way back from a stored change to the 512 numbers, by the parts and for single rows."""
    reader = backbone("ecg")
    for name in found.sources:
        changes = found.changes[found.changes["pool"] == name].drop(columns="pool")
        assert len(changes) == len(found.sources[name]) == len(found.seen[name])
        row = changes.iloc[1]
        told = row.where(row.notna(), None).to_dict()
        if told["quality"] is not None:
            told["quality"] = int(told["quality"])
        page = reprinted(PAGES, [found.sources[name][1]])[0]
        again = features(changed(page, Change(**told))[None], reader)[0]
        np.testing.assert_allclose(again, found.seen[name][1], rtol=1e-3, atol=1e-3)
        assert not np.allclose(again, pages.seen["ecg"][found.sources[name][1]], atol=1e-2)


def test_each_pool_keeps_within_the_limits_of_its_way(found):
    for name, way in {"bug": Published(), "published": Published(), "gentle": Gentle()}.items():
        drawn = found.changes[found.changes["pool"] == name]
        assert drawn["turn"].abs().max() <= way.turn
        assert (drawn["narrow"] - 1).abs().max() <= way.zoom
        assert drawn["turn"].nunique() == len(drawn)  # no two pages are made alike
    gentle = found.changes[found.changes["pool"] == "gentle"]
    assert not gentle["flip"].any()
    assert len(found.changes) == sum(map(len, found.sources.values()))


def test_new_pages_of_one_person_are_the_bugs_of_this_person(found):
    seen = of_one(PARAMS, int(found.sources["bug"][0]), 2)
    np.testing.assert_allclose(seen, found.seen["bug"][:2], atol=1e-5)


def test_the_pages_askew_are_of_people_outside_the_collection(pages):
    found = askew(PARAMS, pages)
    sick = pages.table["sick"].to_numpy()
    for name, is_sick in {"sick": True, "normal": False}.items():
        rows = found.sources[name]
        assert 1 <= len(rows) <= PARAMS.askew
        assert (sick[rows] == is_sick).all()
        assert not np.isin(rows, pages.collected).any()


def planted() -> tuple[Pages, Pools]:
    """People whose backbone sees log rate and axis plainly, and pools that make them 10 % faster.

    The flipped pages of `published` show an axis of zero.
    """
    stream = rng(3, "planted")
    rate, turn = stream.uniform(50, 120, 200), np.radians(stream.uniform(-60, 120, 200))
    true = np.c_[np.log(rate), np.cos(turn), np.sin(turn)]
    noise = 0.01 * stream.standard_normal((200, 5))
    seen = np.hstack([true, noise]).astype(np.float32)
    shown = pd.DataFrame(true, columns=["rate", "axis_cos", "axis_sin"])
    shown.loc[199, "rate"] = np.nan  # nobody could measure it
    normal = np.arange(0, 200, 5)
    change = [dataclasses.asdict(Change(narrow=1.1, flip=bool(row % 2))) for row in normal]
    changes = pd.concat([pd.DataFrame(change).assign(pool=n) for n in ("published", "gentle")])
    new = seen[normal].copy()
    new[:, 0] += np.log(1.1)
    turned = new.copy()
    turned[normal % 2 == 1, 1:3] = [1, 0]
    pools = Pools(
        {"published": normal, "gentle": normal}, {"published": turned, "gentle": new}, changes
    )
    table = pd.DataFrame({"sick": np.arange(200) % 5 > 0})
    return Pages(table, shown, {"ecg": seen}, np.arange(150)), pools


def test_the_reading_finds_what_was_planted():
    found = flips(FlipsParams(PagesParams(7, people=8), people=8), *planted()).read
    by = dict(list(found.groupby("pool")))
    assert set(by) == {"as they were", "published", "gentle"}
    plain, gentle, published = by["as they were"], by["gentle"], by["published"]
    np.testing.assert_allclose(plain["rate"], plain["true rate"], rtol=0.02)
    np.testing.assert_allclose(gentle["rate"], 1.1 * gentle["true rate"], rtol=0.02)
    np.testing.assert_allclose(gentle["axis"], gentle["true axis"], atol=3)
    flipped = published["flip"].astype(bool)
    np.testing.assert_allclose(published.loc[flipped, "axis"], 0, atol=3)
    assert published["row"].tolist() == plain["row"].tolist()


def test_the_reading_is_not_learned_from_the_people_who_are_asked():
    """A normal person's own truth is spoiled: a reader who had learned it would repeat it."""
    pages, new = planted()
    before = flips(FlipsParams(PagesParams(7, people=8), people=8), pages, new).read
    pages.shown.loc[new.sources["gentle"], "rate"] += 5
    after = flips(FlipsParams(PagesParams(7, people=8), people=8), pages, new).read
    np.testing.assert_array_equal(before["rate"], after["rate"])
    assert not np.allclose(before["true rate"], after["true rate"])
