"""Pages of a population as numbers: the same people, and each page read by itself."""

import numpy as np
import pytest

from hfgnn.features.resnet import backbone, features, small
from hfgnn.train.pages import PagesParams, printed, read_pages
from hfgnn.world.population import block, pages, population

PARAMS = PagesParams(7, people=6, backbones=("random",), size=(276, 196))


@pytest.fixture(scope="module")
def found():
    return read_pages(PARAMS)


def test_they_are_the_populations_people_with_a_row_of_512_each(found):
    people = block(population("thesis", people=6, seed=7), 0)
    assert found.table["id"].tolist() == people.table["id"].tolist()
    assert found.seen["random"].shape == (6, 512)
    assert found.seen["random"].dtype == np.float32


def test_each_page_is_the_jpeg_that_simulate_would_write(found):
    config = population("thesis", people=6, seed=7)
    coded = list(pages(config, block(config, 0), 0, (276, 196)))
    (_, pictures) = next(printed(PARAMS))
    np.testing.assert_array_equal(pictures[4], small(coded[4]))
    alone = features(small(coded[4])[None], backbone("random"))
    np.testing.assert_allclose(alone[0], found.seen["random"][4], atol=1e-4)
