"""The audits: each planted leak is seen by its own and by no other, and a clean twin by none."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from hfgnn.evaluate.leakage import Scaling, audit, edges, leakage, rows, scaler, twins

N, D = 240, 7
AUDITS = ["rows", "scaler", "twins", "edges"]


@dataclass(frozen=True)
class Setting:
    """Everything that was used: by default with nothing wrong."""

    x: np.ndarray
    split: np.ndarray
    ids: np.ndarray
    groups: np.ndarray
    fitted: np.ndarray  # rows that the scaler saw
    edge_index: np.ndarray

    @property
    def scaling(self) -> Scaling:
        scaler = StandardScaler().fit(self.x[self.fitted])
        return Scaling(scaler.mean_, scaler.scale_)

    def audited(self):
        return audit(
            self.x,
            self.split,
            ids=self.ids,
            scaling=self.scaling,
            groups=self.groups,
            edge_index=self.edge_index,
        )


def clean(seed: int = 0) -> Setting:
    """Persons with two pages each, whole on one side; who is judged hears training nodes only."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(N // 2), 2)
    split = np.repeat(rng.permutation(np.repeat(["train", "val", "test"], [72, 24, 24])), 2)
    x = rng.lognormal(size=(N, D)) * 10.0 ** np.arange(-3, 4) + 3
    x[:, 2] = 5.0  # a feature that never varies
    train = np.flatnonzero(split == "train")
    loops = np.tile(np.arange(N), (2, 1))
    edges = np.stack([rng.choice(train, 5 * N), np.repeat(np.arange(N), 5)])
    ids = np.array([f"{row:06d}" for row in range(N)])
    return Setting(x, split, ids, groups, train, np.hstack([edges, loops]))


def one(split: np.ndarray, side: str, at: int = 0) -> int:
    return int(np.flatnonzero(split == side)[at])


def same_values(s: Setting) -> Setting:
    """The values of three test rows are copied over training rows, which keep their names."""
    x = s.x.copy()
    for k in range(3):
        x[one(s.split, "train", k)] = x[one(s.split, "test", 2 * k)]  # of three persons
    return replace(s, x=x)


def same_id(s: Setting) -> Setting:
    """A test row is there once more for training, with other noise, and its person is, too."""
    ids, groups = s.ids.copy(), s.groups.copy()
    known, judged = one(s.split, "train"), one(s.split, "val")
    ids[known], groups[known] = ids[judged], groups[judged]
    groups[judged + 1] = N  # the person's other page is another person's
    return replace(s, ids=ids, groups=groups)


def fitted_on_all(s: Setting) -> Setting:
    return replace(s, fitted=np.arange(N))


def fitted_on_one_more(s: Setting) -> Setting:
    return replace(s, fitted=np.append(s.fitted, one(s.split, "test")))


def twin_across(s: Setting) -> Setting:
    """One of a test person's two pages is for training."""
    groups = s.groups.copy()
    groups[one(s.split, "train")] = groups[one(s.split, "test")]
    return replace(s, groups=groups)


def _wired(s: Setting, source: int, target: int) -> Setting:
    return replace(s, edge_index=np.hstack([s.edge_index, [[source], [target]]]))


def between_judged(s: Setting) -> Setting:
    return _wired(s, one(s.split, "test"), one(s.split, "test", 1))


def into_training(s: Setting) -> Setting:
    return _wired(s, one(s.split, "test"), one(s.split, "train"))


def validation_to_test(s: Setting) -> Setting:
    return _wired(s, one(s.split, "val"), one(s.split, "test"))


PLANTED: list[tuple[Callable[[Setting], Setting], str, int, str]] = [
    (same_values, "rows", 3, "3 of 96 judged rows are in training"),
    (same_id, "rows", 1, "1 of 96 judged rows are in training"),
    (fitted_on_all, "scaler", 6, "6 of 7 features .*: 6 by all rows, 0 by neither"),
    (fitted_on_one_more, "scaler", 6, "6 of 7 features .*: 0 by all rows, 6 by neither"),
    (twin_across, "twins", 2, "2 of 96 judged items have a twin in training, in 1 groups"),
    (between_judged, "edges", 1, "1 of 1441 .*: 1 to another judged node, 0 to a training node"),
    (into_training, "edges", 1, "1 of 1441 .*: 0 to another judged node, 1 to a training node"),
    (validation_to_test, "edges", 1, "1 to another judged node, 0 to a training node"),
]


@pytest.mark.parametrize("seed", range(5))
def test_a_clean_set_up_passes(seed):
    found = clean(seed).audited()
    assert found.index.tolist() == AUDITS
    assert found["clean"].all()
    assert (found["leaked"] == 0).all()
    assert found["of"].tolist() == [96, D, 96, 6 * N]


@pytest.mark.parametrize(("plant", "audit", "leaked", "words"), PLANTED)
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_leak_is_seen_by_its_audit_and_by_no_other(plant, audit, leaked, words, seed):
    found = plant(clean(seed)).audited()
    assert found.index[~found["clean"]].tolist() == [audit]
    assert found.loc[audit, "leaked"] == leaked
    assert re.search(words, found.loc[audit, "words"])


