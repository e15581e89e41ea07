"""A stage is made once for each key, and its key holds all that its result depends on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.stage import Stage, Workshop
from hfgnn.train.controls import RivalsParams, rivals


@dataclass(frozen=True)
class Params:
    """How many."""

    count: int = 3


@dataclass(frozen=True)
class Row:
    """Numbers."""

    values: np.ndarray


made: list[str] = []


def draw(params: Params) -> Row:
    """Count from nought."""
    made.append("draw")
    return Row(np.arange(params.count))


def double(params: Params, row: Row) -> Row:
    """Repeat each number."""
    made.append("double")
    return Row(np.repeat(row.values, params.count))


def add(params: Params, one: Row, two: Row) -> Row:
    """Put two rows one behind the other, in the order of `needs`."""
    made.append("add")
    return Row(np.concatenate([one.values, two.values]))


@pytest.fixture
def shop(here: Places) -> Workshop:
    """Return a diamond: sum needs twice and thrice, which need row."""
    made.clear()
    data = here.root / "Daten 1" / "in.csv"
    data.parent.mkdir()
    data.write_text("1\n")
    return workshop(
        here,
        Stage("row", draw, Params(), inputs=(data,)),
        Stage("twice", double, Params(2), needs=("row",)),
        Stage("thrice", double, Params(3), needs=("row",)),
        Stage("sum", add, Params(), needs=("thrice", "twice")),
        Stage("apart", draw, Params(9)),
    )


def workshop(here: Places, *stages: Stage) -> Workshop:
    return Workshop({stage.name: stage for stage in stages}, here)


def changed(shop: Workshop, **stages: Stage) -> Workshop:
    return Workshop(dict(shop.stages) | stages, shop.places)


def keys(shop: Workshop) -> dict[str, str]:
    return {name: shop.entry(name).key for name in shop.stages}


def touched(shop: Workshop, other: Workshop) -> set[str]:
    before, after = keys(shop), keys(other)
    return {name for name in before if before[name] != after[name]}


BELOW_ROW = {"row", "twice", "thrice", "sum"}


def test_what_is_needed_comes_first_and_once(shop: Workshop) -> None:
    assert shop.order(["sum"]) == ["row", "thrice", "twice", "sum"]
    assert shop.order(["apart", "twice"]) == ["apart", "row", "twice"]
    assert shop.order([]) == []


def test_a_result_is_made_with_all_it_needs_and_then_read(shop: Workshop) -> None:
    assert shop.missing(["sum"]) == ["row", "thrice", "twice", "sum"]
    expected = [0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(shop.load("sum").values, expected)
    assert sorted(made) == ["add", "double", "double", "draw"]
    assert shop.missing(["sum"]) == []
    np.testing.assert_array_equal(shop.load("sum").values, expected)
    assert len(made) == 4


def test_damage_upstream_is_seen_before_the_work_starts(shop: Workshop) -> None:
    """A damaged stage is made by itself, with its own threads, not inside the next one."""
    shop.make("sum")
    (shop.entry("row").folder / "values.npy").write_bytes(b"\x93NUMPY")
    assert shop.missing(["sum"]) == ["row"]
    np.testing.assert_array_equal(shop.load("row").values, [0, 1, 2])
    assert shop.missing(["sum"]) == []


def test_a_parameter_changes_its_stage_and_those_below(shop: Workshop) -> None:
    assert touched(shop, changed(shop)) == set()
    row, thrice = shop.stage("row"), shop.stage("thrice")
    assert touched(shop, changed(shop, row=replace(row, params=Params(4)))) == BELOW_ROW
    other = changed(shop, thrice=replace(thrice, params=Params(4)))
    assert touched(shop, other) == {"thrice", "sum"}


def test_threads_and_maker_and_needs_are_in_the_key_but_not_the_guessed_time(
    shop: Workshop,
) -> None:
    row, total = shop.stage("row"), shop.stage("sum")
    assert touched(shop, changed(shop, row=replace(row, threads=2))) == BELOW_ROW
    assert touched(shop, changed(shop, row=replace(row, seconds=99.0))) == set()
    assert touched(shop, changed(shop, sum=replace(total, make=double))) == {"sum"}
    turned = replace(total, needs=("twice", "thrice"))
    assert touched(shop, changed(shop, sum=turned)) == {"sum"}


def test_the_content_of_an_input_file_counts_not_its_folder_or_time(
    shop: Workshop, afresh: Callable[[], None]
) -> None:
    row = shop.stage("row")
    (data,) = row.inputs
    moved = data.parent.parent / data.name
    moved.write_bytes(data.read_bytes())
    before = keys(shop)
    assert touched(shop, changed(shop, row=replace(row, inputs=(moved,)))) == set()
    data.write_text("2\n")
    afresh()
    assert {name for name, key in keys(shop).items() if key != before[name]} == BELOW_ROW


def test_input_files_of_one_name_all_count(
    shop: Workshop, tmp_path: Path, afresh: Callable[[], None]
) -> None:
    files = tuple(tmp_path / folder / "labels.csv" for folder in ("train", "test"))
    for file in files:
        file.parent.mkdir()
        file.write_text("a\n")
    both = changed(shop, row=replace(shop.stage("row"), inputs=files))
    seen = {keys(both)["row"]}
    for file in files:
        file.write_text("b\n")
        afresh()
        seen.add(keys(both)["row"])
        file.write_text("a\n")
    assert len(seen) == 3


def test_the_lock_is_in_every_key(shop: Workshop, afresh: Callable[[], None]) -> None:
    before = keys(shop)
    shop.places.lock.write_text("numpy==3\n")
    afresh()
    after = keys(shop)
    assert all(before[name] != after[name] for name in before)


def test_the_code_that_the_maker_reaches_is_in_the_key_and_no_other(
    copy: Path, afresh: Callable[[], None]
) -> None:
    shop = workshop(Places(copy, copy / "_build"), Stage("rivals", rivals, RivalsParams(1)))
    before = shop.entry("rivals").key

    def after(module: str) -> str:
        path = copy / "hfgnn" / module
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\nEXTRA = 1\n", encoding="utf-8")
        afresh()
        key = shop.entry("rivals").key
        path.write_text(text, encoding="utf-8")
        afresh()
        return key

    for reached in ("train/controls.py", "world/clinical.py", "seeding.py", "train/__init__.py"):
        assert after(reached) != before, reached
    for apart in ("cli/book.py", "pipeline/site.py", "ledger/desk.py", "plots/style.py"):
        assert after(apart) == before, apart


def test_a_stage_that_is_not_there_is_named_with_those_that_are(shop: Workshop) -> None:
    with pytest.raises(BuildError, match=r"'rows' is not known.*apart, row, sum, thrice, twice"):
        shop.load("rows")
    broken = changed(shop, row=replace(shop.stage("row"), needs=("gone",)))
    with pytest.raises(BuildError, match="'gone' is not known"):
        broken.missing(["sum"])


def test_a_ladder_of_diamonds_is_ordered_in_no_time(here: Places) -> None:
    """Each stage needs the two before: the ways through double at every step."""
    names = [f"s{number}" for number in range(16)]
    stages = [
        Stage(name, draw, Params(), needs=tuple(names[max(0, at - 2) : at]))
        for at, name in enumerate(names)
    ]
    assert workshop(here, *stages).order([names[-1]]) == names
