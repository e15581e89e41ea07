"""The store gives back what was put in, whole, or makes it anew; never a wrong result."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from hypothesis.extra import pandas as pdst

from hfgnn.pipeline.store import Damaged, Entry, read_result, remove, sweep, write_result

ROOT = Path(__file__).resolve().parents[2]
loose = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Findings:
    """One of everything that a stage may return."""

    frame: pd.DataFrame
    array: np.ndarray
    arrays: dict[str, np.ndarray]
    scalar: float
    text: str
    pair: tuple[float, ...]
    maybe_pair: tuple[int, int] | None = None
    maybe_frame: pd.DataFrame | None = None
    maybe_arrays: dict[str, np.ndarray] | None = None
    flag: bool = False
    names: tuple[str, ...] = ()
    nested: dict[str, list[int]] | None = None


def findings(**changed: Any) -> Findings:
    usual = {
        "frame": pd.DataFrame({"x": [1.0, 2.0]}),
        "array": np.arange(3),
        "arrays": {"a": np.zeros(2)},
        "scalar": 0.1,
        "text": "µV",
        "pair": (0.25, 0.75),
    }
    return Findings(**(usual | changed))


def there_and_back(result: Findings, folder: Path) -> Findings:
    remove(folder)
    folder.mkdir()
    write_result(result, folder)
    read = read_result(Findings, folder)
    assert isinstance(read, Findings)
    return read


def assert_same(one: Any, two: Any) -> None:
    assert type(one) is type(two)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    elif isinstance(one, np.ndarray):
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two)
    elif isinstance(one, dict):
        assert list(one) == list(two)
        for name in one:
            assert_same(one[name], two[name])
    else:
        assert one == two


def assert_kept(result: Findings, folder: Path) -> None:
    read = there_and_back(result, folder)
    for field in fields(result):
        assert_same(getattr(read, field.name), getattr(result, field.name))


finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
frames = pdst.data_frames(
    [
        pdst.column("whole", dtype=np.int64),
        pdst.column("small", dtype=np.float32),
        pdst.column("real", dtype=np.float64),
        pdst.column("flag", dtype=bool),
        pdst.column("when", dtype=np.dtype("datetime64[ns]")),
    ]
)
kept_dtypes = st.sampled_from(["f4", "f8", "i1", "i8", "u1", "?", "c16", "U3", ">f8", "M8[s]"])
arrays = kept_dtypes.flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


@loose
@given(
    frame=frames,
    array=arrays,
    parts=st.dictionaries(st.sampled_from("abc"), arrays, min_size=1, max_size=3),
)
def test_frames_and_arrays_come_back_as_they_were(
    tmp_path: Path, frame: pd.DataFrame, array: np.ndarray, parts: dict[str, np.ndarray]
) -> None:
    assert_kept(findings(frame=frame, array=array, arrays=parts), tmp_path / "it")


@loose
@given(
    scalar=finite,
    text=words,
    pair=st.lists(finite).map(tuple),
    ends=st.none() | st.tuples(st.integers(), st.integers()),
    nested=st.none() | st.dictionaries(words, st.lists(st.integers())),
)
def test_plain_values_come_back_as_they_were(
    tmp_path: Path, scalar: float, text: str, pair: Any, ends: Any, nested: Any
) -> None:
    result = findings(scalar=scalar, text=text, pair=pair, maybe_pair=ends, nested=nested)
    assert_kept(result, tmp_path / "it")


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"x": []}, dtype="float64"),
        pd.DataFrame({"x": [1, 2]}, index=pd.Index(["BNP", "NYHA"], name="variable")),
        pd.DataFrame({"x": [1.0]}, index=pd.MultiIndex.from_tuples([("a", 1)], names=["k", "n"])),
        pd.DataFrame({"class": pd.Categorical(["MI", "Normal"], ["Normal", "MI"], ordered=True)}),
        pd.DataFrame({"gap": [1.0, np.nan, np.inf], "word": ["a", None, "µ"]}),
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}, index=[5, 2]),
    ],
    ids=["empty", "no rows", "named index", "two levels", "classes", "gaps", "Int64"],
)
def test_frames_of_every_kind_come_back(tmp_path: Path, frame: pd.DataFrame) -> None:
    assert_kept(findings(frame=frame, maybe_frame=frame), tmp_path / "it")


def test_what_may_be_none_comes_back_as_it_is(tmp_path: Path) -> None:
    assert_kept(findings(), tmp_path / "none")
    full = findings(maybe_arrays={"a": np.eye(2)}, maybe_pair=(1, 2), names=("a", "b"), arrays={})
    assert_kept(full, tmp_path / "full")


@pytest.mark.parametrize(
    "changed",
    [
        {"scalar": float("nan")},
        {"scalar": np.int64(3)},
        {"nested": {1: [2]}},
        {"nested": {"a": (1, 2)}},
        {"pair": ((1, 2), (3, 4))},
        {"text": {"a", "b"}},
        {"text": b"raw"},
        {"scalar": pd.Series([1.0])},
    ],
    ids=["NaN", "numpy", "keys", "inner tuple", "tuples", "set", "bytes", "series"],
)
def test_what_would_come_back_different_is_refused_by_name(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    with pytest.raises(
        TypeError, match=rf"(?s)Findings\.{next(iter(changed))} = .* cannot be stored"
    ):
        write_result(findings(**changed), tmp_path)


def test_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}, None], dtype=object)
    for changed in ({"array": objects}, {"arrays": {"a": objects}}):
        with pytest.raises(ValueError, match=r"[Oo]bject"):
            write_result(findings(**changed), tmp_path)
    write_result(findings(), tmp_path)
    np.save(tmp_path / "array.npy", objects, allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        read_result(Findings, tmp_path)


def test_two_writings_are_byte_identical(tmp_path: Path) -> None:
    written = []
    for name in "ab":
        (tmp_path / name).mkdir()
        write_result(findings(), tmp_path / name)
        written.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {"frame.parquet", "array.npy", "arrays.npz", "result.json"}


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return Entry(tmp_path / "a büild" / "store", "clinical.rivals", {"parameters": {"seed": 1}})


def build(folder: Path) -> None:
    write_result(findings(), folder)
    (folder / "results" / "tables").mkdir(parents=True)
    (folder / "results" / "tables" / "a.json").write_text("{}\n", encoding="utf-8")


def never(folder: Path) -> None:
    raise AssertionError(f"{folder} was built again")


def state(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_it_is_built_once_and_then_read(entry: Entry) -> None:
    assert not entry.whole
    assert not entry.sound
    assert entry.get(build) == (entry.folder, True)
    assert entry.get(never) == (entry.folder, False)
    assert entry.whole
    assert entry.sound
    assert entry.check() == entry.folder
    assert json.loads((entry.folder / "ingredients.json").read_text()) == entry.ingredients
    assert [path.name for path in entry.store.iterdir()] == [entry.folder.name]


def test_the_name_and_every_ingredient_are_in_the_key(entry: Entry) -> None:
    same = Entry(Path("elsewhere"), entry.name, {"parameters": {"seed": 1}})
    assert same.key == entry.key
    others = [
        Entry(entry.store, "clinical.sampled", entry.ingredients),
        Entry(entry.store, entry.name, {"parameters": {"seed": 2}}),
        Entry(entry.store, entry.name, {"parameters": {"seed": 1}, "threads": 1}),
    ]
    assert len({entry.key, *(other.key for other in others)}) == 4
    assert len({entry.folder, *(other.folder for other in others)}) == 4


def flip(path: Path, at: int) -> None:
    held = bytearray(path.read_bytes())
    held[at] ^= 0x01
    path.write_bytes(held)


def test_a_flipped_bit_anywhere_is_noticed_and_mended(entry: Entry) -> None:
    """Every file, its first, middle and last byte; the manifest byte by byte."""
    entry.get(build)
    good = state(entry.folder)
    for name, content in good.items():
        every = range(len(content) - 1) if name == "manifest.json" else (0, -1, len(content) // 2)
        for at in every:
            path = entry.folder / name
            flip(path, at)
            if name == "manifest.json" and not content[at : at + 1].strip():
                path.write_bytes(content)  # white space between: may mean the same
                continue
            with pytest.raises(Damaged):
                entry.check()
            path.write_bytes(content)
    assert entry.sound
    for name in good:
        flip(entry.folder / name, 0)
        assert entry.get(build) == (entry.folder, True)
        assert state(entry.folder) == good


@loose
@given(data=st.data())
def test_no_damage_of_any_file_goes_unnoticed(tmp_path: Path, data: st.DataObject) -> None:
    entry = Entry(tmp_path / "store", "any", {})
    good = state(entry.get(build)[0])
    name = data.draw(st.sampled_from(sorted(good)))
    damaged = data.draw(st.binary(max_size=300))
    cut = data.draw(st.integers(0, len(good[name])))
    for content in (damaged, good[name][:cut], good[name][cut:] + damaged):
        (entry.folder / name).write_bytes(content)
        means_the_same = content.strip() == good[name].strip()
        assert entry.sound == (
            content == good[name] or (name == "manifest.json" and means_the_same)
        )
    entry.get(build)
    assert state(entry.folder) == good


def lost(entry: Entry) -> None:
    (entry.folder / "frame.parquet").unlink()


def cut_short(entry: Entry) -> None:
    os.truncate(entry.folder / "manifest.json", 40)


def emptied(entry: Entry) -> None:
    (entry.folder / "manifest.json").write_text('{"files": {}}')


def no_manifest(entry: Entry) -> None:
    (entry.folder / "manifest.json").unlink()


def a_list(entry: Entry) -> None:
    (entry.folder / "manifest.json").write_text("[]")


def planted(entry: Entry) -> None:
    """A file that `read_result` would take for the value."""
    pd.DataFrame({"x": [9.0]}).to_parquet(entry.folder / "maybe_frame.parquet")


def planted_deep(entry: Entry) -> None:
    (entry.folder / "results" / "tables" / "b.json").write_text("{}")


def replaced(entry: Entry) -> None:
    remove(entry.folder)
    entry.folder.write_text("a file where a folder was")


@pytest.mark.parametrize(
    "damage",
    [lost, cut_short, emptied, no_manifest, a_list, planted, planted_deep, replaced],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_entry_is_made_anew(entry: Entry, damage: Callable[[Entry], None]) -> None:
    good = state(entry.get(build)[0])
    damage(entry)
    with pytest.raises(Damaged):
        entry.check()
    assert not entry.sound
    assert entry.get(build) == (entry.folder, True)
    assert state(entry.folder) == good


def test_a_build_that_fails_leaves_nothing(entry: Entry) -> None:
    def failing(folder: Path) -> None:
        build(folder)
        raise RuntimeError("no convergence")

    with pytest.raises(RuntimeError, match="no convergence"):
        entry.get(failing)
    assert list(entry.store.iterdir()) == []
    assert entry.get(build)[1]


def test_a_rebuild_that_fails_leaves_no_damaged_entry_to_be_read(entry: Entry) -> None:
    entry.get(build)
    lost(entry)

    def failing(folder: Path) -> None:
        raise RuntimeError("no convergence")

    with pytest.raises(RuntimeError, match="no convergence"):
        entry.get(failing)
    assert not entry.sound


def test_an_entry_can_be_read_where_nothing_can_be_written(entry: Entry) -> None:
    """A reader takes no lock: the store may be a read-only disk."""
    entry.get(build)
    remove(entry.store.parent / "locks")
    before = state(entry.store.parent)
    assert entry.get(never) == (entry.folder, False)
    assert state(entry.store.parent) == before
    assert not (entry.store.parent / "locks").exists()


PROGRAM = """
    import sys, time
    from pathlib import Path
    from hfgnn.pipeline.store import Entry

    def build(folder):
        (folder / "half").write_text("written")
        with open(sys.argv[2], "a") as log:
            log.write("built\\n")
        print("building", flush=True)
        time.sleep(float(sys.argv[3]))
        (folder / "half").write_text("whole")

    folder, made = Entry(Path(sys.argv[1]), "slow", {"seed": 1}).get(build)
    print(made, (folder / "half").read_text(), flush=True)
