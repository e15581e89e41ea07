"""The album: one person of each kind, who shows it and not something worse."""

import numpy as np
import pytest

from hfgnn.train.album import AlbumParams, album, kinds
from hfgnn.world.population import heart_of


@pytest.fixture(scope="module")
def pictured():
    return album(AlbumParams(seed=11, people=2000))


def test_everyone_shows_what_is_written_beside_them(pictured):
    who = kinds(pictured)
    assert list(who) == pictured.table["shown"].to_list()
    for row, name in enumerate(who):
        assert who[name][row], name
        assert sum(shows[row] for shows in who.values()) == 1, name


def test_the_normal_heart_is_normal(pictured):
    heart = heart_of(pictured.table.iloc[[0]])
    assert (heart.infarct[0], heart.conduction[0], heart.af[0]) == (0, 0, False)


def test_there_is_a_page_of_each(pictured):
    assert pictured.page.shape == (8, 393, 553, 3)
    assert pictured.page.dtype == np.uint8
    ink = (pictured.page.min(axis=3) < 90).mean(axis=(1, 2))
    assert ((ink > 0.002) & (ink < 0.4)).all()  # a trace on paper, neither blank nor black


def test_too_few_people_are_told_so():
    with pytest.raises(ValueError, match="nobody of 5 people shows"):
        album(AlbumParams(seed=11, people=5))
