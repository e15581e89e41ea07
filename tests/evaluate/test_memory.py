"""Memory: against scikit-learn, and on the real pages where copies make it look like skill."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.neighbors import KNeighborsClassifier

from hfgnn.evaluate import memory
from hfgnn.evaluate.leakage import leakage
from hfgnn.evaluate.memory import nearest, neighbour_accuracy


def remembered(pixels: np.ndarray, labels: np.ndarray, test: np.ndarray) -> float:
    known, asked = np.flatnonzero(~test), np.flatnonzero(test)
    return neighbour_accuracy(pixels, labels, known=known, asked=asked)


@pytest.mark.parametrize("block", [1, 500, 2**26])
def test_the_nearest_is_scikit_learns(monkeypatch, block):
    monkeypatch.setattr(memory, "BLOCK", block)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (120, 9, 7), dtype=np.uint8)
    pixels[80:] = pixels[:40]  # exact copies, whose classes agree
    classes = rng.choice(["a", "b", "c"], 80)[np.r_[:80, :40]]
    test = rng.random(120) < 0.3
    model = KNeighborsClassifier(1, algorithm="brute").fit(
        pixels[~test].reshape(-1, 63).astype(float), classes[~test]
    )
    wanted = model.score(pixels[test].reshape(-1, 63).astype(float), classes[test])
    assert remembered(pixels, classes, test) == wanted


def test_nobody_is_their_own_neighbour():
    pixels = np.array([[0.0], [1.0], [5.0]])
    every = np.arange(3)
    assert nearest(pixels, every, every).tolist() == [1, 0, 1]
    with pytest.raises(ValueError, match="give one or more for training"):
        nearest(pixels, every[:0], every)


def test_bright_pages_do_not_drown_small_differences():
    """Far from zero, float32 would lose what tells pages apart, were the mean not taken off."""
    rng = np.random.default_rng(1)
    pixels = 1e4 + rng.standard_normal((60, 2000))
    pixels[30:] = pixels[:30] + 0.3 * rng.standard_normal((30, 2000))
    found = nearest(pixels, np.arange(30), np.arange(30, 60))
    assert np.array_equal(found, np.arange(30))


@pytest.mark.data
@pytest.mark.slow
def test_copies_make_a_memory_of_pixels_look_like_a_cardiologist(real_data):
    """Five splits, a fifth tested: by file, and of unique pages, on pages of 224 x 224 pixels."""
    folder = real_data / "ecg-pages"
    files = pd.read_csv(folder / "pages.csv")
    pages = files.drop_duplicates("page").reset_index(drop=True)
    pixels = []
    for name in pages["page"]:
        image = Image.open(folder / name)
        image.draft("L", (552, 392))
        pixels.append(np.asarray(image.convert("L").resize((224, 224), Image.Resampling.LANCZOS)))
    unique = np.stack(pixels)
    rows = pd.Index(pages["page"]).get_indexer(files["page"])
    assert (len(files), len(pages)) == (2618, 437)
    rng, labels = np.random.default_rng(0), pages["class"].to_numpy(dtype=str)
    by_file, by_page, shown = [], [], []
    for _ in range(5):
        test = rng.random(len(files)) < 0.2
        by_file.append(remembered(unique[rows], labels[rows], test))
        shown.append(leakage(rows, np.where(test, "test", "train"))["test"].share)
        by_page.append(remembered(unique, labels, rng.random(len(pages)) < 0.2))
    assert np.mean(shown) > 0.975
    assert np.mean(by_file) > 0.98
    assert 0.45 < np.mean(by_page) < 0.60
    assert (labels == "Abnormal").mean() == pytest.approx(0.462, abs=5e-4)
