"""Pages of a population as numbers: the same people, and each page read by itself."""

import numpy as np
import pytest

from hfgnn.cohort import FS
from hfgnn.evaluate.morphology import measured
from hfgnn.features.resnet import backbone, features, small
from hfgnn.train.pages import PagesParams, collected, read_pages, reprinted
from hfgnn.world.population import COLLECTION, block, pages, population

SIZE = (276, 196)
PARAMS = PagesParams(7, people=12, backbone="random", rivals=("ecg",), size=SIZE)


@pytest.fixture(scope="module")
def found():
    return read_pages(PARAMS)


def test_they_are_the_populations_people_with_a_row_of_512_each(found):
    people = block(population("thesis", people=12, seed=7), 0)
    assert found.table["id"].tolist() == people.table["id"].tolist()
    assert found.seen["random"].shape == (12, 512)
    assert found.seen["random"].dtype == np.float32
    heart_rate = measured(people.ecg, FS)["hr"]
    np.testing.assert_allclose(np.exp(found.shown["rate"]), heart_rate, rtol=1e-5)


def test_each_page_is_the_jpeg_that_simulate_would_write(found):
    config = population("thesis", people=12, seed=7)
    coded = list(pages(config, block(config, 0), 0, SIZE))
    alone = features(small(coded[4])[None], backbone("random"))
    np.testing.assert_allclose(alone[0], found.seen["random"][4], atol=1e-4)


def test_a_page_that_is_printed_again_is_the_same_page_in_the_order_asked_for():
    params = PagesParams(7, people=300, size=SIZE)
    config = params.population
    coded = list(pages(config, block(config, 1), 1, SIZE))
    again = reprinted(params, [257, 3, 251])
    np.testing.assert_array_equal(again[0], small(coded[7]))
    np.testing.assert_array_equal(again[2], small(coded[1]))
    assert again.shape == (3, 224, 224, 3)
    assert not np.array_equal(again[1], again[0])


def test_rivals_read_the_pages_of_the_collections_people(found):
    assert found.seen["ecg"].shape == (len(found.collected), 512)
    alone = features(reprinted(PARAMS, found.collected[:2]), backbone("ecg"))
    np.testing.assert_allclose(alone, found.of_collection("ecg")[:2], rtol=1e-3, atol=1e-4)
    whole = found.seen["random"][found.collected]
    np.testing.assert_array_equal(found.of_collection("random"), whole)


def test_the_collection_has_as_many_of_each_class_as_the_public_one():
    classes = np.repeat(list(COLLECTION), [600, 600, 500, 700]).astype(str)
    rows = collected(classes)
    assert {c: int((classes[rows] == c).sum()) for c in COLLECTION} == COLLECTION
    assert len(set(rows.tolist())) == sum(COLLECTION.values())
    few = classes[::20]
    shares = [(few[collected(few)] == c).mean() for c in COLLECTION]
    assert len(collected(few)) == pytest.approx(0.6 * len(few), abs=2)
    np.testing.assert_allclose(shares, np.array(list(COLLECTION.values())) / 929, atol=0.02)