def test_all_at_once_are_all_seen():
    s = clean()
    for plant in (same_values, twin_across, between_judged, into_training, fitted_on_all):
        s = plant(s)
    assert not s.audited()["clean"].any()


def test_only_what_is_given_is_audited():
    s = clean()
    assert audit(s.x, s.split).index.tolist() == ["rows"]
    assert audit(s.x, s.split, groups=s.groups).index.tolist() == ["rows", "twins"]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_scaler_of_either_precision_is_believed(kind):
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(2000, 40)) * 3 + 20).astype(kind)
    split = np.where(rng.random(2000) < 0.2, "test", "train")
    train = split == "train"
    scaling = Scaling(x[train].mean(axis=0), x[train].std(axis=0))
    assert scaler(scaling, x, split).clean
    whole = scaler(Scaling(x.mean(axis=0), x.std(axis=0)), x, split)
    assert whole.leaked == 40
    wide = scaler(Scaling(x[train].mean(axis=0), x.std(axis=0)), x, split)
    assert wide.leaked > 30  # a right mean does not excuse a foreign scale


def test_zero_is_zero_whatever_its_sign_and_pages_are_rows():
    split = ["train", "test"]
    assert rows([[0.0, 1.0], [-0.0, 1.0]], split).leaked == 1
    pages = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    assert rows(pages, split).leaked == 1
    pages[1, 3, 3, 2] = 1
    assert rows(pages, split).clean


PARTS = st.sampled_from(["train", "val", "test"])


def mixed(parts: list[str]) -> bool:
    return "train" in parts and set(parts) != {"train"}


@given(st.lists(PARTS, min_size=2, max_size=9).filter(mixed), st.data())
def test_edges_are_counted_as_by_a_loop(split, data):
    node = st.integers(0, len(split) - 1)
    pairs = data.draw(st.lists(st.tuples(node, node), max_size=20))
    wanted = 0
    for source, target in pairs:
        wanted += split[source] != "train" and source != target
    found = edges(np.array(pairs, dtype=int).reshape(-1, 2).T, split)
    assert (found.leaked, found.of, found.clean) == (wanted, len(pairs), wanted == 0)


@given(st.lists(st.tuples(PARTS, st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_rows_and_twins_are_counted_as_by_a_loop(items):
    split = [part for part, _, _ in items]
    if not mixed(split):
        with pytest.raises(ValueError, match="some rows for training and some judged"):
            rows(np.zeros((len(items), 1)), split)
        return
    trained = [(x, group) for part, x, group in items if part == "train"]
    judged = [(x, group) for part, x, group in items if part != "train"]
    there = [x in {x for x, _ in trained} for x, _ in judged]
    twin = [group in {group for _, group in trained} for _, group in judged]
    x, groups = np.array([[x] for _, x, _ in items]), [group for _, _, group in items]
    found = audit(x, split, groups=groups)
    assert found.loc["rows", "leaked"] == sum(there)
    alone = [t for t, same in zip(twin, there, strict=True) if not same]
    assert found.loc["twins", "leaked"] == sum(alone)
    assert found.loc["twins", "of"] == len(alone)
    assert twins(groups, split).leaked == sum(twin)


def test_what_does_not_fit_is_refused():
    s = clean()
    with pytest.raises(ValueError, match="240 rows and 239 parts"):
        rows(s.x, s.split[1:])
    with pytest.raises(ValueError, match="3 ids and 240 parts"):
        rows(s.x, s.split, ["a", "b", "c"])
    with pytest.raises(ValueError, match="239 groups"):
        twins(s.groups[1:], s.split)
    with pytest.raises(ValueError, match="sources first, from 0"):
        edges([[0], [N]], s.split)
    with pytest.raises(ValueError, match="sources first"):
        edges(np.zeros((5, 2), dtype=int), s.split)
    with pytest.raises(ValueError, match="of 2 items 2 are for 'train'"):
        rows([[1], [2]], ["train", "train"])


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from(["train", "val", "test"])), min_size=1
    ).filter(lambda items: any(part == "train" for _, part in items))
)
def test_what_training_held_is_what_a_loop_finds(items):
    found = leakage([g for g, _ in items], [p for _, p in items])
    learned = {g for g, p in items if p == "train"}
    for name in {p for _, p in items} - {"train"}:
        own = [g for g, p in items if p == name]
        known = [g for g in own if g in learned]
        leak = found[name]
        assert (leak.items, leak.known, leak.groups) == (len(own), len(known), len(set(known)))
        assert leak.share == len(known) / len(own)


def test_groups_and_parts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="some item has to be for training"):
        leakage([1, 2], ["test", "test"])
    with pytest.raises(ValueError, match="3 groups, and 2 parts"):
        leakage([1, 2, 3], ["train", "test"])
