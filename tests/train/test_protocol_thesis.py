"""Each decision of the thesis does what it says, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from hfgnn.evaluate.metrics import auroc
from hfgnn.features.fuse import CLINICAL
from hfgnn.graph.attach import rebuilt
from hfgnn.models.gnn import GCN, Widths
from hfgnn.seeding import rng, seed_torch
from hfgnn.train.nodes import Fitted
from hfgnn.train.protocol_thesis import (
    BIT,
    LATE,
    NEW,
    READ,
    TRAINED,
    Bench,
    Files,
    Found,
    People,
    Protocol,
)
from hfgnn.world.population import COLLECTION

COUNTS = {name: many // 4 for name, many in COLLECTION.items()}


def drawn(seed: int, counts: dict[str, int]) -> People:
    """Draw people whose pages and values tell their class, though not for sure."""
    stream, classes = rng(seed, "drawn"), np.repeat(list(counts), list(counts.values())).astype(str)
    sick = (classes != "Normal")[:, None]
    page = stream.normal(size=(len(classes), 512)) + 0.1 * sick
    five = stream.normal(size=(len(classes), len(CLINICAL))) * [0.1, 50, 1, 15, 10]
    return People(classes, page.astype(np.float32), five + 50)


KNOWN = drawn(1, COUNTS)
FIRST = int(np.flatnonzero(~KNOWN.sick)[3])
FAKES = (KNOWN.page[FIRST] + rng(2, "fakes").normal(size=(9, 512)) / 10).astype(np.float32)
FOUND = Found(KNOWN, drawn(3, dict.fromkeys(COLLECTION, 8)), FIRST, FAKES)


def streams(name: str) -> np.random.Generator:
    return rng(4, "test", name)


def files(**mended: bool) -> Files:
    return Files.of(FOUND, Protocol(**mended), streams)


def persons(made: Files, *sides: str) -> np.ndarray:
    """Return whose page each file of these sides shows; of new pages, -1."""
    at = {page.tobytes(): row for row, page in enumerate(KNOWN.page)}
    return np.array([at.get(page.tobytes(), -1) for page in made.page[made.on(*sides)]])


def test_a_set_has_the_number_whose_bits_say_what_is_sound():
    for number in range(1024):
        how = Protocol.of(number)
        assert how.number == number
        assert all(getattr(how, name) == bool(number & bit) for name, bit in BIT.items())
    assert Protocol.of(0) == Protocol()
    assert list(BIT.values()) == [2**i for i in range(10)]
    assert (0, 1023 - BIT["starts"] - BIT["null"]) == (TRAINED & READ, TRAINED | READ)


@pytest.mark.parametrize("number", [-1, 1024])
def test_a_number_of_no_set_is_refused(number):
    with pytest.raises(ValueError, match=f"set {number} is not one of 1024"):
        Protocol.of(number)


@pytest.mark.parametrize("copies", [False, True])
def test_new_pages_are_one_normals_and_make_classes_equal_before_and_after_the_split(copies):
    made = files(copies=copies)
    train, whole = made.sick[made.on("train")], made.sick[made.on("train", "val", LATE)]
    assert train.sum() == (~train).sum()
    assert whole.sum() == (~whole).sum()
    fresh = persons(made, "train", LATE) < 0
    pages = made.page[made.on("train", LATE)][fresh]
    assert {page.tobytes() for page in pages} <= {page.tobytes() for page in FAKES}
    assert not made.sick[made.on("train", LATE)][fresh].any()
    assert (persons(made, LATE) == -1).all()
    normal = persons(made, "train")[~train]
    assert normal[0] == FIRST, "the page from which new ones are made is the first in the folder"


def test_without_new_pages_the_same_files_lie_on_the_same_sides():
    with_pages, without = files(), files(pages=True)
    assert not len(without.on(LATE))
    for side in ("train", "val", "test", NEW):
        old = persons(with_pages, side)
        np.testing.assert_array_equal(old[old >= 0], (new := persons(without, side))[new >= 0])
    own = without.on("train", "val", "test")
    plain = [
        r
        for r in with_pages.on("train", "val", "test")
        if with_pages.page[r].tobytes() in {page.tobytes() for page in KNOWN.page}
    ]
    np.testing.assert_array_equal(with_pages.five[plain], without.five[own])


def test_who_validates_before_new_pages_are_made_has_no_page_of_somebody_trained_on():
    made = files(copies=True)
    assert not set(persons(made, "val")) & {*persons(made, "train"), -1}
    assert len(made.on(LATE)) > 5  # these are the first's, who is trained on
    assert FIRST in persons(made, "train")


def test_copies_put_people_on_two_sides_and_without_them_nobody_is():
    published, sound = files(), files(copies=True)
    assert len(set(persons(published, "test")) & set(persons(published, "train"))) > 20
    every = persons(sound, "train", "val", "test")
    own = np.sort(every[every >= 0])
    np.testing.assert_array_equal(own, np.arange(len(KNOWN.classes)))


def test_published_values_tell_the_label_and_sound_ones_are_the_persons():
    published, sound = files(), files(values=True)
    test = published.on("test")
    assert auroc(published.sick[test], -published.five[test, 0]) > 0.94  # of the law: .973
    whose = persons(sound, "train", "val", "test")
    whose[whose < 0] = FIRST
    np.testing.assert_array_equal(
        sound.five[sound.on("train", "val", "test")], KNOWN.measured[whose]
    )
    for made in (published, sound):
        np.testing.assert_array_equal(made.five[made.on(NEW)], FOUND.new.measured)
        np.testing.assert_array_equal(made.page[made.on(NEW)], FOUND.new.page)


def test_what_is_read_from_a_training_and_luck_deal_no_other_files():
    plain = files()
    for name in ("order", "attached", "epoch", "starts", "null", "direction", "distance"):
        other = files(**{name: True})
        for field in ("side", "sick", "page", "five"):
            np.testing.assert_array_equal(getattr(other, field), getattr(plain, field))


def bench(**mended: bool) -> Bench:
    return Bench(files(copies=True, **mended), Protocol(copies=True, **mended))


@pytest.mark.parametrize("distance", [False, True])
def test_sound_edges_come_from_ones_own_five_nearest_and_published_ones_go_to_them(distance):
    sound, published = bench(direction=True, distance=distance), bench(distance=distance)
    rows = sound.files.on("test")
    near = NearestNeighbors(n_neighbors=5).fit(sound.near[rows]).kneighbors(return_distance=False)
    wanted = {(int(j), i) for i, own in enumerate(near) for j in own}
    assert set(map(tuple, sound.alone("test").edges.T.tolist())) == wanted
    assert set(map(tuple, published.alone("test").edges.T.tolist())) == {(i, j) for j, i in wanted}


def test_equal_say_changes_who_is_near_and_no_input():
    plain, equal = bench(), bench(distance=True)
    np.testing.assert_array_equal(plain.x, equal.x)
    np.testing.assert_allclose(plain.near, plain.x, atol=1e-5)
    train = equal.files.on("train")
    np.testing.assert_allclose(equal.near[train, :512].var(axis=0).sum(), 1)
    np.testing.assert_allclose(equal.near[train, 512:].var(axis=0).sum(), 1)
    five = plain.x[train, 512:].astype(float)
    np.testing.assert_allclose([five.mean(axis=0), five.std(axis=0)], [[0] * 5, [1] * 5], atol=1e-5)


@pytest.mark.parametrize("direction", [False, True])
def test_who_is_attached_hears_training_files_by_the_graphs_own_rule_and_changes_nothing(direction):
    made = bench(direction=direction)
    many, exam = len(made.files.on("train")), made.attached("test", NEW)
    old = exam.edges[1] < many
    np.testing.assert_array_equal(exam.edges[:, old], made.train.edges)
    assert (exam.edges[0] < many).all()
    train, asked = made.near[made.files.on("train")], made.near[made.files.on("test", NEW)]
    for i, one in enumerate(asked):
        heard = set(exam.edges[0, exam.edges[1] == many + i].tolist())
        if direction:
            wanted = set(np.argsort(((train - one) ** 2).sum(axis=1))[:5].tolist())
        else:
            whole = rebuilt(train, one[None])
            wanted = set(whole[0, whole[1] == many].tolist())
        assert heard == wanted


def test_an_attached_answer_does_not_depend_on_who_else_is_asked_and_the_published_one_does():
    made = bench(direction=True)
    seed_torch(1, "some network")
    fitted = Fitted(GCN(Widths()))
    together = made.attached("val", "test", NEW).chances(fitted)
    alone = made.attached(NEW).chances(fitted)
    np.testing.assert_allclose(together[-len(alone) :], alone, atol=1e-6)
    test = made.alone("test").chances(fitted)
    fewer = replace(made.files, side=np.where(made.files.side == "test", "val", made.files.side))
    fewer.side[made.files.on("test")[:10]] = "test"
    assert np.abs(Bench(fewer, made.how).alone("test").chances(fitted) - test[:10]).max() > 1e-3
