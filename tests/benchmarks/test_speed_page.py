"""Pages a second: what two cores have to draw and encode, measured as the time of one core."""

import time

import numpy as np
import pytest

from hfgnn.seeding import rng
from hfgnn.world.page import PageStyle, jpeg, page, styles

CAPTION = {"ID": "P000123", "Sex": "female", "Age": "63 y", "Date": "2019-03-12", "Rate": "72 /min"}
ECG = np.random.default_rng(0).normal(0, 0.1, (12, 2500)).cumsum(axis=1).clip(-2, 2)


def printed(looks: tuple[PageStyle, ...]) -> int:
    return sum(len(jpeg(page(ECG, style, caption=CAPTION), style)) for style in looks)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "n", "a_second"), [((553, 393), 100, 100), ((2213, 1572), 12, 5)])
def test_two_cores_print_enough_pages_a_second(benchmark, pace, size, n, a_second):
    looks, took = styles(n, rng(2025, "speed"), size=size), []

    def timed() -> None:
        start = time.process_time()
        printed(looks)
        took.append(time.process_time() - start)

    printed(looks)
    benchmark.pedantic(timed, rounds=3)
    assert 2 * n / min(took) * pace >= a_second
