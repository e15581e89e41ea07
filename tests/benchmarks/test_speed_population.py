"""How fast people are made, in processor time: two cores give twice as many a second."""

import time

import pytest

from hfgnn.world.population import block, population


@pytest.mark.slow
def test_people_with_signals_and_every_table(benchmark, pace):
    config = population("hospital", people=1500, seed=3)
    block(config, 0)  # tables are read once
    numbers = iter(range(1, 6))

    def made() -> float:
        started = time.process_time()
        people = block(config, next(numbers))
        return len(people) / (time.process_time() - started)

    rates = [benchmark.pedantic(made, rounds=1)] + [made() for _ in range(4)]
    assert max(rates) * pace >= 250  # a second and core: 500 on two