"""


def another(store: Path, log: Path, seconds: float) -> subprocess.Popen[str]:
    """Start a process that builds the entry called slow."""
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(store), str(log), str(seconds)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_a_killed_build_leaves_a_draft_that_is_swept_but_never_from_under_a_live_one(
    tmp_path: Path,
) -> None:
    store, log = tmp_path / "store", tmp_path / "log"
    entry = Entry(store, "slow", {"seed": 1})
    with another(store, log, 60) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "building\n"
        sweep(store)  # the child lives: its draft stays
        (draft,) = store.iterdir()
        assert draft.name.startswith(".draft-slow-")
        assert (draft / "half").read_text() == "written"
        child.send_signal(signal.SIGKILL)
    assert not entry.whole
    assert list(store.iterdir()) == [draft]
    sweep(store)
    assert list(store.iterdir()) == []
    with another(store, log, 0) as child:
        assert child.communicate()[0] == "building\nTrue whole\n"
    assert entry.sound
    assert log.read_text() == "built\n" * 2


def test_after_a_kill_the_next_build_needs_no_sweep(tmp_path: Path) -> None:
    store, log = tmp_path / "store", tmp_path / "log"
    with another(store, log, 60) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.kill()
    assert Entry(store, "slow", {"seed": 1}).get(build)[1]


def test_of_two_processes_one_builds_and_the_other_waits(tmp_path: Path) -> None:
    store, log = tmp_path / "store", tmp_path / "log"
    with another(store, log, 1) as one, another(store, log, 1) as two:
        said = sorted([one.communicate()[0], two.communicate()[0]])
    assert said == ["False whole\n", "building\nTrue whole\n"]
    assert log.read_text() == "built\n"


def test_a_draft_under_the_name_of_a_dead_process_is_no_obstacle(entry: Entry) -> None:
    """Process ids come round again, soon so in a container."""
    stale = entry.store / f".draft-{entry.folder.name}-{os.getpid()}"
    stale.mkdir(parents=True)
    (stale / "maybe_frame.parquet").write_bytes(b"half")
    entry.get(build)
    assert "maybe_frame.parquet" not in state(entry.folder)


def test_sweeping_spares_what_is_whole_and_what_is_locked(entry: Entry, tmp_path: Path) -> None:
    entry.get(build)
    other = entry.store / ".draft-other-0123-77"
    other.mkdir()
    with FileLock(entry.store.parent / "locks" / "other-0123.lock"):
        sweep(entry.store)
        assert other.is_dir()
    sweep(entry.store)
    assert list(entry.store.iterdir()) == [entry.folder]
    sweep(tmp_path / "nowhere")


def test_the_newest_other_entry_is_what_it_was_before(entry: Entry) -> None:
    assert entry.previous() is None
    entry.get(build)
    assert entry.previous() is None
    for seed in (2, 3):
        other = Entry(entry.store, entry.name, {"parameters": {"seed": seed}})
        other.get(build)
        os.utime(other.folder / "ingredients.json", ns=(seed * 10**18, seed * 10**18))
    Entry(entry.store, "clinical.rivals-2", {"parameters": {"seed": 9}}).get(build)
    assert entry.previous() == {"parameters": {"seed": 3}}
    (other.folder / "ingredients.json").write_text("{")
    os.utime(other.folder / "ingredients.json", ns=(3 * 10**18, 3 * 10**18))
    assert entry.previous() is None


def test_remove_takes_folders_files_links_and_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    link, folder, file = tmp_path / "link", tmp_path / "folder", tmp_path / "file"
    link.symlink_to(kept, target_is_directory=True)
    (folder / "deep").mkdir(parents=True)
    file.write_text("x")
    for path in (link, folder, file, tmp_path / "nothing"):
        remove(path)
    assert list(tmp_path.iterdir()) == [kept]
    assert (kept / "file").exists()
